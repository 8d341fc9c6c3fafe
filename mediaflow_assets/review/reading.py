"""The present documents of a video in the form that corrections are made and found with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.delivery.documents import frames_key
from mediaflow_assets.formats.heard import heard_turns
from mediaflow_assets.formats.json_stream import read_typed_frames
from mediaflow_assets.formats.tracking_json import FRAMES_KEY
from mediaflow_assets.review.edits import Spans
from mediaflow_assets.review.sketch import Box


class _Object(msgspec.Struct, frozen=True, gc=False):
    id: str
    label: str = ""
    bbox_xmin: float | None = None
    bbox_ymin: float | None = None
    bbox_width: float | None = None
    bbox_height: float | None = None


class _Frame(msgspec.Struct, frozen=True, gc=False):
    frame: int
    tracked_objects: tuple[_Object, ...] = ()


class _Heard(msgspec.Struct, frozen=True):
    active_speaker_labels: tuple[str, ...] = ()


class _AudioFrame(msgspec.Struct, frozen=True):
    frame: int
    audio_info: _Heard | None = None


def boxes_of(tracking: Path) -> Iterator[tuple[int, Sequence[Box]]]:
    """Frames of a full tracking document; objects without a box (of reduced documents) are left out.

    Raises:
        BadInput: the document cannot be read.
    """
    if frames_key(tracking) != FRAMES_KEY:
        return
    for frame in read_typed_frames(tracking, FRAMES_KEY, _Frame):
        yield (
            frame.frame,
            [
                (item.id, item.label, item.bbox_xmin, item.bbox_ymin, item.bbox_width, item.bbox_height)
                for item in frame.tracked_objects
                if item.bbox_xmin is not None
                and item.bbox_ymin is not None
                and item.bbox_width is not None
                and item.bbox_height is not None
            ],
        )


def turns_in(audio: Path, tracking: Path | None = None) -> dict[str, Spans]:
    """Label to the turns of an audio document, full or reduced.

    Args:
        tracking: the full tracking document of the same video, whose faces may have put speakers right.

    Raises:
        BadInput: the document cannot be read.
    """
    turns: dict[str, Spans] = {}
    for turn in (put_right := heard_turns(tracking)) or ():
        turns.setdefault(turn.speaker, []).append((turn.first, turn.last))
    if put_right is not None:
        return turns
    for frame in read_typed_frames(audio, frames_key(audio), _AudioFrame):
        for label in frame.audio_info.active_speaker_labels if frame.audio_info else ():
            spans = turns.setdefault(label, [])
            if spans and frame.frame == spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], frame.frame)
            else:
                spans.append((frame.frame, frame.frame))
    return turns
