"""One picture of who speaks when: a lane for each speaker, a row of lanes for each video."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from mediaflow_assets.formats.audio_json import Segment

WIDTH = 900
"""Pixels."""
LANE = 18
"""Height of a lane in pixels."""
MAX_LANES = 60
"""Lanes in a picture; further videos are only counted."""
_MARGIN = 110
_COLOURS = ("#3b7dd8", "#e07b39", "#4aa564", "#b05cc6", "#c94f5b", "#7f8c2f", "#3aa6a6", "#8a6d5a")
_UNKNOWN = "#999999"


def timeline_picture(videos: Iterable[tuple[str, float, Sequence[Segment]]]) -> bytes | None:
    """PNG below 100 kB, or None without a video.

    Args:
        videos: name, duration in seconds, and speech of each.
    """
    from PIL import Image, ImageDraw

    rows: list[tuple[str, float, str | None, Sequence[Segment]]] = []
    left_out = 0
    for name, duration, segments in videos:
        speakers = sorted({one.speaker for one in segments})
        if len(rows) + 1 + len(speakers) > MAX_LANES:
            left_out += 1
            continue
        rows.append((f"{name} ({duration:.0f} s)", duration, None, ()))
        rows += [(label or "unknown", duration, label, segments) for label in speakers]
    if left_out:
        rows.append((f"and {left_out} more videos", 0, None, ()))
    if not rows:
        return None
    image = Image.new("RGB", (WIDTH, len(rows) * LANE + 4), "#ffffff")
    draw = ImageDraw.Draw(image)
    for number, (text, duration, label, segments) in enumerate(rows):
        top = number * LANE + 2
        if label is None:
            draw.text((4, top + 2), _shown(text, WIDTH // 7), fill="#000000")
            continue
        draw.text((12, top + 2), text, fill="#444444")
        draw.rectangle((_MARGIN, top + 2, WIDTH - 4, top + LANE - 3), fill="#eeeeee")
        scale = (WIDTH - 4 - _MARGIN) / max(duration, 1e-9)
        for one in segments:
            if one.speaker == label:
                start, end = _MARGIN + one.start * scale, _MARGIN + min(one.end, duration) * scale
                draw.rectangle((start, top + 2, max(end, start), top + LANE - 3), fill=_colour(label))
    stream = io.BytesIO()
    image.quantize(32).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _colour(label: str) -> str:
    number = label.rpartition("_")[2]
    return _COLOURS[int(number) % len(_COLOURS)] if number.isdigit() else _UNKNOWN


def _shown(text: str, most: int) -> str:
    """Pillow's built-in font knows Latin-1 only."""
    return text[:most].encode("latin-1", "replace").decode("latin-1")
