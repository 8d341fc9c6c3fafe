"""Settings of delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mediaflow_assets.core.options import OptionGroup, env


class DeliverySettings(OptionGroup):
    """What is delivered, where, and what is kept."""

    @property
    def words(self) -> bool:
        """Whether anything of what is said is delivered."""
        return self.transcript or self.captions

    output: Path | None = env("OUTPUT_DIR", default=None, doc="Finalized projects (default: output in MEDIAFLOW_HOME).")
    fallback_output: Path | None = env(
        "FALLBACK_OUTPUT_DIR", default=None, doc="Used, and said loudly, when OUTPUT_DIR cannot be written."
    )
    finalize_mode: Literal["strict", "lenient", "videos"] = env(
        "FINALIZE_MODE",
        default="lenient",
        doc="strict: scenes and tracking for every video; lenient: at least one analysis; videos: the videos suffice.",
    )
    on_bad_video: Literal["hold", "leave_out"] = env(
        "ON_BAD_VIDEO",
        default="hold",
        doc="When a video cannot be made: hold (all others are done, the delivery waits for a person) or leave_out"
        " (it is delivered without, and said so).",
    )
    tracking_name: Literal["{stem}_tracking.json", "{stem}.json"] = env(
        "TRACKING_NAME", default="{stem}_tracking.json", doc="File name of the delivered tracking document."
    )
    transcript: bool = env(
        "DELIVER_TRANSCRIPT",
        default=False,
        doc="Deliver <stem>_transcript.json: each word with its speaker and face. The delivery then waits for them.",
    )
    captions: bool = env(
        "DELIVER_CAPTIONS",
        default=False,
        doc="Deliver what is said as <stem>_captions.vtt, <stem>_captions.srt and <stem>_transcript.txt. The delivery"
        " then waits for them.",
    )
    restore_archives: bool = env(
        "RESTORE_ARCHIVES_TO_OUTPUT",
        default=False,
        doc="Deliver analyses of the store for videos that this run did not analyse.",
    )
    names: Literal["auto", "windows", "exact"] = env(
        "DELIVERY_NAMES",
        default="auto",
        doc="Change names that Windows forbids: auto (on NTFS, exFAT, FAT and SMB), windows (always), exact (never).",
    )
    asc_mhl: bool = env("DELIVERY_ASC_MHL", default=False, doc="Write an ASC MHL history beside the delivery.")
    attempts: int = env(
        "DELIVERY_ATTEMPTS",
        default=5,
        ge=1,
        le=20,
        doc="Tries per file on a failing network or disk.",
        operational=True,
    )
    retry_seconds: float = env(
        "DELIVERY_RETRY_SECONDS",
        default=2.0,
        ge=0,
        doc="Wait before the second try; it doubles with each further one, up to a minute.",
        operational=True,
    )
    retention: Literal["keep", "work", "archive"] = env(
        "RETENTION",
        default="keep",
        doc="After a verified delivery: keep everything; remove the work folder (work); remove it and whatever lies"
        " beside the received archive (archive).",
    )
