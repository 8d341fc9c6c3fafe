"""How far a head is turned, from five points of the face."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_NOSE_DEPTH = 0.6
"""The tip of the nose lies this far before the eyes, in distances between the eyes: about 38 of 63 mm."""


def yaw_of(keypoints: NDArray[np.float32] | None) -> float | None:
    """Degrees, 0 towards the camera, positive towards the right of the picture; None without points.

    With the head turned by an angle, the eyes come nearer by its cosine and the nose leaves their middle by its
    sine. Good to about ten degrees, which is enough to tell a profile from a face.

    Args:
        keypoints: ``(5, 2)`` pixels: right eye, left eye, nose tip, corners of the mouth.
    """
    if keypoints is None:
        return None
    right, left, nose = np.asarray(keypoints, np.float64)[:3]
    between = left - right
    distance = float(np.hypot(*between))
    if distance == 0:
        return None
    # Along the line of the eyes, so that a tilted head is not taken for a turned one.
    along = between / distance * (1 if between[0] >= 0 else -1)
    offset = float(np.dot(nose - (left + right) / 2, along))
    return round(math.degrees(math.atan2(offset / _NOSE_DEPTH, distance)), 1)
