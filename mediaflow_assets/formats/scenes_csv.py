"""Scenes CSV: contiguous 1-based inclusive frame ranges with timecodes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import timecode

HEADER = ("No", "Timecode In", "Timecode Out", "Frame In", "Frame Out")


class Scene(NamedTuple):
    """Frames ``first..last`` of one shot, 1-based, both included."""

    first: int
    last: int


def write_scenes(path: Path, scenes: Sequence[Scene]) -> Path:
    """Write scenes as UTF-8 CSV with CRLF; refuses an empty or non-contiguous list."""
    _check_contiguous(path, scenes)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for number, scene in enumerate(scenes, start=1):
        writer.writerow((number, timecode(scene.first - 1), timecode(scene.last - 1), scene.first, scene.last))
    return write_atomic(path, text.getvalue())


def read_scenes(path: Path) -> list[Scene]:
    """Read a scenes CSV (ours or the legacy application's).

    Raises:
        BadInput: missing columns, a value that is not a frame number, gaps or overlaps.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
            scenes = [Scene(int(row["Frame In"]), int(row["Frame Out"])) for row in rows]
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize scenes_csv first") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(path, f"is not a scenes CSV ({error!r})", f"Its header must be {','.join(HEADER)}") from error
    _check_contiguous(path, scenes)
    return scenes


def _check_contiguous(path: Path, scenes: Sequence[Scene]) -> None:
    if not scenes:
        raise BadInput(path, "has no scene", "A video with at least one frame has at least one scene")
    expected = 1
    for scene in scenes:
        if scene.first != expected or scene.last < scene.first:
            problem = f"scene {scene.first}-{scene.last} does not start at frame {expected}"
            raise BadInput(path, problem, "Materialize scenes_csv again")
        expected = scene.last + 1
