"""The cut list as an OpenTimelineIO timeline and as an edit decision list."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.multicam.angles import Angle
from mediaflow_assets.multicam.checkerboard import Piece
from mediaflow_assets.multicam.cuts import Cut
from mediaflow_assets.scenes.exports import printable

if TYPE_CHECKING:
    from opentimelineio.opentime import TimeRange
    from opentimelineio.schema import Clip, Timeline, Track


class Edit(NamedTuple):
    """What is written: pictures cut from the angles over the sound of the first one."""

    name: str
    angles: Sequence[Angle]
    """The first is the reference, whose sound is heard."""
    cuts: Sequence[Cut]
    pieces: Sequence[Piece]
    """The checkerboard of the reference's sound."""

    @property
    def tracks(self) -> list[str]:
        """Names of the checkerboard's tracks, in order of who is heard first."""
        return list(dict.fromkeys(piece.track for piece in self.pieces))


def described(cut: Cut) -> str:
    """Who is heard and why it is this angle, in one line."""
    return printable(f"{' + '.join(cut.speakers) or 'nobody'} ({cut.why})")


def write_otio(path: Path, edit: Edit) -> Path:
    """OpenTimelineIO JSON: a picture track, and a sound track for each speaker."""
    import opentimelineio as otio

    return write_atomic(path, otio.adapters.write_to_string(_timeline(edit), "otio_json"))


def write_edl(path: Path, edit: Edit) -> Path:
    """CMX 3600: picture alone, a reel for each angle (``CAM1`` is the reference)."""
    import opentimelineio as otio

    title = unicodedata.normalize("NFKD", printable(edit.name)).encode("ascii", "ignore").decode().strip()
    timeline = otio.schema.Timeline(title or "UNTITLED", global_start_time=otio.opentime.RationalTime(0, FPS))
    track = _pictures(edit)
    for clip, cut in zip(track, edit.cuts, strict=True):
        clip.metadata["cmx_3600"] = {"reel": f"CAM{cut.angle + 1}", "comments": [described(cut)]}
    timeline.tracks.append(track)
    text: str = otio.adapters.write_to_string(timeline, "cmx_3600", rate=FPS)
    return write_atomic(path, text.replace("\n\n", "\nFCM: NON-DROP FRAME\n\n", 1))


def _timeline(edit: Edit) -> Timeline:
    import opentimelineio as otio

    timeline = otio.schema.Timeline(printable(edit.name), global_start_time=otio.opentime.RationalTime(0, FPS))
    timeline.tracks.append(_pictures(edit))
    if edit.angles[0].master.has_audio:
        for name in edit.tracks:
            track = otio.schema.Track(printable(name), kind=otio.schema.TrackKind.Audio)
            for piece in edit.pieces:
                length = piece.last - piece.first + 1
                track.append(
                    _clip(edit.angles[0], piece.first, length)
                    if piece.track == name
                    else otio.schema.Gap(duration=otio.opentime.RationalTime(length, FPS))
                )
            timeline.tracks.append(track)
    return timeline


def _pictures(edit: Edit) -> Track:
    import opentimelineio as otio

    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for cut in edit.cuts:
        angle, length = edit.angles[cut.angle], cut.last - cut.first + 1
        clip = _clip(angle, angle.first_of(cut.first, length), length)
        clip.metadata["mediaflow"] = {"angle": cut.angle + 1, "speakers": list(cut.speakers), "why": cut.why}
        track.append(clip)
    return track


def _clip(angle: Angle, first: int, length: int) -> Clip:
    import opentimelineio as otio

    def span(start: int, frames: int) -> TimeRange:
        return otio.opentime.TimeRange(otio.opentime.RationalTime(start, FPS), otio.opentime.RationalTime(frames, FPS))

    reference = otio.schema.ExternalReference(angle.url, span(0, angle.master.total_frames))
    return otio.schema.Clip(printable(f"{angle.master.stem}.mp4"), reference, span(first - 1, length))
