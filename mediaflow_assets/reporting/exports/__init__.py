"""Exports for editing programs, each from the timeline of one video.

An export is one module with ``write(source, stem) -> Path``; adding one is that file and one line
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.reporting.sources import VideoSource
from mediaflow_assets.timebase import FPS

EXPORTS = {
    "otio": "mediaflow_assets.reporting.exports.otio",
    "mot": "mediaflow_assets.reporting.exports.mot",
    "xmp": "mediaflow_assets.reporting.exports.xmp",
    "aftereffects": "mediaflow_assets.reporting.exports.after_effects",
}
"""Name to module."""

LEAST_FRAMES = FPS // 2
"""Shorter appearances of a face are left out of markers."""
PAUSE = FPS
"""Frames that a face may be away within one marker."""


@dataclass(frozen=True)
class ExportSource:
    """What an export is made from."""

    project: str
    """Human name."""
    video: VideoSource
    timeline: Mapping[str, Any]
    """From :func:`mediaflow_assets.reporting.timeline.build_timeline`."""

    @property
    def total_frames(self) -> int:
        return int(self.timeline["metadata"]["total_frames"])

    @property
    def scenes(self) -> list[tuple[int, int]]:
        """First and last frame of each scene; one scene when they were not detected."""
        found = [(scene["start_frame"], scene["end_frame"]) for scene in self.timeline["scenes"]["scenes"]]
        return found or [(1, self.total_frames)]

    @property
    def speakers(self) -> dict[str, list[tuple[int, int]]]:
        """Speaker to the frames, first and last, of each turn."""
        return {item["label"]: list(item["intervals"]) for item in self.timeline["audio"].get("speakers", ())}

    @property
    def faces(self) -> dict[str, list[tuple[int, int]]]:
        """Face to the frames, first and last, of each appearance."""
        tracks = self.timeline["tracking"]["tracks"]
        return {track["id"]: list(track["intervals"]) for track in tracks if track["label"] == "face"}

    @property
    def file_name(self) -> str:
        """Name of the 25-fps video as it is delivered."""
        return self.video.delivered.name if self.video.delivered else f"{self.video.stem}.mp4"


def exporter(name: str) -> Callable[[ExportSource, Path], Path]:
    """The function that writes the export ``name``: (source, path without suffix) to the written path."""
    function: Callable[[ExportSource, Path], Path] = import_module(EXPORTS[name]).write
    return function


def write_exports(names: Sequence[str], source: ExportSource, folder: Path) -> dict[str, Path]:
    """Write the exports ``names`` of a video into ``folder``; returns name to path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / Path(source.file_name).stem
    return {name: exporter(name)(source, stem) for name in names}


def named(stem: Path, ending: str) -> Path:
    """``stem`` with an ending, shortened if a file system could not hold it."""
    return stem.with_name(NameRules().fit(stem.name, ending))


def printable(text: str) -> str:
    """``text`` without the control characters that XML cannot hold and editors do not show."""
    return "".join(character if character.isprintable() else " " for character in text)
