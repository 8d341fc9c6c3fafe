"""XMP side-car with markers: scenes, speakers and faces as three tracks of ``xmpDM:Tracks``.

Namespace and structures: "XMP Specification Part 2: Additional Properties" (Adobe), Dynamic Media.
Premiere Pro and After Effects read a side-car that has the name of the video.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.scenes.exports import printable

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP_DM = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
_META = "adobe:ns:meta/"
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>\n'

Properties = tuple[int, int, dict[str, str]]
"""First frame, last frame, further properties."""


def write(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.xmp``; times are frames at 25 per second, from 0."""
    for prefix, namespace in (("x", _META), ("rdf", _RDF), ("xmpDM", _XMP_DM)):
        ElementTree.register_namespace(prefix, namespace)
    root = ElementTree.Element(f"{{{_META}}}xmpmeta")
    description = ElementTree.SubElement(ElementTree.SubElement(root, f"{{{_RDF}}}RDF"), f"{{{_RDF}}}Description")
    description.set(f"{{{_RDF}}}about", "")
    tracks = ElementTree.SubElement(ElementTree.SubElement(description, f"{{{_XMP_DM}}}Tracks"), f"{{{_RDF}}}Bag")
    _track(tracks, "Scenes", "Chapter", _scenes(source))
    _track(tracks, "Speakers", "Speech", _speakers(source))
    _track(tracks, "Faces", "Comment", _faces(source))
    ElementTree.indent(root)
    return write_atomic(named(stem, ".xmp"), _HEAD + ElementTree.tostring(root, encoding="unicode") + _TAIL)


def _track(tracks: ElementTree.Element, name: str, kind: str, markers: Iterator[Properties]) -> None:
    track = _resource(tracks)
    _property(track, "trackName", name)
    _property(track, "trackType", kind)
    _property(track, "frameRate", f"f{FPS}")
    sequence = ElementTree.SubElement(ElementTree.SubElement(track, f"{{{_XMP_DM}}}markers"), f"{{{_RDF}}}Seq")
    for first, last, others in markers:
        marker = _resource(sequence)
        _property(marker, "startTime", str(first - 1))
        _property(marker, "duration", str(last - first + 1))
        _property(marker, "type", kind)
        for key, value in others.items():
            _property(marker, key, printable(value))


def _scenes(source: ExportSource) -> Iterator[Properties]:
    for number, (first, last) in enumerate(source.scenes, start=1):
        yield first, last, {"name": f"Scene {number}"}


def _speakers(source: ExportSource) -> Iterator[Properties]:
    for marker in source.markers:
        if marker.kind == "speaker":
            yield marker.first, marker.last, {"name": marker.name, "speaker": marker.name}


def _faces(source: ExportSource) -> Iterator[Properties]:
    for marker in source.markers:
        if marker.kind == "face":
            yield marker.first, marker.last, {"name": marker.name}


def _resource(parent: ElementTree.Element) -> ElementTree.Element:
    item = ElementTree.SubElement(parent, f"{{{_RDF}}}li")
    item.set(f"{{{_RDF}}}parseType", "Resource")
    return item


def _property(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, f"{{{_XMP_DM}}}{name}").text = value
