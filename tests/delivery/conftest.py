"""Real file systems for deliveries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mounted:
    """A mounted file system."""

    path: Path
    kind: str
    """What it really is: ``ntfs`` becomes ``tmpfs`` where ntfs-3g is not installed, with a warning."""


FileSystem = Callable[..., Mounted]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Mounting needs root: for anybody else the test runs in a name space where they are root."""
    if "file_system" not in pyfuncitem.fixturenames or os.geteuid() == 0:
        return None
    command = ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "pytest", "-q", pyfuncitem.nodeid]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return True


@pytest.fixture
def file_system(tmp_path: Path) -> Iterator[FileSystem]:
    """Mounts ``tmpfs``, ``ntfs`` or ``ntfs-any-case`` (both forbid what Windows does) while the test runs."""
    mounted: list[Path] = []

    def mount(kind: str, options: str = "size=20m") -> Mounted:
        path = tmp_path / f"mount-{len(mounted)}"
        path.mkdir()
        if kind != "tmpfs" and shutil.which("ntfs-3g") is None:
            warnings.warn(f"ntfs-3g is not installed: this ran on tmpfs instead of {kind}", stacklevel=2)
            kind = "tmpfs"
        if kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
        else:
            image = tmp_path / f"image-{len(mounted)}"
            with image.open("wb") as stream:
                stream.truncate(64 << 20)
            _run("mkfs.ntfs", "-F", "-Q", "-q", image)
            if kind == "ntfs":
                _run("ntfs-3g", "-o", "windows_names", image, path)
            else:
                _run("lowntfs-3g", "-o", "windows_names,ignore_case", image, path)
        mounted.append(path)
        return Mounted(path, kind)

    yield mount
    for path in reversed(mounted):
        _run("umount", path)


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"
