"""What becomes of a delivery when a video of it is bad: it waits, or goes without the video.

``ON_BAD_VIDEO`` decides for all projects; people decide for one, by the names in
``downloads/<project>/left_out.json``. Either is only leave to deliver without a video that could not be
made: a video that can be made, or is sent again and can be made then, is delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.bad_videos import BadVideo
from mediaflow_assets.execution.fanout import is_named
from mediaflow_assets.formats.manifest import read_document, write_document

OnBadVideo = Literal["hold", "leave_out"]


class LeaveOut(msgspec.Struct, frozen=True, kw_only=True):
    """``left_out.json``: names of videos that a project may be delivered without."""

    project: str
    names: tuple[str, ...] = ()
    """Path in the archive, file name, stem or id, as a person wrote it."""


class DeliveryWaits(BadInput):
    """The good work is done, and the delivery waits for a person."""


@dataclass(frozen=True)
class Decision:
    """What a delivery does about its bad videos."""

    left_out: tuple[BadVideo, ...]
    waits_for: tuple[BadVideo, ...]


def names_to_leave_out(folders: ProjectFolders) -> tuple[str, ...]:
    """What people said for this project."""
    path = _path(folders)
    return read_document(path, LeaveOut).names if path.exists() else ()


def leave_out(folders: ProjectFolders, names: Iterable[str]) -> tuple[str, ...]:
    """Remember that a project may be delivered without some videos; returns all names that were said."""
    return _keep(folders, dict.fromkeys([*names_to_leave_out(folders), *names]))


def take_in(folders: ProjectFolders, names: Sequence[str]) -> tuple[str, ...]:
    """Take back what was said about some videos, or about all when none is named; returns what is still said.

    Raises:
        BadInput: nobody said this of one of ``names``.
    """
    said = names_to_leave_out(folders)
    unknown = [name for name in names if name not in said]
    if unknown:
        choice = f"Choose from: {', '.join(said)}" if said else "Nothing is left out of this project"
        raise BadInput(repr(unknown[0]), "is not left out", choice)
    return _keep(folders, [name for name in said if names and name not in names])


def decide(
    bad: Sequence[BadVideo], names: Sequence[str], on_bad_video: OnBadVideo, delivered: Iterable[str] = ()
) -> Decision:
    """Which bad videos a delivery goes without, and which it waits for.

    Args:
        names: what people said for this project.
        on_bad_video: ``ON_BAD_VIDEO``.
        delivered: ids of the videos of the present delivery. A rule takes none of them back; people may.
    """
    there = frozenset(delivered)
    left_out: list[BadVideo] = []
    waits_for: list[BadVideo] = []
    for video in bad:
        said = any(is_named(video.path, video.id, name) for name in names)
        by_rule = on_bad_video == "leave_out" and video.id not in there
        (left_out if said or by_rule else waits_for).append(video)
    return Decision(tuple(left_out), tuple(waits_for))


def waits(project: str, videos: Sequence[BadVideo], total: int) -> DeliveryWaits:
    """The error of a delivery that waits: for which videos, why, and how to go on.

    Args:
        project: partition key.
        videos: what it waits for.
        total: videos of the project.
    """
    names = " ".join(_quoted(video.path) for video in videos)
    which = " | ".join(video.reason for video in videos)
    return DeliveryWaits(
        project,
        f"the delivery waits for {len(videos)} of {total} videos; all others are done: {which}",
        f"Mend that and run it again, or deliver without: mediaflow leave-out {project} {names}, then run it again",
    )


def _quoted(name: str) -> str:
    return name if name.isascii() and all(c.isalnum() or c in "._-/" for c in name) else f'"{name}"'


def _keep(folders: ProjectFolders, names: Iterable[str]) -> tuple[str, ...]:
    document = LeaveOut(project=folders.key, names=tuple(names))
    write_document(_path(folders), document)
    return document.names


def _path(folders: ProjectFolders) -> Path:
    return folders.downloads / "left_out.json"
