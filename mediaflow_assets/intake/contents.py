"""From a received archive to the list of a project's videos."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path, PurePosixPath

from slugify import slugify

from mediaflow_assets.archives.extract import Limits, extract
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import exclusive, remove_leftovers, sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.formats.manifest import Extraction, ReceivedFile, SourceVideo, read_document, write_document
from mediaflow_assets.intake.past import take_over
from mediaflow_assets.video.probe import is_video, probe

CODE_VERSION = "2"


def unpack(content: Path, sha256: str, folders: ProjectFolders, limits: Limits) -> tuple[Extraction, bool]:
    """Extract a project's archive, or take over its folder, and describe what is in it.

    The extracted folder appears whole or not at all, and the manifest after it.

    Args:
        content: an archive, or the folder of a past project.
        sha256: of that content, as it was received.
        folders: of the project.
        limits: what an archive may ask for.

    Returns:
        The content, and whether it was there already.

    Raises:
        BadInput: the archive cannot be used, or holds no video.
        Unavailable: another run is at it, or there is not enough space.
    """
    with exclusive(folders.work):
        return _unpack(content, sha256, folders, limits)


def _unpack(content: Path, sha256: str, folders: ProjectFolders, limits: Limits) -> tuple[Extraction, bool]:
    for leftover in folders.work.glob(".unpack-*"):
        shutil.rmtree(leftover)
    remove_leftovers(folders.work, below=False)
    if folders.extraction.exists():
        known = read_document(folders.extraction, Extraction)
        if known.archive_sha256 == sha256 and _complete(known, folders.extracted):
            return known, True
    private = folders.work / f".unpack-{secrets.token_hex(4)}"
    private.mkdir(parents=True, mode=0o700)
    try:
        if content.is_dir():
            take_over(content, private / "extracted")
            findings = []
        else:
            findings = extract(content, private / "extracted", limits)
        videos, others = describe(private / "extracted")
        if not videos:
            raise BadInput(content.name, "holds no video", "Send an archive with at least one video")
        os.sync()  # one flush for all files: a name must not survive a power cut without its content
        if folders.extracted.exists():
            folders.extracted.replace(private / "old")
        (private / "extracted").replace(folders.extracted)
    finally:
        shutil.rmtree(private, ignore_errors=True)
    extraction = Extraction(
        project=folders.key,
        archive=content.name,
        archive_sha256=sha256,
        videos=videos,
        others=others,
        findings=tuple((finding.kind, finding.sentence) for finding in findings),
    )
    write_document(folders.extraction, extraction)
    return extraction, False


def describe(folder: Path) -> tuple[tuple[SourceVideo, ...], tuple[ReceivedFile, ...]]:
    """Videos and other files of an extracted folder, sorted by path."""
    videos: list[SourceVideo] = []
    others: list[ReceivedFile] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
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
    return tuple(videos), tuple(others)


def video_id(relative_path: str) -> str:
    """Safe, readable and stable id of the video at a path in its project."""
    slug = slugify(PurePosixPath(relative_path).stem, lowercase=False, separator="_", max_length=40) or "video"
    return f"{slug}-{hashlib.sha256(relative_path.encode()).hexdigest()[:8]}"


def _complete(known: Extraction, folder: Path) -> bool:
    return all(
        (folder / file.path).is_file() and (folder / file.path).stat().st_size == file.bytes for file in known.files
    )
