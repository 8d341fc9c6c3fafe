"""Settings of the model store."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.core.options import OptionGroup, env


class ModelSettings(OptionGroup):
    """Model weights."""

    folder: Path | None = env(
        "MEDIAFLOW_MODELS_DIR", default=None, doc="Folder of verified weights (default: models in MEDIAFLOW_HOME)."
    )
