"""Write ``requirements.lock``: every dependency at one version, with the hashes of its files.

Run by ``make lock`` after a change to pyproject.toml. One file serves every Python that pyproject.toml
allows: a package that only some of them need has a marker. torch is left out: its build (CPU or one of
several CUDA ones, with or without a dozen packages of its own) is the machine's choice, so it is
installed before, at the version that pyproject.toml pins.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
CONFIGURATION = ROOT / "deploy" / "uv.toml"
NOT_LOCKED = {"gpu"}
"""Extras whose packages write over those of the others."""
HEADER = "# Made by `make lock` from pyproject.toml; `make` shows how it is installed, after torch.\n"
LEFT_OUT = {
    "torch": "its build is the machine's choice",
    "openvino-telemetry": "it reports use over the network, and openvino works without it",
}


def main() -> None:
    """Resolve for all Pythons at once; versions that still fit are kept."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = [part for name in project["optional-dependencies"] if name not in NOT_LOCKED for part in ("--extra", name)]
    oldest = project["requires-python"].removeprefix(">=").partition(",")[0]
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", oldest),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-strip-extras"),
        *[part for name in LEFT_OUT for part in ("--no-emit-package", name)],
        *("--config-file", str(CONFIGURATION), "--output-file", str(LOCK), *extras, PROJECT.name),
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    LOCK.write_text(HEADER + LOCK.read_text(encoding="utf-8").removeprefix(HEADER), encoding="utf-8")


if __name__ == "__main__":
    main()
