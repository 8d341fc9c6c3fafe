"""What an engine reports for one face or object in one frame."""

from __future__ import annotations

from typing import Any

import msgspec

FACE = "face_landmarker"
"""``source`` of every face, whichever engine found it: the After Effects script looks for it."""
OBJECT = "object_detector"


class Detection(msgspec.Struct, kw_only=True):
    """One face or object, in pixels of the video."""

    bbox: tuple[int, int, int, int]
    """Left, top, width, height."""
    centroid: tuple[int, int]
    source: str = FACE
    label: str = "face"
    confidence: float | None = None
    """0..1, or None when the engine gives no score."""
    blendshapes: dict[str, float] | msgspec.UnsetType | None = None
    """ARKit-style coefficients 0..1; UNSET means "not computed for this frame"."""
    landmarks: list[Any] | None = None
    """Points as (x, y, z) in pixels, for engines that have them."""
    eos: dict[str, Any] | None = None
