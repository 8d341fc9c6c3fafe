"""What is refused before it is converted, because it would never end or not fit."""

from __future__ import annotations

from mediaflow_assets.core.decimals import decimal_text
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.source import VideoStream
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes

MAX_SIDE = 16384
"""Pixels that libx264 encodes."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def check_size(name: str, picture: VideoStream) -> None:
    """Refuse a picture that no encoder takes.

    Raises:
        BadInput: it is too small or too large.
    """
    if min(picture.width, picture.height) < 2 or max(picture.width, picture.height) > MAX_SIDE:
        problem = f"has a picture of {picture.width}x{picture.height} pixels; 2 to {MAX_SIDE} are possible"
        raise BadInput(name, problem, "Ask for it in another size, or remove it")


def check_length(name: str, pictures: PictureTimes, sounds: SoundTimes | None, settings: VideoSettings) -> None:
    """Refuse a video whose time stamps would make frames, or silence, without end.

    Raises:
        BadInput: it is too long, or shows one picture for too long.
    """
    damaged = "Mostly a time stamp is damaged: ask for the file again"
    # The last picture may stand for as long as there is sound, as of music with a cover.
    heard = max(pictures.last, sounds.end) if sounds else pictures.last
    still_seconds = max(pictures.longest_step, pictures.end - heard)
    if still_seconds > settings.max_still_seconds:
        still = span(float(still_seconds))
        raise BadInput(
            name, f"shows one picture for {still}", f"{damaged}, or raise VIDEO_MAX_STILL_SECONDS if that is meant"
        )
    end = max(pictures.end, sounds.end) if sounds else pictures.end
    if end - pictures.start > settings.max_seconds:
        lasts = span(float(end - pictures.start))
        raise BadInput(name, f"lasts {lasts} by its time stamps", f"{damaged}, or raise VIDEO_MAX_SECONDS if it does")


def span(seconds: float) -> str:
    """A length of time in the largest units that say something: ``4.2 s``, ``3 h 5 min``, ``196 days``."""
    if seconds < 10 * _MINUTE:
        return f"{decimal_text(seconds, 2)} s"
    minutes = round(seconds / _MINUTE)
    if seconds < _HOUR:
        return f"{minutes} min"
    if seconds < 2 * _DAY:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{round(seconds / _DAY)} days"
