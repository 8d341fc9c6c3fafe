"""OpenTimelineIO: the video as a track of scene clips and transitions, with markers for speakers and faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.scenes.exports import add_transitions

if TYPE_CHECKING:
    from opentimelineio.opentime import TimeRange
    from opentimelineio.schema import ExternalReference, Marker

_SPEAKER_COLOURS = ("CYAN", "ORANGE", "GREEN", "MAGENTA", "YELLOW", "RED")
_FACE_COLOUR = "BLUE"
_CAPTION_COLOUR = "WHITE"


def write(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.otio``; ranges are in frames at 25 per second, from 0."""
    import opentimelineio as otio

    timeline = otio.schema.Timeline(source.video.name)
    timeline.global_start_time = otio.opentime.RationalTime(0, FPS)
    timeline.metadata["mediaflow"] = {"project": source.project, "sha256": source.video.sha256}
    if source.reframings:
        # Players know no camera paths; whoever writes a tool finds the keys here.
        timeline.metadata["mediaflow"]["reframe"] = {
            document.aspect: msgspec.to_builtins(
                {
                    "output": document.output,
                    "source": document.source,
                    "keyframes": document.keyframes,
                    "panels": document.panels,
                }
            )
            for document in source.reframings
        }
    picture = otio.schema.Track("Scenes", kind=otio.schema.TrackKind.Video)
    for number, (first, last) in enumerate(source.scenes, start=1):
        clip = otio.schema.Clip(f"{number:03d}", _media(source), _range(first, last))
        clip.metadata["mediaflow"] = {"scene": number}
        picture.append(clip)
    add_transitions(picture, [Scene(first, last) for first, last in source.scenes], source.transitions)
    timeline.tracks.append(picture)
    if source.has_audio:
        sound = otio.schema.Track("Sound", kind=otio.schema.TrackKind.Audio)
        sound.append(otio.schema.Clip(source.file_name, _media(source), _range(1, source.total_frames)))
        timeline.tracks.append(sound)
    timeline.tracks.markers.extend(_markers(source))
    target = named(stem, ".otio")
    with atomic_path(target) as temporary:
        otio.adapters.write_to_file(timeline, str(temporary), adapter_name="otio_json")
    return target


def _media(source: ExportSource) -> ExternalReference:
    import opentimelineio as otio

    return otio.schema.ExternalReference(source.url, _range(1, source.total_frames))


def _range(first: int, last: int) -> TimeRange:
    from opentimelineio.opentime import RationalTime, TimeRange

    return TimeRange(RationalTime(first - 1, FPS), RationalTime(last - first + 1, FPS))


def _markers(source: ExportSource) -> list[Marker]:
    from opentimelineio.schema import Marker

    speakers = list(source.speakers)
    markers = []
    for marker in source.markers:
        colour = _FACE_COLOUR
        if marker.kind == "speaker":
            colour = _SPEAKER_COLOURS[speakers.index(marker.id) % len(_SPEAKER_COLOURS)]
        about = {"mediaflow": {"kind": marker.kind, "id": marker.id}}
        markers.append(Marker(marker.name, _range(marker.first, marker.last), colour, about))
    for cue in source.cues:
        said = {"kind": "caption", "speaker": cue.speaker, "text": "\n".join(cue.lines)}
        markers.append(
            Marker(" ".join(cue.lines), _range(cue.first + 1, cue.last), _CAPTION_COLOUR, {"mediaflow": said})
        )
    return markers
