"""Removing work files after a verified delivery, as ``RETENTION`` says and never more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from mediaflow_assets.layout import Layout, ProjectFolders


def clean_up(
    layout: Layout,
    folders: ProjectFolders,
    retention: Literal["keep", "work", "archive"],
    *,
    archive: Path,
    delivered: Path,
) -> list[str]:
    """Remove what need not be kept of a delivered project; returns what to say about it.

    ``work`` removes the project's work folder; ``archive`` also removes whatever lies beside the
    received archive, but the documents that tell what it is. All of it can be made again from the
    archive, and the analyses come back from the store. Nothing is removed that is, holds or lies in
    the analysis store, the inbox, a received archive or a delivery, whatever the folder settings are.

    Args:
        archive: the received archive.
        delivered: the verified delivery.
    """
    if retention == "keep":
        return []
    protected = [layout.archives, layout.inbox, layout.state, archive.resolve(), delivered.resolve()]
    if retention == "work":
        protected.append(folders.downloads)
    doomed = [folders.work]
    if retention == "archive" and folders.downloads.is_dir():
        documents = {"origin.json", "received.json", archive.name}
        doomed += [path for path in sorted(folders.downloads.iterdir()) if path.name not in documents]
    notes = []
    for path in doomed:
        guard = _overlap(path, protected)
        if guard is not None:
            notes.append(f"{path} is kept: it and {guard} overlap")
        elif path.is_symlink() or path.is_file():
            path.unlink()
            notes.append(f"{path} is removed")
        elif path.is_dir():
            shutil.rmtree(path)
            notes.append(f"{path} is removed")
    return notes


def _overlap(path: Path, protected: Iterable[Path]) -> Path | None:
    """The first protected path that is, holds or lies in ``path``."""
    real = path.parent.resolve() / path.name
    for guard in protected:
        if real == guard or guard.is_relative_to(real) or real.is_relative_to(guard):
            return guard
    return None
