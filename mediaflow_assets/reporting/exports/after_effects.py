"""A script for After Effects: the delivered video in a composition, with what was found in it.

Scenes are markers of the composition, each speaker is a null layer with a marker per turn, each
face is a null layer whose position follows the face, each re-framing is a composition of its own; captions are
text layers. The documents are a literal in the script.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import msgspec

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.delivery.documents import frames_of
from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reporting.exports import MIN_FRAMES, ExportSource, named
from mediaflow_assets.reporting.exports.after_effects_parts import video_script
from mediaflow_assets.review.streams import reviewed_tracking
from mediaflow_assets.scenes.exports import printable
from mediaflow_assets.transcripts.captions import Cue

MAX_FACES = 60
"""Null layers; of more faces, those that are seen longest."""
_Run = tuple[int, list[tuple[int, int]]]
"""First frame of an appearance, and the position in each of its frames."""


class _FacePath(TypedDict):
    """A face, as the script reads it."""

    name: str
    runs: list[_Run]


def write(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.jsx``."""
    metadata = source.timeline.metadata
    data = {
        "name": printable(source.video.stem),
        "file": source.file_name,
        "delivered": str(source.video.delivered) if source.video.delivered else "",
        "frames": source.total_frames,
        "width": metadata.width,
        "height": metadata.height,
        "reframes": [_document(document) for document in source.reframings],
        "scenes": source.scenes,
        "speakers": [{"name": label, "turns": turns} for label, turns in source.speakers.items()],
        "faces": list(_faces(source)),
        "captions": [[cue.first + 1, cue.last, cue.speaker or "", _text(cue)] for cue in source.cues],
        "names": {shown: printable(name) for shown, name in source.names.items()},
    }
    return write_atomic(named(stem, ".jsx"), video_script(data))


def _text(cue: Cue) -> str:
    """Lines as After Effects parts them."""
    return "\r".join(printable(line) for line in cue.lines)


def _document(document: Reframing) -> object:
    """A re-framing without what the script does not read: one crop a frame of an hour is 3 MB."""
    return msgspec.to_builtins(msgspec.structs.replace(document, crops=None))


def _faces(source: ExportSource) -> Iterator[_FacePath]:
    document = source.video.documents.get("tracking")
    if document is None:
        return
    lengths = {face: sum(last - first + 1 for first, last in runs) for face, runs in source.faces.items()}
    chosen = sorted((face for face in lengths if lengths[face] >= MIN_FRAMES), key=lambda face: -lengths[face])
    paths: dict[str, list[_Run]] = {face: [] for face in chosen[:MAX_FACES]}
    middle = source.timeline.metadata.height // 2
    for frame in reviewed_tracking(frames_of(document.path), source.video.review):
        for item in frame.get("tracked_objects") or ():
            if item["id"] in paths:
                point = (item["centroid_x"], item.get("centroid_y", middle))
                _extend(paths[item["id"]], frame["frame"], point)
    for face, runs in paths.items():
        yield {"name": face, "runs": runs}


def _extend(runs: list[_Run], frame: int, point: tuple[int, int]) -> None:
    """Add a key to the run that ends just before it, or begin a new run."""
    if runs and runs[-1][0] + len(runs[-1][1]) == frame:
        runs[-1][1].append(point)
    else:
        runs.append((frame, [point]))
