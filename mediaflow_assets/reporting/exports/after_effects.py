"""A script for After Effects: the delivered video in a composition, with what was found in it.

Scenes are markers of the composition, each speaker is a null layer with a marker per turn, each
face is a null layer whose position follows the face. The script is ES3, as ExtendScript is; the
data are a literal in it.

A composition lasts at most three hours (After Effects Scripting Guide, ``ItemCollection.addComp``: 0.0 to 10800.0 s).
Of a longer video, the script imports the first three hours and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.documents import frames_of
from mediaflow_assets.reporting.exports import LEAST_FRAMES, ExportSource, named
from mediaflow_assets.scenes.exports import printable

MOST_FACES = 60
"""Null layers; of more faces, those that are seen longest."""
MAX_FRAMES = 10_800 * FPS
"""Of a composition."""
_PLACE = "/* DATA */ null"
_Run = tuple[int, list[tuple[int, int]]]
"""First frame of an appearance, and the position in each of its frames."""


def write(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.jsx``."""
    metadata = source.timeline["metadata"]
    frames = min(source.total_frames, MAX_FRAMES)
    data = {
        "name": printable(source.video.stem),
        "file": source.file_name,
        "delivered": str(source.video.delivered) if source.video.delivered else "",
        "fps": FPS,
        "frames": frames,
        "left_out": source.total_frames - frames,
        "width": metadata.get("width", 0),
        "height": metadata.get("height", 0),
        "scenes": _until(frames, source.scenes),
        "speakers": [
            {"name": label, "turns": kept}
            for label, turns in source.speakers.items()
            if (kept := _until(frames, turns))
        ],
        "faces": list(_faces(source)),
    }
    template = files("mediaflow_assets.reporting").joinpath("templates", "after_effects.jsx").read_text("utf-8")
    # Escaped to ASCII: ExtendScript reads a file without a mark in the encoding of the machine.
    return write_atomic(named(stem, ".jsx"), template.replace(_PLACE, json.dumps(data, ensure_ascii=True)))


def _until(last: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of frames, as far as they lie before the end of the composition."""
    return [(first, min(end, last)) for first, end in spans if first <= last]


def _faces(source: ExportSource) -> Iterator[dict[str, Any]]:
    document = source.video.documents.get("tracking")
    if document is None:
        return
    lengths = {face: sum(last - first + 1 for first, last in runs) for face, runs in source.faces.items()}
    chosen = sorted((face for face in lengths if lengths[face] >= LEAST_FRAMES), key=lambda face: -lengths[face])
    paths: dict[str, list[_Run]] = {face: [] for face in chosen[:MOST_FACES]}
    middle = source.timeline["metadata"].get("height", 0) // 2
    for frame in islice(frames_of(document.path), MAX_FRAMES):
        for item in frame.get("tracked_objects") or ():
            if item["id"] in paths:
                point = (item["centroid_x"], item.get("centroid_y", middle))
                _extend(paths[item["id"]], frame["frame"], point)
    for face, runs in paths.items():
        if runs:
            yield {"name": face, "runs": runs}


def _extend(runs: list[_Run], frame: int, point: tuple[int, int]) -> None:
    """Add a key to the run that ends just before it, or begin a new run."""
    if runs and runs[-1][0] + len(runs[-1][1]) == frame:
        runs[-1][1].append(point)
    else:
        runs.append((frame, [point]))
