"""From a received archive to the list of a project's videos."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import msgspec
from slugify import slugify

from mediaflow_assets.archives.extract import Limits, allowed_bytes, extract
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import exclusive, remove_leftovers, sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.formats.manifest import Extraction, ReceivedFile, SourceVideo, read_document, write_document
from mediaflow_assets.intake.legacy_projects import adopt
from mediaflow_assets.intake.nested import Nested, Opened, open_nested, passed_over
from mediaflow_assets.video.probe import is_video, probe

CODE_VERSION = "2"


OnProgress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""
_EXTRACTING = 0.8
"""Share of the work until everything is extracted; the rest is looking at it."""


def unpack(
    content: Path,
    sha256: str,
    folders: ProjectFolders,
    limits: Limits,
    nested: Nested = "name",
    on_progress: OnProgress = lambda done: None,
) -> tuple[Extraction, bool]:
    """Extract a project's archive, or take over its folder, and describe what is in it.

    The extracted folder appears whole or not at all, and the manifest after it.

    Args:
        content: an archive, or the folder of a past project.
        sha256: of that content, as it was received.
        folders: of the project.
        limits: what an archive may ask for.
        nested: what is done with archives within the archive.
        on_progress: told about every piece.

    Returns:
        The content, and whether it was there already.

    Raises:
        BadInput: the archive cannot be used, or holds no video.
        Unavailable: another run is at it, or there is not enough space.
    """
    with exclusive(folders.work):
        known = _known(folders, sha256, nested)
        if known is not None:
            return known, True
        return _unpack(content, sha256, folders, limits, nested, on_progress), False


def _known(folders: ProjectFolders, sha256: str, nested: Nested) -> Extraction | None:
    """What an earlier run extracted, when that is what is asked for and all of it is there."""
    for leftover in folders.work.glob(".unpack-*"):
        shutil.rmtree(leftover)
    remove_leftovers(folders.work, below=False)
    if not folders.extraction.exists():
        return None
    known = read_document(folders.extraction, Extraction)
    if (known.archive_sha256, known.nested) != (sha256, nested) or not _complete(known, folders.extracted):
        return None
    if known.passed_over is None:  # of an earlier version
        known = msgspec.structs.replace(known, passed_over=passed_over(folders.extracted, known.others, {}))
        write_document(folders.extraction, known)
    return known


def _unpack(
    content: Path, sha256: str, folders: ProjectFolders, limits: Limits, nested: Nested, on_progress: OnProgress
) -> Extraction:
    private = folders.work / f".unpack-{secrets.token_hex(4)}"
    private.mkdir(parents=True, mode=0o700)
    root = private / "extracted"
    try:
        opened = Opened([], {})
        if content.is_dir():
            adopt(content, root)
            findings, allowed = [], float(limits.max_bytes)
        else:
            findings = extract(content, root, limits, lambda done: on_progress(done * _EXTRACTING))
            allowed = allowed_bytes(content, limits)
        if nested == "open":
            opened = open_nested(root, limits, allowed)
        videos, others = describe(root, lambda done: on_progress(_EXTRACTING + done * (1 - _EXTRACTING)))
        extraction = Extraction(
            project=folders.key,
            archive=content.name,
            archive_sha256=sha256,
            videos=videos,
            others=others,
            findings=tuple((finding.kind, finding.sentence) for finding in [*findings, *opened.findings]),
            nested=nested,
            passed_over=passed_over(root, others, opened.reasons),
        )
        if not videos:
            raise _no_video(content, extraction)
        os.sync()  # one flush for all files: a name must not survive a power cut without its content
        if folders.extracted.exists():
            folders.extracted.replace(private / "old")
        root.replace(folders.extracted)
    finally:
        shutil.rmtree(private, ignore_errors=True)
    write_document(folders.extraction, extraction)
    return extraction


def _no_video(content: Path, extraction: Extraction) -> BadInput:
    remarks = "; ".join(extraction.remarks)
    remedy = "Send an archive with at least one video"
    if extraction.nested == "name" and any(file.kind == "archive" for file in extraction.passed_over or ()):
        remedy = "Send the videos themselves, or set EXTRACT_NESTED=open"
    return BadInput(content.name, f"holds no video ({remarks})" if remarks else "holds no video", remedy)


def describe(
    folder: Path, on_progress: OnProgress = lambda done: None
) -> tuple[tuple[SourceVideo, ...], tuple[ReceivedFile, ...]]:
    """Videos and other files of an extracted folder, sorted by path."""
    videos: list[SourceVideo] = []
    others: list[ReceivedFile] = []
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(paths):
        on_progress(number / len(paths))
        relative = path.relative_to(folder).as_posix()
        size, digest = path.stat().st_size, sha256_of(path)
        if not is_video(path):
            others.append(ReceivedFile(path=relative, sha256=digest, bytes=size))
            continue
        problem = facts = None
        try:
            facts = probe(path)
        except BadInput as error:
            problem = error.sentence.removeprefix(f"{error.subject}: ")
        videos.append(
            SourceVideo(id=video_id(relative), path=relative, sha256=digest, bytes=size, probe=facts, problem=problem)
        )
    on_progress(1.0)
    return tuple(videos), tuple(others)


def video_id(relative_path: str) -> str:
    """Safe, readable and stable id of the video at a path in its project."""
    slug = slugify(PurePosixPath(relative_path).stem, lowercase=False, separator="_", max_length=40) or "video"
    return f"{slug}-{hashlib.sha256(relative_path.encode()).hexdigest()[:8]}"


def _complete(known: Extraction, folder: Path) -> bool:
    return all(
        (folder / file.path).is_file() and (folder / file.path).stat().st_size == file.bytes for file in known.files
    )
