"""How far a mouth is open, for engines that give points but no blendshapes.

The formulas are the replaced application's, so that thresholds keep their meaning. Only jawOpen is
known; the other 51 coefficients are there because readers expect them, and are 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.networks.facemesh import BLENDSHAPES

_UPPER_INNER_LIP, _LOWER_INNER_LIP, _NOSE_TIP, _CHIN = 62, 66, 30, 8
"""Indexes in the 68 points of iBUG (300 Faces In-the-Wild Challenge, Sagonas et al., 2013)."""


def jaw_of_68(points: NDArray[np.float32]) -> float:
    """Opening of the lips over the distance from nose to chin, 0..1, of ``(68, 2 or more)`` points."""
    return _ratio(
        _distance(points[_LOWER_INNER_LIP], points[_UPPER_INNER_LIP]), _distance(points[_CHIN], points[_NOSE_TIP])
    )


def jaw_of_66(points: NDArray[np.float32]) -> float:
    """Opening of the lips over the length of the nose bridge, 0..1, of OpenSeeFace's 66 points."""
    opening = np.mean([_distance(points[upper], points[lower]) for upper, lower in ((59, 65), (60, 64), (61, 63))])
    return _ratio(float(opening), _distance(points[27], points[30]))


def only_jaw(value: float) -> dict[str, float]:
    """Blendshapes of which nothing but jawOpen is known."""
    return {name: round(value, 5) if name == "jawOpen" else 0.0 for name in BLENDSHAPES if name != "_neutral"}


def _distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(first[:2] - second[:2]))


def _ratio(opening: float, length: float) -> float:
    return min(opening / length, 1.0) if length > 0 else 0.0
