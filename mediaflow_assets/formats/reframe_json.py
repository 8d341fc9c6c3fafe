"""Re-framing JSON: how one video is cut to one aspect.

Keyframes are the truth. Frames count from 1, both ends included; pixels are those of the 25-fps video, origin
top left, x to the right, y down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.core.timebase import FPS

Crop = tuple[float, float, float, float]
"""``(x, y, width, height)`` in pixels, 2 decimals, inside the picture, ``width / height`` = aspect."""
Easing = Literal["hold", "cubic"]
Layout = Literal["single", "group", "split", "object", "centre", "fit"]
Why = Literal["speaks", "with others", "largest", "stays", "nobody", "slides"]
Begins = Literal["shot", "cut", "glide"]


class Keyframe(msgspec.Struct, frozen=True, omit_defaults=True):
    """The crop at a frame, and how it goes on to the next key."""

    frame: int
    crop: Crop
    easing: Easing = msgspec.field(default="hold")
    """``hold``: it stays until the next key. ``cubic``: a Hermite curve to the next key, from :attr:`speed`
    here to the next key's own."""
    speed: tuple[float, float] = (0.0, 0.0)
    """Pixels per frame of the crop's corner at this key."""


class Shot(msgspec.Struct, frozen=True):
    """Frames ``first..last`` of one shot and the part of the picture without dark bars."""

    first: int
    last: int
    content: Crop


class Segment(msgspec.Struct, frozen=True):
    """Frames that are framed for the same people."""

    first: int
    last: int
    layout: Layout
    """``fit`` is the whole content over the width of the output; so is the upper half of a ``split`` for ``slides``.
    The keyframes hold a crop for those who cannot."""
    faces: tuple[str, ...]
    """Ids of the tracking document, from left to right."""
    speakers: tuple[str, ...]
    """Labels of the audio document that are heard."""
    why: Why
    begins: Begins


class Panel(msgspec.Struct, frozen=True):
    """The lower half of a split screen during ``first..last``; the document's keyframes are the upper one."""

    first: int
    last: int
    lower: tuple[Keyframe, ...]


class Size(msgspec.Struct, frozen=True):
    """Pixels."""

    width: int
    height: int


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What an editor would complain about, counted against the tracking document."""

    empty_percent: float
    """Of the frames with a face: those in which no face is at least half inside."""
    speaker_whole_percent: float | None
    """Of the frames in which somebody speaks whose face could fit: those with that face at least 97 % inside."""
    first_words_percent: float | None
    """The same for the first 8 frames of each turn."""
    cut_face_percent: float
    """Of the frames with a face: those in which the edge cuts a face that could fit."""
    too_big_frames: int
    """Frames with a face that is larger than the crop."""
    pans_per_minute: float
    cuts_per_minute: float
    """Inside shots; the cuts of the video itself are not counted."""
    reversals: int
    """Moves that go back within a second after a move."""
    shortest_hold_s: float | None
    """Shortest time between two changes inside a shot; None when nothing changes inside one."""
    enlargement: float
    """Largest of output width / crop width."""


class Reframing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document; the order of the fields is the order in the file."""

    video_filename: str
    total_frames: int
    fps: float = float(FPS)
    source: Size
    aspect: str
    output: Size
    engine: str = "reframe"
    version: int = 1
    parameters: dict[str, str | float | bool] = {}
    inputs: dict[str, str] = {}
    """Document to its sha256; one that was not there is left out."""
    shots: tuple[Shot, ...]
    segments: tuple[Segment, ...]
    keyframes: tuple[Keyframe, ...]
    panels: tuple[Panel, ...] = ()
    measures: Measures
    crops: tuple[Crop, ...] | None = None
    """One per frame, only when asked for: keyframes are the truth."""


_LISTS = ("shots", "segments", "keyframes", "panels", "crops")


def write_reframing(path: Path, document: Reframing) -> Path:
    """Write the document with one shot, segment or keyframe per line, whole or not at all."""
    encoder = msgspec.json.Encoder()
    fields = msgspec.structs.asdict(document)
    for name in ("panels", "crops"):
        if not fields[name]:
            del fields[name]
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(b"{")
        for number, (name, value) in enumerate(fields.items()):
            stream.write((b",\n" if number else b"\n") + encoder.encode(name) + b": ")
            if name in _LISTS:
                stream.write(b"[\n" + b",\n".join(map(encoder.encode, value)) + b"\n]")
            else:
                stream.write(encoder.encode(value))
        stream.write(b"\n}\n")
    return path


def read_reframing(path: Path) -> Reframing:
    """Read a re-framing document.

    Raises:
        BadInput: the file is missing, or is not such a document.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Reframing)
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize reframe_json first") from None
    except msgspec.DecodeError as error:
        raise BadInput(path, f"is not a re-framing document ({error})", "Materialize reframe_json again") from error
