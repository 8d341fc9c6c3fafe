"""A string-out: the places that a search found, one after the other, for an editing program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.transcripts.search_index import Hit

HANDLE = 1.0
"""Seconds of picture before and after what was said."""


def write_string_out(
    path: Path, hits: Sequence[Hit], medium: Callable[[Hit], str], *, handle: float = HANDLE, name: str = "string-out"
) -> Path:
    """Write a timeline of the hits: ``.otio`` is OpenTimelineIO JSON, ``.edl`` CMX 3600.

    Args:
        hits: in the order of the timeline.
        medium: URL or path of the video of a hit, as the editing program finds it.
        handle: seconds around each hit; never before the first frame.
        name: of the timeline.

    Raises:
        ValueError: another suffix.
    """
    import opentimelineio as otio

    def at(frames: int) -> otio.opentime.RationalTime:
        return otio.opentime.RationalTime(frames, FPS)

    timeline = otio.schema.Timeline(name, global_start_time=at(0))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    around = round(handle * FPS)
    for number, hit in enumerate(hits, start=1):
        first = max(0, hit.first - around)
        place = otio.opentime.TimeRange(at(first), at(hit.last + around - first))
        clip = otio.schema.Clip(f"{number:03} {hit.video}", otio.schema.ExternalReference(medium(hit)), place)
        clip.metadata["cmx_3600"] = {"reel": "AX", "comments": [f"{hit.project} | {hit.speaker}: {hit.text}"]}
        track.append(clip)
    match path.suffix:
        case ".otio":
            text = otio.adapters.write_to_string(timeline, "otio_json")
        case ".edl":
            text = otio.adapters.write_to_string(timeline, "cmx_3600", rate=FPS)
        case suffix:
            raise ValueError(f"no such timeline: {suffix}")
    return write_atomic(path, text)
