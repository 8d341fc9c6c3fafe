"""Write ``requirements.lock``: every dependency at one version, with the hashes of its files.

Run by ``make lock`` after a change to pyproject.toml. torch is left out: its build (CPU or one of
several CUDA ones, with or without a dozen packages of its own) is the machine's choice, so it is
installed before, at the version that pyproject.toml pins.
"""

from __future__ import annotations

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
    *("--extra", "cluster", "--extra", "dev", "--extra", "identity", "--extra", "sample"),
]
HEADER = "# Made by `make lock` from pyproject.toml; `make` shows how it is installed, after torch.\n"
_LEFT_OUT = {
    "torch": "its build is the machine's choice",
    "openvino-telemetry": "it reports use over the network, and openvino works without it",
}


def main() -> None:
    """Compile, and leave out what is not for a lock."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "requirements.lock"
        if LOCK.exists():
            output.write_text(LOCK.read_text(encoding="utf-8"), encoding="utf-8")  # keeps versions that still fit
        subprocess.run([*COMPILE, "-o", str(output), "pyproject.toml"], cwd=ROOT, check=True)
        text = output.read_text(encoding="utf-8")
    for name in _LEFT_OUT:
        text, found = re.subn(rf"^{name}==.*\n(?:    --hash=.*\n)+", "", text, flags=re.MULTILINE)
        if found != 1:
            sys.exit(f"the compiled lock has no {name} to leave out")
    LOCK.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8")


if __name__ == "__main__":
    main()
