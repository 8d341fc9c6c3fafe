"""The cut list as FCPXML 1.9, for Final Cut Pro and DaVinci Resolve.

The pictures are the story line; the sound of the reference is connected below it, a lane and an audio role for each
speaker. Plain clips, no multicam clip: both programs read these alike.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.multicam.angles import Angle
from mediaflow_assets.multicam.cuts import Cut
from mediaflow_assets.multicam.timelines import Edit, described
from mediaflow_assets.scenes.exports import printable


def write_fcpxml(path: Path, edit: Edit) -> Path:
    """Write the document; the format of the sequence is that of the reference."""
    root = Element("fcpxml", version="1.9")
    resources = SubElement(root, "resources")
    for number, angle in enumerate(edit.angles, start=1):
        width, height = str(angle.master.width), str(angle.master.height)
        SubElement(resources, "format", id=f"f{number}", frameDuration=f"1/{FPS}s", width=width, height=height)
    for number, angle in enumerate(edit.angles, start=1):
        asset = SubElement(
            resources,
            "asset",
            id=f"a{number}",
            name=_file(angle),
            start="0s",
            duration=_time(angle.master.total_frames),
            hasVideo="1",
            format=f"f{number}",
        )
        if angle.master.has_audio:
            asset.attrib |= {"hasAudio": "1", "audioSources": "1", "audioChannels": "2"}
        SubElement(asset, "media-rep", kind="original-media", src=angle.url)
    name = printable(edit.name)
    event = SubElement(SubElement(root, "library"), "event", name=name)
    project = SubElement(event, "project", name=name)
    total = edit.cuts[-1].last
    sequence = SubElement(project, "sequence", format="f1", duration=_time(total), tcStart="0s", tcFormat="NDF")
    spine = SubElement(sequence, "spine")
    for cut in edit.cuts:
        _shot(spine, edit, cut)
    indent(root, " ")
    body = tostring(root, encoding="unicode")
    return write_atomic(path, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n')


def _shot(spine: Element, edit: Edit, cut: Cut) -> None:
    angle, length = edit.angles[cut.angle], cut.last - cut.first + 1
    own = angle.first_of(cut.first, length)
    clip = SubElement(
        spine,
        "asset-clip",
        ref=f"a{cut.angle + 1}",
        name=_file(angle),
        offset=_time(cut.first - 1),
        start=_time(own - 1),
        duration=_time(length),
        tcFormat="NDF",
        srcEnable="video",
    )
    tracks = edit.tracks
    for piece in edit.pieces if edit.angles[0].master.has_audio else ():
        if cut.first <= piece.first <= cut.last:
            SubElement(
                clip,
                "asset-clip",
                ref="a1",
                name=printable(piece.track),
                lane=str(-1 - tracks.index(piece.track)),
                # Connected clips lie in the time of the clip that they hang on.
                offset=_time(own - 1 + piece.first - cut.first),
                start=_time(piece.first - 1),
                duration=_time(piece.last - piece.first + 1),
                tcFormat="NDF",
                srcEnable="audio",
                audioRole=f"dialogue.{_role(piece.track)}",
            )
    SubElement(clip, "marker", start=_time(own - 1), duration=_time(1), value=described(cut))


def _file(angle: Angle) -> str:
    return printable(f"{angle.master.stem}.mp4")


def _role(track: str) -> str:
    """A full stop parts a role from its sub-role."""
    return printable(track).replace(".", " ")


def _time(frames: int) -> str:
    return f"{frames}/{FPS}s"
