"""A sandbox around one extraction."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from mediaflow_assets.archives.extract import Finding, Limits, extract

LIMITS = Limits(max_bytes=1 << 40, max_entries=1000, max_ratio=200)


@dataclass(frozen=True)
class Sandbox:
    """A folder with nothing in it but what a test puts there."""

    root: Path

    def archive(self, content: bytes, name: str = "received.bin") -> Path:
        path = self.root / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    @property
    def folder(self) -> Path:
        return self.root / "deep" / "project" / "extracted"

    def extract(self, content: bytes, limits: Limits = LIMITS) -> list[Finding]:
        return extract(self.archive(content), self.folder, limits)

    def everything(self) -> list[str]:
        """Every path in the sandbox, links not followed."""
        found = []
        for folder, folders, files in os.walk(self.root):
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in [*folders, *files]]  # noqa: PTH118
        return sorted(found)

    def files(self) -> dict[str, bytes]:
        """What was extracted: relative path to content."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)
