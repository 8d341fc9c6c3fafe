"""Settings of shot detection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.scenes.engines import ENGINES
from mediaflow_assets.scenes.exports import FORMATS


def _known_formats(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in FORMATS:
            raise ValueError(f"no export of scenes is called {name!r}; choose from: {', '.join(FORMATS)}")
    return names


class SceneSettings(OptionGroup):
    """Shot boundaries."""

    engine: Annotated[str, ENGINES.valid] = env(
        "SCENES_ENGINE", default="transnetv2", doc="Shot detector: transnetv2, or pyscenedetect (needs no torch)."
    )
    threshold: float = env(
        "SCENES_THRESHOLD", default=0.5, gt=0, lt=1, doc="A frame above this probability is a boundary (strict)."
    )
    flash: int = env(
        "SCENES_FLASH",
        default=5,
        ge=0,
        le=25,
        doc="A flash of light of up to so many frames is no cut; 0 believes the shot detector.",
    )
    window: int = env("SCENES_WINDOW", default=100, ge=20, le=500, doc="transnetv2: frames the network sees at a time.")
    stride: int = env("SCENES_STRIDE", default=50, ge=1, doc="transnetv2: frames from one window to the next.")
    padding: int = env(
        "SCENES_PADDING", default=25, ge=0, doc="transnetv2: frames at each end of a window without a prediction."
    )
    mixed_precision: bool = env(
        "SCENES_MIXED_PRECISION", default=False, doc="transnetv2 on a GPU: calculate in SCENES_AMP_DTYPE."
    )
    amp_dtype: Literal["float16", "bfloat16"] = env(
        "SCENES_AMP_DTYPE", default="float16", doc="transnetv2 on a GPU: number format of SCENES_MIXED_PRECISION."
    )
    batch: int = env("SCENES_BATCH", default=16, ge=1, operational=True, doc="transnetv2 on a GPU: windows at a time.")
    adaptive_threshold: float = env(
        "SCENES_ADAPTIVE_THRESHOLD", default=3.0, gt=0, doc="pyscenedetect: how far a change stands out to be a cut."
    )
    shortest: int = env("SCENES_SHORTEST", default=15, ge=1, doc="pyscenedetect: frames in the shortest scene.")
    exports: Annotated[CommaList, AfterValidator(_known_formats)] = env(
        "SCENES_EXPORTS",
        default=(),
        operational=True,
        doc="More files beside each scenes CSV: any of " + ", ".join(FORMATS) + "; comma-separated.",
    )

    @model_validator(mode="after")
    def _windows_fit(self) -> SceneSettings:
        # With any other stride the kept predictions are not those of the frames they are put on.
        if self.stride != self.window - 2 * self.padding:
            raise ValueError(
                f"SCENES_STRIDE must be SCENES_WINDOW - 2 x SCENES_PADDING, which is {self.window - 2 * self.padding} "
                f"and not {self.stride}: any other stride would shift every boundary"
            )
        return self
