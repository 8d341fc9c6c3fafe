"""Scenes in the formats of other programs: one clip per scene, all of one medium, in order.

Frames are those of the 25-fps video, so that every time here is exact. OpenTimelineIO and Final Cut Pro
XML also say where the picture itself goes gradually from one scene to the next. As both clips show the
same medium at the same time there, a transition over these frames changes nothing of the picture.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import Transition

if TYPE_CHECKING:
    from xml.etree import ElementTree

    from opentimelineio.opentime import TimeRange
    from opentimelineio.schema import Timeline, Track
    from scenedetect import FrameTimecode


class Medium(NamedTuple):
    """The video that scenes are scenes of."""

    name: str
    """Shown to people: of the timeline, the project, the clip."""
    url: str
    """Where a program finds it: a ``file://`` URL, or a relative one (RFC 3986) for a file beside the export."""
    total_frames: int
    width: int
    height: int
    has_audio: bool

    @classmethod
    def of(cls, master: Master, path: Path) -> Medium:
        """The master that lies at ``path``."""
        url = path.resolve().as_uri()
        return cls(printable(master.stem), url, master.total_frames, master.width, master.height, master.has_audio)


def printable(text: str) -> str:
    """``text`` in one line, without the control characters that XML cannot hold and editors do not show."""
    return "".join(character if character.isprintable() else " " for character in text)


def write_pyscenedetect(
    path: Path, scenes: Sequence[Scene], medium: Medium, transitions: Sequence[Transition] = ()
) -> Path:
    """PySceneDetect's scene list, as its own library writes it: start 1-based, end 1-based and inclusive.

    ``scenedetect load-scenes`` reads it back.
    """
    from scenedetect.output import write_scene_list

    pairs = _timecodes(scenes)
    text = io.StringIO()
    write_scene_list(text, pairs, cut_list=[start.get_timecode() for start, _ in pairs[1:]])
    return write_atomic(path, text.getvalue())


def write_edl(path: Path, scenes: Sequence[Scene], medium: Medium, transitions: Sequence[Transition] = ()) -> Path:
    """CMX 3600 edit decision list: source and record times are equal, out points exclusive, reel ``AX``.

    The 1000th event and those after it have four digits, which the original format did not know.
    """
    import opentimelineio as otio

    # Without a title the list would begin with neither of its header lines.
    title = (
        unicodedata.normalize("NFKD", printable(medium.name)).encode("ascii", "ignore").decode().strip() or "UNTITLED"
    )
    timeline = _timeline(scenes, medium._replace(name=title, has_audio=False))
    for clip in timeline.find_clips():
        clip.metadata["cmx_3600"] = {"reel": "AX"}
    text: str = otio.adapters.write_to_string(timeline, "cmx_3600", rate=FPS)
    return write_atomic(path, text.replace("\n\n", "\nFCM: NON-DROP FRAME\n\n", 1))


def write_otio(path: Path, scenes: Sequence[Scene], medium: Medium, transitions: Sequence[Transition] = ()) -> Path:
    """OpenTimelineIO JSON: a picture track with the gradual transitions and, if there is sound, a sound track."""
    import opentimelineio as otio

    timeline = _timeline(scenes, medium)
    add_transitions(timeline.video_tracks()[0], scenes, transitions)
    return write_atomic(path, otio.adapters.write_to_string(timeline, "otio_json"))


def add_transitions(track: Track, scenes: Sequence[Scene], transitions: Sequence[Transition]) -> None:
    """Put the gradual transitions of a video into an OpenTimelineIO track that has one clip for each scene.

    A dissolve is one of SMPTE; the others are custom ones with their kind as the name.
    """
    import opentimelineio as otio

    kinds = otio.schema.TransitionTypes
    gradual = gradual_transitions(transitions)
    # From the end, so that the places before stay what they are.
    for number in range(len(scenes) - 1, 0, -1):
        if transition := gradual.get(scenes[number - 1].last):
            before, after = (
                otio.opentime.RationalTime(frames, FPS)
                for frames in (transition.cut - transition.first + 1, transition.last - transition.cut)
            )
            kind = kinds.SMPTE_Dissolve if transition.kind == "dissolve" else kinds.Custom
            about = {"mediaflow": {"kind": transition.kind, "probability": transition.probability}}
            track.insert(number, otio.schema.Transition(transition.kind, kind, before, after, about))


