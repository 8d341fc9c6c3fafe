"""Reading the analyses of any age: full ones, and the reduced ones that the replaced application archived.

The replaced application reduced its documents in place before it archived them, so its archives
hold frames under ``frames_analysis`` and no totals.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ijson

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.words import TRANSCRIPTS
from mediaflow_assets.formats.frames import Frame
from mediaflow_assets.formats.json_stream import read_frames, read_head
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.transcript_json import read_transcript

_ARRAYS = ("frames", "frames_analysis")


def frames_key(path: Path) -> str:
    """Name of the array of frames in an audio or tracking document.

    Raises:
        BadInput: the file is missing, not JSON, or has no such array.
    """
    try:
        with path.open("rb") as stream:
            for prefix, event, _ in ijson.parse(stream, use_float=True):
                if event == "start_array" and prefix in _ARRAYS:
                    return str(prefix)
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset that makes it first") from None
    except ijson.JSONError as error:
        raise BadInput(path, f"is not complete JSON ({error})", "Materialize the asset that makes it again") from error
    raise BadInput(path, "has no frames", "It is not the document of an analysis")


def is_reduced(path: Path) -> bool:
    """Whether a tracking document holds only what the After Effects script reads."""
    return frames_key(path) == "frames_analysis"


def frames_of(path: Path) -> Iterator[Frame]:
    """Frames of an audio or tracking document, one by one."""
    return read_frames(path, frames_key(path))


def total_frames(kind: str, path: Path) -> int:
    """Number of frames of the video that a document describes.

    Args:
        kind: ``scenes``, ``audio``, ``tracking`` or ``transcripts``.
    """
    if kind == "scenes":
        return read_scenes(path)[-1].last
    if kind == TRANSCRIPTS:
        return read_transcript(path).total_frames
    head = read_head(path, frames_key(path))
    metadata = head.get("metadata")
    stated = head.get("total_frames") or (metadata.get("total_frames") if isinstance(metadata, dict) else None)
    if isinstance(stated, int):
        return stated
    last = 0
    for frame in frames_of(path):
        last = max(last, int(frame.get("frame") or 0))
    return last
