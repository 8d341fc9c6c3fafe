"""Settings of corrections."""

from __future__ import annotations

from typing import Literal

from mediaflow_assets.core.options import OptionGroup, env


class CorrectionSettings(OptionGroup):
    """What happens after somebody corrected something."""

    apply: Literal["auto", "ask"] = env(
        "REVIEW_APPLY",
        default="auto",
        doc="auto: corrections go into the delivery by themselves; ask: when somebody says so"
        " (mediaflow corrections apply).",
        operational=True,
    )
    wait: float = env(
        "REVIEW_WAIT",
        default=10.0,
        ge=0,
        doc="Seconds without a further correction of a video before they are applied, so that a burst is one run.",
        operational=True,
    )