def gradual_transitions(transitions: Sequence[Transition]) -> dict[int, Transition]:
    """Those that take more than one frame, by their cut."""
    return {transition.cut: transition for transition in transitions if transition.first < transition.last}


def write_fcpxml(path: Path, scenes: Sequence[Scene], medium: Medium, transitions: Sequence[Transition] = ()) -> Path:
    """Final Cut Pro XML 1.9: one asset, one asset-clip per scene, the gradual transitions between them.

    Final Cut knows dissolves and what its plug-ins do, so every transition is a cross dissolve that is called what
    it is. Made by PySceneDetect's library, which knows nothing of sound. OpenTimelineIO's adapter leaves
    out the size of the picture and fails without ffprobe.
    """
    from xml.etree import ElementTree

    from scenedetect.output import write_scene_list_fcpx

    text = io.StringIO()
    size = (medium.width, medium.height)
    write_scene_list_fcpx(text, _timecodes(scenes), "medium", Fraction(FPS), size, printable(medium.name))
    root = ElementTree.fromstring(text.getvalue())  # noqa: S314 - of our own making
    for asset in root.iter("asset"):
        if medium.has_audio:
            asset.attrib |= {"hasAudio": "1", "audioSources": "1", "audioChannels": "2"}
        for representation in asset.iter("media-rep"):
            representation.set("src", medium.url)
    gradual = gradual_transitions(transitions)
    for spine in root.iter("spine"):
        for number in range(len(scenes) - 1, 0, -1):
            if transition := gradual.get(scenes[number - 1].last):
                spine.insert(number, _final_cut_transition(transition))
    body = ElementTree.tostring(root, encoding="unicode")
    return write_atomic(path, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n')


def _final_cut_transition(transition: Transition) -> ElementTree.Element:
    from xml.etree import ElementTree

    frames = transition.last - transition.first + 1
    name = "Cross Dissolve" if transition.kind == "dissolve" else f"Cross Dissolve ({transition.kind})"
    return ElementTree.Element(
        "transition", name=name, offset=f"{transition.first - 1}/{FPS}s", duration=f"{frames}/{FPS}s"
    )


class Format(NamedTuple):
    """One export."""

    suffix: str
    """Of the file, after the stem of the scenes CSV."""
    write: Callable[[Path, Sequence[Scene], Medium, Sequence[Transition]], Path]


FORMATS: Mapping[str, Format] = {
    "pyscenedetect": Format("-scenes.csv", write_pyscenedetect),
    "edl": Format(".edl", write_edl),
    "otio": Format(".otio", write_otio),
    "fcpxml": Format(".fcpxml", write_fcpxml),
}
"""Exports by the names that ``SCENES_EXPORTS`` knows."""


def write_exports(
    csv: Path, names: Sequence[str], scenes: Sequence[Scene], medium: Medium, transitions: Sequence[Transition] = ()
) -> list[Path]:
    """Write the named exports beside a scenes CSV; returns their paths."""
    return [
        FORMATS[name].write(csv.with_name(csv.stem + FORMATS[name].suffix), scenes, medium, transitions)
        for name in names
    ]


def _timecodes(scenes: Sequence[Scene]) -> list[tuple[FrameTimecode, FrameTimecode]]:
    """PySceneDetect's form: frames from 0, ends exclusive."""
    from scenedetect import FrameTimecode

    return [
        (FrameTimecode(scene.first - 1, Fraction(FPS)), FrameTimecode(scene.last, Fraction(FPS))) for scene in scenes
    ]


def _timeline(scenes: Sequence[Scene], medium: Medium) -> Timeline:
    import opentimelineio as otio

    def span(first: int, frames: int) -> TimeRange:
        return otio.opentime.TimeRange(otio.opentime.RationalTime(first, FPS), otio.opentime.RationalTime(frames, FPS))

    reference = otio.schema.ExternalReference(medium.url, span(0, medium.total_frames))
    reference.name = medium.name
    timeline = otio.schema.Timeline(medium.name, global_start_time=otio.opentime.RationalTime(0, FPS))
    for kind in (otio.schema.TrackKind.Video, *([otio.schema.TrackKind.Audio] if medium.has_audio else [])):
        track = otio.schema.Track(kind, kind=kind)
        for number, scene in enumerate(scenes, start=1):
            place = span(scene.first - 1, scene.last - scene.first + 1)
            track.append(otio.schema.Clip(f"Scene {number}", reference.clone(), place))
        timeline.tracks.append(track)
    return timeline
