"""Settings of the conversion to 25 fps."""

from __future__ import annotations

from typing import Literal

from mediaflow_assets.core.options import OptionGroup, env


class VideoSettings(OptionGroup):
    """Conversion of every received video to its 25-fps master."""

    quality: Literal["compact", "standard", "high", "custom"] = env(
        "VIDEO_QUALITY", default="compact", doc="Encoder quality: compact, standard, high, or custom (preset and CRF)."
    )
    encoder: Literal["auto", "libx264", "h264_nvenc"] = env(
        "VIDEO_ENCODER", default="auto", doc="auto (NVENC when it works, else libx264), libx264 or h264_nvenc."
    )
    custom_preset: str = env(
        "VIDEO_PRESET", default="veryfast", pattern=r"^[a-z0-9]+$", doc="x264 preset when VIDEO_QUALITY=custom."
    )
    custom_crf: int = env("VIDEO_CRF", default=23, ge=0, le=51, doc="x264 CRF when VIDEO_QUALITY=custom.")
    missing_limit: float = env(
        "VIDEO_MISSING_LIMIT",
        default=0.1,
        ge=0,
        le=1,
        operational=True,
        doc="A damaged video of which more than this part is lost is refused.",
    )
    max_seconds: float = env(
        "VIDEO_MAX_SECONDS",
        default=43200,
        gt=0,
        operational=True,
        doc="A video whose pictures or sound are spread over more seconds is refused (12 h).",
    )
    max_still_seconds: float = env(
        "VIDEO_MAX_STILL_SECONDS",
        default=3600,
        gt=0,
        operational=True,
        doc="A video that shows one picture for more seconds is refused: mostly a damaged time stamp.",
    )
    shorter_than_sound: Literal["note", "hold"] = env(
        "VIDEO_SHORTER_THAN_SOUND",
        default="note",
        doc="A picture that ends before its sound: note (it is said) or hold (its last frame stays till then).",
    )
    stall_seconds: int = env(
        "VIDEO_STALL_SECONDS",
        default=300,
        ge=1,
        operational=True,
        doc="ffmpeg is stopped after this long without progress.",
    )
