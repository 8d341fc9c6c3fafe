"""Re-framings for editing programs: one clip over the whole video whose transform is keyed.

Nothing relies on how a program conforms pictures: the sizes are left as they are and everything is in the transform
(:mod:`mediaflow_assets.reframing.transforms`). Key times count from the start of the clip, which is the start of
the video. What is baked is what these programs have no curve for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reframing import transforms
from mediaflow_assets.reporting.exports import ExportSource, named
from mediaflow_assets.scenes.exports import printable

_Model = Callable[[transforms.Views, transforms.Frames], transforms.Transform]


def write_final_cut(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>_reframe.fcpxml`` (FCPXML 1.9) for Final Cut Pro: a project for each aspect."""
    return _fcpxml(source, named(stem, "_reframe.fcpxml"), transforms.final_cut)


def write_resolve(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>_reframe_resolve.fcpxml`` for DaVinci Resolve, which reads positions in another unit."""
    return _fcpxml(source, named(stem, "_reframe_resolve.fcpxml"), transforms.resolve)


def _fcpxml(source: ExportSource, target: Path, model: _Model) -> Path | None:
    documents = source.reframings
    if not documents:
        return None
    first = documents[0]
    length = f"{source.total_frames}/{FPS}s"
    root = Element("fcpxml", version="1.9")
    resources = SubElement(root, "resources")
    _format(resources, "r1", first.source.width, first.source.height)
    for number, document in enumerate(documents, start=3):
        _format(resources, f"r{number}", document.output.width, document.output.height)
    asset = SubElement(
        resources,
        "asset",
        id="r2",
        name=printable(source.file_name),
        start="0s",
        duration=length,
        hasVideo="1",
        format="r1",
    )
    if source.has_audio:
        asset.attrib |= {"hasAudio": "1", "audioSources": "1", "audioChannels": "2"}
    SubElement(asset, "media-rep", kind="original-media", src=source.url)
    event = SubElement(SubElement(root, "library"), "event", name=printable(source.project))
    for number, document in enumerate(documents, start=3):
        project = SubElement(event, "project", name=_title(source, document))
        sequence = SubElement(project, "sequence", format=f"r{number}", duration=length, tcStart="0s", tcFormat="NDF")
        clip = SubElement(
            SubElement(sequence, "spine"),
            "asset-clip",
            ref="r2",
            name=printable(source.file_name),
            offset="0s",
            start="0s",
            duration=length,
            tcFormat="NDF",
        )
        _adjust_transform(clip, document, model)
        for first_frame, _, text in _framings(document):
            SubElement(clip, "marker", start=f"{first_frame - 1}/{FPS}s", duration=f"1/{FPS}s", value=text)
    indent(root, " ")
    body = tostring(root, encoding="unicode")
    return write_atomic(target, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n')


def _format(resources: Element, name: str, width: int, height: int) -> None:
    SubElement(resources, "format", id=name, frameDuration=f"1/{FPS}s", width=str(width), height=str(height))


def _adjust_transform(clip: Element, document: Reframing, model: _Model) -> None:
    views = transforms.single_views(document)
    scale, position = model(views, transforms.Frames.of(document))
    adjust = SubElement(
        clip,
        "adjust-transform",
        position=f"{_number(position[0, 0])} {_number(position[0, 1])}",
        scale=f"{_number(scale[0])} {_number(scale[0])}",
    )
    keys = transforms.baked(views)
    if len(keys) > 1:
        # Final Cut ignores a position key that names an interpolation.
        animation = SubElement(SubElement(adjust, "param", name="position"), "keyframeAnimation")
        for key in keys:
            value = f"{_number(position[key, 0])} {_number(position[key, 1])}"
            SubElement(animation, "keyframe", time=f"{key}/{FPS}s", value=value)
    if scale.max() - scale.min() > 1e-9:
        animation = SubElement(SubElement(adjust, "param", name="scale"), "keyframeAnimation")
        for key in keys:
            SubElement(
                animation, "keyframe", time=f"{key}/{FPS}s", value=f"{_number(scale[key])} {_number(scale[key])}"
            )


def write_premiere(source: ExportSource, stem: Path) -> Path | None:
    """Write ``<stem>_reframe.xml`` (xmeml 4) for Premiere Pro: a sequence for each aspect, "Basic Motion" keyed."""
    documents = source.reframings
    if not documents:
        return None
    root = Element("xmeml", version="4")
    project = SubElement(root, "project")
    _text(project, "name", printable(source.project))
    children = SubElement(project, "children")
    for number, document in enumerate(documents, start=1):
        _sequence(children, source, document, number)
    indent(root, " ")
    body = tostring(root, encoding="unicode")
    return write_atomic(
        named(stem, "_reframe.xml"), f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{body}\n'
    )


def _sequence(parent: Element, source: ExportSource, document: Reframing, number: int) -> None:
    frames = source.total_frames
    sequence = SubElement(parent, "sequence", id=f"sequence-{number}")
    _text(sequence, "name", _title(source, document))
    _text(sequence, "duration", frames)
    _rate(sequence)
    _timecode(sequence)
    media = SubElement(sequence, "media")
    video = SubElement(media, "video")
    _characteristics(SubElement(video, "format"), document.output.width, document.output.height)
    clip = _clip(SubElement(video, "track"), source, f"clip-{number}-picture", frames)
    _file(clip, source, document, whole=number == 1)
    _basic_motion(clip, document)
    if source.has_audio:
        sound = _clip(SubElement(SubElement(media, "audio"), "track"), source, f"clip-{number}-sound", frames)
        SubElement(sound, "file", id="file-1")
        track = SubElement(sound, "sourcetrack")
        _text(track, "mediatype", "audio")
        _text(track, "trackindex", 1)
    for first, last, text in _framings(document):
        marker = SubElement(sequence, "marker")
        _text(marker, "name", text)
        _text(marker, "in", first - 1)
        _text(marker, "out", last)


def _clip(track: Element, source: ExportSource, name: str, frames: int) -> Element:
    clip = SubElement(track, "clipitem", id=name)
    _text(clip, "name", printable(source.file_name))
    _text(clip, "enabled", "TRUE")
    _text(clip, "duration", frames)
    _rate(clip)
    for key, value in (("start", 0), ("end", frames), ("in", 0), ("out", frames)):
        _text(clip, key, value)
    return clip


def _file(clip: Element, source: ExportSource, document: Reframing, *, whole: bool) -> None:
    file = SubElement(clip, "file", id="file-1")
    if not whole:
        return
    _text(file, "name", printable(source.file_name))
    # The form that Premiere writes itself, which Resolve reads too.
    _text(file, "pathurl", source.url.replace("file:///", "file://localhost/", 1))
    _rate(file)
    _text(file, "duration", source.total_frames)
    _timecode(file)
    media = SubElement(file, "media")
    _characteristics(SubElement(media, "video"), document.source.width, document.source.height)
    if source.has_audio:
        _text(SubElement(media, "audio"), "channelcount", 2)


def _basic_motion(clip: Element, document: Reframing) -> None:
    views = transforms.single_views(document)
    scale, centre = transforms.premiere(views, transforms.Frames.of(document))
    keys = transforms.baked(views)
    effect = SubElement(SubElement(clip, "filter"), "effect")
    for key, value in (
        ("name", "Basic Motion"),
        ("effectid", "basic"),
        ("effectcategory", "motion"),
        ("effecttype", "motion"),
        ("mediatype", "video"),
    ):
        _text(effect, key, value)
    size = _parameter(effect, "scale", "Scale")
    _text(size, "valuemin", 0)
    _text(size, "valuemax", 1000)
    _text(size, "value", _number(scale[0]))
    place = _parameter(effect, "center", "Center")
    _point(SubElement(place, "value"), centre[0])
    for key in keys if len(keys) > 1 else ():
        frame = SubElement(place, "keyframe")
        _text(frame, "when", int(key))
        _point(SubElement(frame, "value"), centre[key])
    if scale.max() - scale.min() > 1e-9:
        for key in keys:
            frame = SubElement(size, "keyframe")
            _text(frame, "when", int(key))
            _text(frame, "value", _number(scale[key]))


def _parameter(effect: Element, identity: str, name: str) -> Element:
    parameter = SubElement(effect, "parameter")
    _text(parameter, "parameterid", identity)
    _text(parameter, "name", name)
    return parameter


def _point(value: Element, point: transforms.Views) -> None:
    _text(value, "horiz", _number(point[0]))
    _text(value, "vert", _number(point[1]))


def _characteristics(parent: Element, width: int, height: int) -> None:
    facts = SubElement(parent, "samplecharacteristics")
    _rate(facts)
    for key, value in (
        ("width", width),
        ("height", height),
        ("anamorphic", "FALSE"),
        ("pixelaspectratio", "square"),
        ("fielddominance", "none"),
    ):
        _text(facts, key, value)


def _rate(parent: Element) -> None:
    rate = SubElement(parent, "rate")
    _text(rate, "timebase", FPS)
    _text(rate, "ntsc", "FALSE")


def _timecode(parent: Element) -> None:
    code = SubElement(parent, "timecode")
    _rate(code)
    _text(code, "string", "00:00:00:00")
    _text(code, "frame", 0)
    _text(code, "displayformat", "NDF")


def _text(parent: Element, name: str, value: str | float) -> None:
    SubElement(parent, name).text = str(value)


def write_clipboard(source: ExportSource, stem: Path) -> dict[str, Path]:
    """Write ``<stem>_reframe_9x16.txt`` for each aspect: keyframes to paste on the footage's layer in After Effects."""
    return {
        document.aspect.replace(":", "x"): write_atomic(
            named(stem, f"_reframe_{document.aspect.replace(':', 'x')}.txt"), "\n".join(_clipboard(document)) + "\n"
        )
        for document in source.reframings
    }


def _clipboard(document: Reframing) -> Iterator[str]:
    views = transforms.single_views(document)
    scale, anchor = transforms.after_effects(views, transforms.Frames.of(document))
    keys = transforms.baked(views)
    yield "Adobe After Effects 8.0 Keyframe Data"
    yield ""
    yield f"\tUnits Per Second\t{FPS}"
    yield f"\tSource Width\t{document.source.width}"
    yield f"\tSource Height\t{document.source.height}"
    yield "\tSource Pixel Aspect Ratio\t1"
    yield "\tComp Pixel Aspect Ratio\t1"
    yield ""
    yield "Transform\tAnchor Point"
    yield "\tFrame\tX pixels\tY pixels\tZ pixels\t"
    for key in keys:
        yield f"\t{key}\t{_number(anchor[key, 0])}\t{_number(anchor[key, 1])}\t0\t"
    yield ""
    yield "Transform\tPosition"
    yield "\tFrame\tX pixels\tY pixels\tZ pixels\t"
    yield f"\t\t{_number(document.output.width / 2)}\t{_number(document.output.height / 2)}\t0\t"
    yield ""
    yield "Transform\tScale"
    yield "\tFrame\tX percent\tY percent\tZ percent\t"
    if scale.max() - scale.min() <= 1e-9:
        yield f"\t\t{_number(scale[0])}\t{_number(scale[0])}\t100\t"
    else:
        for key in keys:
            yield f"\t{key}\t{_number(scale[key])}\t{_number(scale[key])}\t100\t"
    yield ""
    yield ""
    yield "End of Keyframe Data"


def _framings(document: Reframing) -> Iterator[tuple[int, int, str]]:
    """First and last frame of each framing, and who is in it."""
    for segment in document.segments:
        names = " + ".join((*segment.faces, *segment.speakers)) or segment.layout
        yield segment.first, segment.last, printable(f"{names} ({segment.why})")


def _title(source: ExportSource, document: Reframing) -> str:
    return printable(f"{source.video.stem} {document.aspect.replace(':', 'x')}")


def _number(value: float) -> str:
    """A number without an exponent or rounding noise."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"
