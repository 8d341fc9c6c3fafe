"""Settings of shot detection."""

from __future__ import annotations

from typing import Annotated

from mediaflow_assets.options import OptionGroup, env
from mediaflow_assets.scenes.engines import ENGINES


class SceneSettings(OptionGroup):
    """Shot boundaries."""

    engine: Annotated[str, ENGINES.valid] = env("SCENES_ENGINE", default="transnetv2", doc="Shot detector.")
    threshold: float = env(
        "SCENES_THRESHOLD", default=0.5, gt=0, lt=1, doc="A frame above this probability is a boundary (strict)."
    )
