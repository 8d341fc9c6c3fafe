"""Write ``requirements.lock``: every dependency at one version, with the hashes of its files.

Run by ``make lock`` after a change to pyproject.toml. torch needs a hand: a package index may offer
a CPU build under a local version (``2.13.0+cpu``), which the lock must not demand of everybody.
The lock names the public version and accepts the hashes of both builds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
COMPILE = [
    *(sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--allow-unsafe", "--no-header"),
    *("--no-annotate", "--no-strip-extras", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"),
]
HEADER = "# Made by `make lock` from pyproject.toml; install with: pip install -r requirements.lock\n"


def main() -> None:
    """Compile, then let torch be any build of its version."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "requirements.lock"
        subprocess.run(
            [*COMPILE, "--extra", "dev", "--extra", "sample", "-o", str(output), "pyproject.toml"], cwd=ROOT, check=True
        )
        text = output.read_text(encoding="utf-8")
        text = re.sub(r"^(torch==[\d.]+)\+cpu( \\\n)", lambda match: match[1] + match[2], text, flags=re.MULTILINE)
        torch = re.search(r"^torch==[\d.]+", text, flags=re.MULTILINE)
        if torch is None:
            sys.exit("the lock has no torch")
        text = text.replace(f"{torch[0]} \\\n", f"{torch[0]} \\\n{_registry_hashes(torch[0], Path(folder))}", 1)
    LOCK.write_text(HEADER + text, encoding="utf-8")


def _registry_hashes(requirement: str, folder: Path) -> str:
    """Hash lines of the builds on the package index alone, without local folders of wheels."""
    source, output = folder / "torch.in", folder / "torch.lock"
    source.write_text(requirement)
    # An empty folder of wheels and no second index override what pip is configured with.
    environment = {**os.environ, "PIP_FIND_LINKS": str(folder / "none"), "PIP_EXTRA_INDEX_URL": ""}
    subprocess.run([*COMPILE, "--pip-args=--no-deps", "-o", str(output), str(source)], check=True, env=environment)
    pattern = rf"^{re.escape(requirement)} \\\n((?:    --hash=\S+(?: \\)?\n)+)"
    found = re.search(pattern, output.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        sys.exit(f"no hashes of {requirement} on the package index")
    return "".join(line.rstrip(" \\") + " \\\n" for line in found[1].splitlines())


if __name__ == "__main__":
    main()
