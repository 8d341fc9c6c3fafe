"""Removing work files after a verified delivery, as ``RETENTION`` says and never more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from mediaflow_assets.core.files import contained, sha256_of
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.readiness import ALL_KINDS, full_documents
from mediaflow_assets.formats.manifest import Master


def clean_up(
    layout: Layout,
    folders: ProjectFolders,
    retention: Literal["keep", "work", "archive"],
    *,
    archive: Path,
    delivered: Path,
    unstored: Sequence[Path] = (),
) -> list[str]:
    """Remove what need not be kept of a delivered project; returns what to say about it.

    ``work`` removes the project's work folder; ``archive`` also removes whatever lies beside the
    received archive, but the documents that tell what it is. All of it can be made again from the
    archive, and the analyses come back from the store. Nothing is removed that is, holds or lies in
    the analysis store, the inbox, a received archive or a delivery, whatever the folder settings are.

    Args:
        archive: the received archive.
        delivered: the verified delivery.
        unstored: full documents that the store does not have; the work folder stays with them.
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
    if unstored:
        doomed.remove(folders.work)
        names = ", ".join(path.relative_to(folders.work).as_posix() for path in unstored)
        notes.append(f"{folders.work} is kept: the analysis store does not have {names}")
    for path in doomed:
        guard = _overlap(path, protected)
        if guard is not None:
            notes.append(f"{path} is kept: it and {guard} overlap")
            continue
        try:
            if path.is_symlink() or path.is_file():
                path.unlink()
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                continue
            notes.append(f"{path} is removed")
        except OSError as error:
            notes.append(f"{path} cannot be removed wholly ({error.strerror})")
    return notes


def not_in_store(store: AnalysisStore, folders: ProjectFolders, masters: Iterable[Master]) -> list[Path]:
    """Full documents of a project's work folder of which the store has no exact copy; reads both."""
    lacking = []
    for master in masters:
        stored = list(_stored_files(store, master.source_sha256))
        for path in full_documents(folders, master, ALL_KINDS).values():
            size = path.stat().st_size
            alike = [file for file in stored if file.is_file() and file.stat().st_size == size]
            digest = sha256_of(path)
            if not any(sha256_of(file) == digest for file in alike):
                lacking.append(path)
    return lacking


def _stored_files(store: AnalysisStore, sha256: str) -> Iterator[Path]:
    for video in store.find(sha256):
        yield from video.documents.values()
        for former in video.metadata.superseded.values():
            yield from (contained(video.folder, item.file) for item in former)


def _overlap(path: Path, protected: Iterable[Path]) -> Path | None:
    """The first protected path that is, holds or lies in ``path``."""
    real = path.parent.resolve() / path.name
    for guard in protected:
        if real == guard or guard.is_relative_to(real) or real.is_relative_to(guard):
            return guard
    return None
