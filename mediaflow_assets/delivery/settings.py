"""Settings of delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mediaflow_assets.options import OptionGroup, env


class DeliverySettings(OptionGroup):
    """What is delivered, where, and what is kept."""

    output: Path | None = env("OUTPUT_DIR", default=None, doc="Finalized projects (default: output in MEDIAFLOW_HOME).")
    fallback_output: Path | None = env(
        "FALLBACK_OUTPUT_DIR", default=None, doc="Used, and said loudly, when OUTPUT_DIR cannot be written."
    )
    finalize_mode: Literal["strict", "lenient", "videos"] = env(
        "FINALIZE_MODE",
        default="lenient",
        doc="strict: scenes and tracking for every video; lenient: at least one analysis; videos: the videos suffice.",
    )
    tracking_name: Literal["{stem}_tracking.json", "{stem}.json"] = env(
        "TRACKING_NAME", default="{stem}_tracking.json", doc="File name of the delivered tracking document."
    )
    retention: Literal["keep", "work", "archive"] = env(
        "RETENTION",
        default="keep",
        doc="After a verified delivery: keep everything, remove the work folder (work), or keep only the archive.",
    )
