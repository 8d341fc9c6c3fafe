"""A tracking document as a browser can hold it: columns of boxes, 1,500 frames a file, and one index.

The document of an hour with five faces has 800 MB; this has 0.9 MB. A chunk holds, for each object, its runs of
frames without a gap; the numbers of a run are the first value and then the differences, which compress well::

    {"first": 1, "last": 1500, "objects": [
        {"id": "obj_1", "runs": [{"first": 7, "x": [250, 1, 1], "y": [60, 0, 0], "w": [100, 0, 0], "h": [120, 0, 0]}]}]}

Made once for each document and kept under its SHA-256, so that a browser may keep it for ever.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec

from mediaflow_assets.core.files import exclusive, write_atomic
from mediaflow_assets.delivery.documents import frames_key
from mediaflow_assets.formats.json_stream import read_typed_frames

CHUNK = 1500
"""Frames of a chunk: one minute."""
JUMP = 0.6
"""A box that moves by more of its size from one frame to the next may be somebody else's."""
_PATIENCE = 600
"""Seconds to wait for another request that packs the same document."""

Runs = list[tuple[int, int]]
"""First and last frames, both included, in order."""


class _Audio(msgspec.Struct):
    active_speakers: tuple[str, ...] | None = None


class _Sources(msgspec.Struct):
    audio: _Audio | None = None


class _Object(msgspec.Struct):
    """What of an object is drawn; documents of the replaced application have less of it."""

    id: str
    label: str = ""
    bbox_xmin: float | None = None
    bbox_ymin: float | None = None
    bbox_width: float | None = None
    bbox_height: float | None = None
    confidence: float | None = None
    is_speaking: bool | None = None
    active_speakers: tuple[str, ...] = ()
    speaking_sources: _Sources | None = None

    @property
    def speaks(self) -> bool:
        return bool(self.active_speakers) if self.is_speaking is None else self.is_speaking

    @property
    def voices(self) -> tuple[str, ...]:
        audio = self.speaking_sources.audio if self.speaking_sources else None
        return (audio.active_speakers if audio else None) or self.active_speakers

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        values = (self.bbox_xmin, self.bbox_ymin, self.bbox_width, self.bbox_height)
        numbers = [round(value) for value in values if value is not None]
        return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


class _Frame(msgspec.Struct):
    frame: int
    tracked_objects: list[_Object] = []


class Track(msgspec.Struct, kw_only=True):
    """One face or thing through the whole video."""

    id: str
    label: str
    frames: int = 0
    seen: Runs = []
    speaking: Runs = []
    voices: dict[str, int] = {}
    """Label of a voice to the frames in which it is heard while this face speaks."""
    best: tuple[int, int, int, int, int] | None = None
    """Frame, x, y, width and height of its best picture."""


class Index(msgspec.Struct, kw_only=True):
    """What the lanes show."""

    total_frames: int
    chunk: int = CHUNK
    tracks: list[Track] = []
    jumps: list[tuple[int, str]] = []
    """(frame, id) where a box is suddenly somewhere else; at a cut that is nothing unusual."""


class _Columns(msgspec.Struct):
    first: int
    x: list[int]
    y: list[int]
    w: list[int]
    h: list[int]


class _Boxes(msgspec.Struct):
    id: str
    runs: list[_Columns]


class _Chunk(msgspec.Struct):
    first: int
    last: int
    objects: list[_Boxes]


def packed(document: Path, sha256: str, folder: Path) -> Index:
    """The index of a tracking document; its chunks lie beside it afterwards.

    Args:
        document: full, or reduced by the replaced application (then without boxes).
        sha256: of the document.
        folder: where packed documents are kept.

    Raises:
        BadInput: the document cannot be read.
    """
    home = folder / sha256
    index = home / "index.json"
    if not index.exists():
        with exclusive(home, lock_timeout=_PATIENCE):
            if not index.exists():
                _pack(document, home)
    return msgspec.json.decode(index.read_bytes(), type=Index)


def chunk_file(folder: Path, sha256: str, number: int) -> Path:
    """Chunk ``number``, from 0, as gzipped JSON."""
    return folder / sha256 / f"{number}.json.gz"


def _pack(document: Path, home: Path) -> None:
    tracks: dict[str, Track] = {}
    jumps: list[tuple[int, str]] = []
    quality: dict[str, float] = {}
    last = 0
    number = -1
    chunk: dict[str, list[_Columns]] = {}
    previous: dict[str, tuple[int, tuple[int, int, int, int]]] = {}
    for frame in read_typed_frames(document, frames_key(document), _Frame):
        if (frame.frame - 1) // CHUNK != number:
            _write_chunk(home, number, chunk)
            number, chunk = (frame.frame - 1) // CHUNK, {}
        last = max(last, frame.frame)
        for item in frame.tracked_objects:
            track = tracks.setdefault(item.id, Track(id=item.id, label=item.label, seen=[], speaking=[], voices={}))
            track.frames += 1
            _extend(track.seen, frame.frame)
            if item.speaks:
                _extend(track.speaking, frame.frame)
                for label in item.voices:
                    track.voices[label] = track.voices.get(label, 0) + 1
            box = item.box
            if box is None:
                continue
            before = previous.get(item.id)
            near = before is not None and before[0] == frame.frame - 1
            if near and before is not None and _jumps(before[1], box):
                jumps.append((frame.frame, item.id))
            score = box[2] * box[3] * (item.confidence or 0.5)
            if score > quality.get(item.id, 0):
                quality[item.id] = score
                track.best = (frame.frame, *box)
            _add(chunk.setdefault(item.id, []), frame.frame, box, before[1] if near and before else None)
            previous[item.id] = (frame.frame, box)
    _write_chunk(home, number, chunk)
    ordered = sorted(tracks.values(), key=lambda track: track.seen[0])
    index = Index(total_frames=last, tracks=ordered, jumps=jumps)
    write_atomic(home / "index.json", msgspec.json.encode(index))


def _add(
    runs: list[_Columns], frame: int, box: tuple[int, int, int, int], before: tuple[int, int, int, int] | None
) -> None:
    run = runs[-1] if runs else None
    if run is None or before is None or run.first + len(run.x) != frame:
        runs.append(_Columns(frame, [box[0]], [box[1]], [box[2]], [box[3]]))
        return
    for column, value, former in zip((run.x, run.y, run.w, run.h), box, before, strict=True):
        column.append(value - former)


def _write_chunk(home: Path, number: int, chunk: dict[str, list[_Columns]]) -> None:
    if number < 0:
        return
    document = _Chunk(
        number * CHUNK + 1, (number + 1) * CHUNK, [_Boxes(name, runs) for name, runs in sorted(chunk.items())]
    )
    # The time of making would make equal chunks different.
    write_atomic(home / f"{number}.json.gz", gzip.compress(msgspec.json.encode(document), 6, mtime=0))


def _jumps(before: tuple[int, int, int, int], box: tuple[int, int, int, int]) -> bool:
    size = max(before[2], before[3], 1)
    moved = max(abs(_middle(box, axis) - _middle(before, axis)) for axis in (0, 1))
    return moved > JUMP * size


def _middle(box: tuple[int, int, int, int], axis: int) -> float:
    return box[axis] + box[axis + 2] / 2


def _extend(runs: Runs, frame: int) -> None:
    if runs and runs[-1][1] == frame - 1:
        runs[-1] = (runs[-1][0], frame)
    elif not runs or runs[-1][1] < frame:
        runs.append((frame, frame))
