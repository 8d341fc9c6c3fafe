"""A script for After Effects: the delivered video in a composition, with what was found in it.

Scenes are markers of the composition, each speaker is a null layer with a marker per turn, each
face is a null layer whose position follows the face, each re-framing is a composition of its own. The
script is ES3, as ExtendScript is; the data are a literal in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.documents import frames_of
from mediaflow_assets.reporting.exports import MIN_FRAMES, ExportSource, named
from mediaflow_assets.reporting.exports.after_effects_reframing import comp_of, parts_of
from mediaflow_assets.scenes.exports import printable

MAX_FACES = 60
"""Null layers; of more faces, those that are seen longest."""
_PLACE = "/* DATA */ null"
_Run = tuple[int, list[tuple[int, int]]]
"""First frame of an appearance, and the position in each of its frames."""


def write(source: ExportSource, stem: Path) -> Path:
    """Write ``<stem>.jsx``."""
    metadata = source.timeline["metadata"]
    parts = parts_of(source.total_frames, [first for first, _ in source.scenes])
    data = {
        "name": printable(source.video.stem),
        "file": source.file_name,
        "delivered": str(source.video.delivered) if source.video.delivered else "",
        "fps": FPS,
        "frames": source.total_frames,
        "width": metadata.get("width", 0),
        "height": metadata.get("height", 0),
        "parts": parts,
        "mostNames": MAX_FACES,
        "reframes": [comp_of(document, parts) for document in source.reframings],
        "scenes": source.scenes,
        "speakers": [{"name": label, "turns": turns} for label, turns in source.speakers.items()],
        "faces": list(_faces(source)),
    }
    template = files("mediaflow_assets.reporting").joinpath("templates", "after_effects.jsx").read_text("utf-8")
    # Escaped to ASCII: ExtendScript reads a file without a mark in the encoding of the machine.
    return write_atomic(named(stem, ".jsx"), template.replace(_PLACE, json.dumps(data, ensure_ascii=True)))


def _faces(source: ExportSource) -> Iterator[dict[str, Any]]:
    document = source.video.documents.get("tracking")
    if document is None:
        return
    lengths = {face: sum(last - first + 1 for first, last in runs) for face, runs in source.faces.items()}
    chosen = sorted((face for face in lengths if lengths[face] >= MIN_FRAMES), key=lambda face: -lengths[face])
    paths: dict[str, list[_Run]] = {face: [] for face in chosen[:MAX_FACES]}
    middle = source.timeline["metadata"].get("height", 0) // 2
    for frame in frames_of(document.path):
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
