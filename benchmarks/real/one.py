"""One foreign file through probe, conversion and comparison, or one archive through extraction.

Meant for :class:`benchmarks.real.bounded.Bounded`.
"""

from __future__ import annotations

import dataclasses
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.real.bounded import serve
from mediaflow_assets.archives.extract import extract
from mediaflow_assets.archives.model import Limits
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.probe import is_video, probe
from mediaflow_assets.video.source import read_source
from support.media.compare import compare
from support.media.judge import SETTINGS
from support.media.reference import pictures

LIMITS = Limits(max_bytes=1 << 28, max_entries=10_000, max_ratio=200)


def look(path: str, what: str = "compared") -> dict[str, Any]:
    """What becomes of one file.

    Args:
        what: ``compared`` with its source after the conversion, only ``converted``, or ``extracted``.

    Returns:
        ``outcome`` (``converted``, ``extracted``, ``refused``, ``not a video`` or ``traceback``), ``words``, and what
        was measured.
    """
    begun, name = time.monotonic(), Path(path)
    with TemporaryDirectory() as folder:
        try:
            if what == "extracted":
                findings = extract(name, Path(folder) / "extracted", LIMITS)
                return {"outcome": "extracted", "notes": [str(finding) for finding in findings]}
            return _converted(name, Path(folder) / "master.mp4", compared=what == "compared")
        except MediaflowError as error:
            seconds = time.monotonic() - begun
            decodes = len(pictures(name).times) if what == "compared" else 0
            return {"outcome": "refused", "words": error.sentence, "decodes": decodes, "seconds": seconds}
        except Exception:  # noqa: BLE001 - a traceback is what is looked for
            lines = [line.strip() for line in traceback.format_exc().strip().splitlines()]
            place = next((line for line in reversed(lines) if "mediaflow_assets" in line), "")
            return {"outcome": "traceback", "words": f"{lines[-1]} ({place})"}


def _converted(path: Path, target: Path, *, compared: bool) -> dict[str, Any]:
    begun = time.monotonic()
    if not is_video(path):
        # Delivered as received; what ffmpeg sees in it tells whether that is right.
        return {"outcome": "not a video", "decodes": len(pictures(path, "V:0").times) if compared else 0}
    stated = probe(path).duration
    made = convert(path, target, SETTINGS)
    result: dict[str, Any] = {
        "outcome": "converted",
        "seconds": time.monotonic() - begun,
        "notes": list(made.notes),
        "missing": made.missing_seconds,
        "frames": made.total_frames,
        "sound": made.audio,
        "stated": stated,
    }
    if compared:
        source = read_source(path)
        used = source.sound.index if source.sound and made.has_audio else None
        result |= dataclasses.asdict(compare(path, target, source.picture.index, used, dated=source.has_pts))
    return result


if __name__ == "__main__":
    serve(look)
