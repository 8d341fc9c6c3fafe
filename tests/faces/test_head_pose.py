"""How far a head is turned, on a model of a head that is turned by a known angle."""

from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.faces.head_pose import yaw_of

HEAD = np.array([[-31, 0, 0], [32, 0, 0], [0, 40, 38], [-25, 75, 12], [25, 75, 12]], float)
"""Right eye, left eye, nose, corners of the mouth in mm; z towards the camera."""


def seen(yaw: float, roll: float = 0.0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """The points in a picture of a head turned to the right of it by ``yaw`` and tilted by ``roll`` degrees."""
    a, b = np.radians(yaw), np.radians(roll)
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    tilt = np.array([[np.cos(b), -np.sin(b)], [np.sin(b), np.cos(b)]])
    return (HEAD @ turn.T)[:, :2].dot(tilt.T).astype(np.float32) * 2 + 500


@pytest.mark.parametrize("yaw", [-70, -40, -15, 0, 15, 40, 70])
def test_the_angle_is_known_to_ten_degrees(yaw: float) -> None:
    assert yaw_of(seen(yaw)) == pytest.approx(yaw, abs=10)


def test_without_points_nothing_is_said() -> None:
    assert yaw_of(None) is None
    assert yaw_of(np.zeros((5, 2), np.float32)) is None
