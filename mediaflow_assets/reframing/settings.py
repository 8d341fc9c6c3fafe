"""Settings of re-framing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.reframing.aspects import ASPECTS, Aspect

OFF = "none"


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    if names == (OFF,):
        return ()
    unknown = [name for name in names if name not in ASPECTS]
    if unknown:
        raise ValueError(f"no aspect is called {', '.join(unknown)}; choose from: {', '.join(ASPECTS)}, or {OFF}")
    return tuple(dict.fromkeys(names))


class ReframeSettings(OptionGroup):
    """To which aspects the videos are re-framed, and how."""

    aspects: Annotated[CommaList, AfterValidator(_known)] = env(
        "REFRAME_ASPECTS",
        default=("9:16",),
        doc="Aspects to re-frame to, separated by commas: 9:16, 4:5, 1:1, 16:9, or none to switch it off.",
    )
    style: Literal["calm", "normal", "lively"] = env(
        "REFRAME_STYLE", default="normal", doc="How readily the camera moves and cuts: calm, normal or lively."
    )
    split: Literal["off", "auto"] = env(
        "REFRAME_SPLIT",
        default="off",
        doc="auto: two people who are too far apart for one picture get half of it each when turns are quick, and"
        " so do a slide and its speaker.",
    )
    max_zoom: float = env(
        "REFRAME_MAX_ZOOM", default=1.0, ge=1, le=2, doc="Largest enlargement of small faces; above 1.25 it looks soft."
    )
    lead: float = env("REFRAME_LEAD", default=0.2, ge=0, le=1, doc="Seconds by which the picture precedes the words.")
    without_face: Literal["objects", "centre"] = env(
        "REFRAME_WITHOUT_FACE",
        default="objects",
        doc="What is shown when nobody's face is: people seen from behind and large objects, or the middle.",
    )
    too_wide: Literal["crop", "fit"] = env(
        "REFRAME_TOO_WIDE",
        default="crop",
        doc="People who do not fit into one picture: crop to the most important, or fit the whole width on a blurred"
        " ground.",
    )
    every_frame: bool = env(
        "REFRAME_EVERY_FRAME", default=False, doc="Also write the crop of every frame, for tools that cannot read keys."
    )
    video: Literal["none", "preview", "full"] = env(
        "REFRAME_VIDEO", default="none", doc="Render the re-framed video: a small preview, or the full size."
    )

    @property
    def wanted(self) -> tuple[Aspect, ...]:
        """The aspects to re-frame to."""
        return tuple(ASPECTS[name] for name in self.aspects)
