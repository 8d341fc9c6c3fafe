"""Real file systems for deliveries.

A test that needs one says so: ``@pytest.mark.mounts("ntfs")``. Where this machine cannot mount it
(not root, no driver), the test is deselected when tests are collected, and the summary names it.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.deselection import deselect

FileSystem = Callable[..., Path]
_IMAGE = 64 << 20
_MAKE = {"ntfs": ["mkfs.ntfs", "-F", "-Q", "-q"], "exfat": ["mkfs.exfat"], "vfat": ["mkfs.vfat"]}


class CannotMountError(Exception):
    """Says which command failed and how."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests of file systems that cannot be mounted here."""
    deselect(config, items, lambda item: "; ".join(filter(None, map(_why_not, _kinds(item)))))


@pytest.fixture
def file_system(tmp_path: Path) -> Iterator[FileSystem]:
    """Mounts a file system of 64 MB (``tmpfs``: as its options say) while the test runs."""
    with ExitStack() as mounted:

        def mount(kind: str, options: str = "size=20m") -> Path:
            folder = tmp_path / f"mount-{kind}"
            folder.mkdir()
            return mounted.enter_context(_mounted(kind, folder, options))

        yield mount


@contextmanager
def _mounted(kind: str, folder: Path, options: str = "size=20m") -> Iterator[Path]:
    """``ntfs-any-case`` is NTFS as Windows shows it, for which ``a`` and ``A`` are one name."""
    with ExitStack() as stack:
        if kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
        else:
            image = folder.with_suffix(".image")
            with image.open("wb") as stream:
                stream.truncate(_IMAGE)
            _run(*_MAKE[kind.partition("-")[0]], image)
            if kind == "ntfs":
                _run("ntfs-3g", "-o", "windows_names", image, folder)
            elif kind == "ntfs-any-case":
                _run("lowntfs-3g", "-o", "windows_names,ignore_case", image, folder)
            else:
                device = _run("losetup", "--find", "--show", image).strip()
                stack.callback(_run, "losetup", "--detach", device)
                helper = shutil.which("mount.exfat-fuse") if kind == "exfat" else None
                _run(*([helper] if helper else ["mount", "-t", kind]), device, folder)
        try:
            yield folder
        finally:
            _run("umount", folder)


def _kinds(item: pytest.Item) -> tuple[str, ...]:
    return tuple(kind for marker in item.iter_markers("mounts") for kind in marker.args)


@cache
def _why_not(kind: str) -> str:
    """Why a file system cannot be mounted here; empty when it can."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "mount"
        folder.mkdir()
        try:
            with _mounted(kind, folder):
                return ""
        except CannotMountError as error:
            return f"{kind}: {error}"


def _run(*command: object) -> str:
    done = None
    with contextlib.suppress(FileNotFoundError):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done is None:
        raise CannotMountError(f"{command[0]} is not installed")
    if done.returncode:
        raise CannotMountError(f"{command[0]}: {(done.stderr or done.stdout).strip().splitlines()[0]}")
    return done.stdout
