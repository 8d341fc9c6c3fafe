"""Cuts as edit decision lists, in the formats of :mod:`mediaflow_assets.scenes.exports`."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.scenes import exports
from mediaflow_assets.scenes.exports import printable
from mediaflow_assets.transcripts.captions import Cue, with_names


def write_edl(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.edl``, one event for each scene."""
    return exports.write_edl(named(stem, ".edl"), _scenes(source), _medium(source))


def write_fcpxml(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>.fcpxml``: a clip for each scene, transitions, captions, a marker where a turn or an appearance
    begins.

    None for a video of which the size of the picture is not known: the format needs it.
    """
    medium = _medium(source)
    if not (medium.width and medium.height):
        return None
    target = exports.write_fcpxml(named(stem, ".fcpxml"), _scenes(source), medium, source.transitions)
    document = ElementTree.parse(target)  # noqa: S314 - of our own making
    for clip, (first, last) in zip(list(document.iter("asset-clip")), source.scenes, strict=True):
        # What is anchored to a clip comes before its markers (Apple's DTD).
        clip.extend(
            _caption(cue, text, source.language)
            for cue, text in with_names(source.cues)
            if first <= cue.first + 1 <= last
        )
        for marker in source.markers:
            if first <= marker.first <= last:
                # In the time of the medium, whose first frame is at 0; markers there have no length.
                start = f"{marker.first - 1}/{FPS}s"
                clip.append(
                    ElementTree.Element("marker", start=start, duration=f"1/{FPS}s", value=printable(marker.name))
                )
    body = ElementTree.tostring(document.getroot(), encoding="unicode")
    return write_atomic(target, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n')


def _caption(cue: Cue, text: str, language: str) -> ElementTree.Element:
    """A caption in the time of its clip's medium; it goes on over the end of the clip if it must.

    Final Cut shows captions by role: a name, the format and a language, which it wants to know.
    """
    caption = ElementTree.Element(
        "caption",
        lane="1",
        offset=f"{cue.first}/{FPS}s",
        name=printable(text),
        start="0s",
        duration=f"{cue.last - cue.first}/{FPS}s",
        role=f"SRT?captionFormat=SRT.{language}",
    )
    ElementTree.SubElement(caption, "text").text = "\n".join(printable(line) for line in text.split("\n"))
    return caption


def _scenes(source: ExportSource) -> list[Scene]:
    return [Scene(first, last) for first, last in source.scenes]


def _medium(source: ExportSource) -> exports.Medium:
    facts = source.timeline.metadata
    return exports.Medium(
        name=printable(source.video.stem),
        url=source.url,
        total_frames=source.total_frames,
        width=facts.width,
        height=facts.height,
        has_audio=source.has_audio,
    )
