"""Archives within a received archive: opened one level deep when a setting says so, and named otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from mediaflow_assets.archives.detect_format import is_part_name
from mediaflow_assets.archives.extract import Finding, Limits, extract, is_archive
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import PassedOver, ReceivedFile
from mediaflow_assets.intake.naming import ARCHIVE_SUFFIXES, is_archive_name
from mediaflow_assets.video.sniff import VIDEO_SUFFIXES, head_of, is_still_picture, is_text_named_like_a_video

Nested = Literal["name", "open"]
"""What is done with an archive within the archive: said, or opened into a folder of its own."""

_RARE_VIDEO_SUFFIXES = frozenset(
    ".264 .265 .360 .amv .ari .arx .avc .bik .bk2 .cine .cmfv .dat .dav .divx .evo .flc .fli .hevc .insv"
    " .ismv .ivf .lrv .m1v .m4s .mj2 .mjpeg .mjpg .mlv .mod .mpv .mve .mxv .nsv .ogm .qt .rmvb .roq .smk .swf .tod"
    " .tp .trp .vro".split()
)
"""Of recorders, players and cameras; what is not read here by its content is said."""


class Opened(NamedTuple):
    """What became of the archives within an archive."""

    findings: list[Finding]
    reasons: dict[str, str]
    """Path of each one that could not be opened, to the reason."""


def is_nested_archive(path: Path) -> bool:
    """Whether a received file is an archive to its sender: by content and by name.

    Documents of office programs, templates and apps are ZIPs as well, under names of their own.
    """
    if is_part_name(path.name):
        return True
    return (is_archive_name(path.name) or not path.suffix) and is_archive(path)


def open_nested(root: Path, limits: Limits, allowed: float) -> Opened:
    """Extract each archive below ``root`` into a folder beside it, and remove the archive.

    The policy is that of the outer archive, and its limits hold for all together. What an inner archive
    holds in archives is left as it is. One that cannot be used stays, with the reason.

    Args:
        root: folder that only this process writes to.
        limits: what one archive may ask for.
        allowed: bytes that everything below ``root`` may have together.

    Raises:
        Unavailable: not enough space.
    """
    opened = Opened([], {})
    for archive in [path for path in sorted(root.rglob("*")) if path.is_file() and is_nested_archive(path)]:
        there = list(root.rglob("*"))
        left = int(allowed) - sum(path.stat().st_size for path in there if path.is_file())
        rest = replace(limits, max_bytes=max(0, left), max_entries=max(0, limits.max_entries - len(there)))
        relative = archive.relative_to(root).as_posix()
        try:
            findings = extract(archive, _free_folder(archive), rest)
        except BadInput as error:
            opened.reasons[relative] = error.problem
            continue
        archive.unlink()
        opened.findings.append(Finding("opened archive", f"{relative} was opened into a folder"))
        opened.findings.extend(Finding(kind, f"{relative}: {sentence}") for kind, sentence in findings)
    return opened


def passed_over(root: Path, others: tuple[ReceivedFile, ...], reasons: Mapping[str, str]) -> tuple[PassedOver, ...]:
    """What lies among the other files and was neither opened nor read.

    Args:
        root: folder of the files.
        others: those that are no videos.
        reasons: why an archive could not be opened, by its path.
    """
    found = []
    for file in others:
        path = root / file.path
        if is_nested_archive(path):
            found.append(PassedOver(path=file.path, kind="archive", reason=reasons.get(file.path, "")))
        elif _looks_like_video(path):
            found.append(PassedOver(path=file.path, kind="video"))
    return tuple(found)


def _looks_like_video(path: Path) -> bool:
    """By its name; sound alone in a container of videos is one of these."""
    suffix = path.suffix.lower()
    if suffix not in VIDEO_SUFFIXES | _RARE_VIDEO_SUFFIXES:
        return False
    head = head_of(path)
    is_text = b"\0" not in head and suffix in _RARE_VIDEO_SUFFIXES
    return not (is_text or is_still_picture(head, suffix) or is_text_named_like_a_video(head, suffix))


def _free_folder(archive: Path) -> Path:
    """A new folder with the name of an archive, without its suffixes."""
    stem = archive.name
    while PurePosixPath(stem).suffix.lower() in ARCHIVE_SUFFIXES or is_part_name(stem):
        stem = PurePosixPath(stem).stem
    stem = stem if stem != archive.name else f"{stem} opened"
    folder, number = archive.with_name(stem), 1
    while folder.exists():
        number += 1
        folder = archive.with_name(f"{stem} ({number})")
    return folder
