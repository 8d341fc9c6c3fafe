"""The default tracker: where each face should be by now, and which detections fit that best together.

A constant-velocity Kalman filter (as in SORT, Bewley et al., 2016) predicts centre and size of each
track. A detection is compared with every prediction by its likelihood under that prediction's own
uncertainty, so that a face that was hidden for a while may come back further from where it was
expected, and yet does not take the box of a face that was seen a moment ago. All pairs of a frame
are assigned together by their total likelihood (Hungarian method). Measured against the trackers of
libraries in ``benchmarks/results/faces_speaking.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.settings import FaceSettings

# Lengths are in heights of the face and times in frames, so that near and far faces are treated alike.
_MEASUREMENT = 0.1**2
"""Variance of a detector's box; large, because a face that is half covered pulls its box away."""
_ACCELERATION = 0.004**2
"""Variance of the change of a face's velocity from frame to frame."""
_FIRST_VELOCITY = 0.1**2
"""Variance of the velocity of a face seen once."""
_SLOWING = 0.9
"""Of the velocity that an unseen face keeps per frame: the last boxes before it is hidden are the worst."""
_GATE = 40.0
"""Largest squared distance from the prediction, in variances; generous, because faces turn and stop."""
_REACH = 1.2
"""Largest distance from the prediction, however uncertain it is."""
_AMBIGUOUS = 1.5
"""Distance from the prediction within which somebody hidden may be the one who comes out."""
_LONG_HIDDEN = 10
"""Frames after which somebody else may have taken the place of whoever was seen there."""
_OTHER_LABEL = 5.0
"""Added to the cost when a thing is called something else than before; detectors change their mind."""
_ALONE = 60.0
"""Cost of a detection and a track that are left without each other: above that of any pair in the gate."""

_STEP = np.array([[1.0, 1.0], [0.0, 1.0]])
_UNREST = _ACCELERATION * np.array([[0.25, 0.5], [0.5, 1.0]])
_COMPARED = (0, 1, 3)
"""Centre x, centre y and height; the width of a face changes when it turns."""


class MotionTracker:
    """Args:
    settings: ``max_lost`` frames for which an unseen track is expected back.
    """

    ambiguous: frozenset[int] = frozenset()

    def __init__(self, settings: FaceSettings) -> None:
        self._max_lost = settings.max_lost
        self._tracks: list[_KalmanTrack] = []
        self._last_id = 0

    def begin_shot(self) -> None:
        """A cut: whoever is seen now is somebody new."""
        self._tracks = []

    def update(self, detections: Sequence[Detection]) -> list[tuple[int, Detection]]:
        """Ids for the detections of the next frame, in their order."""
        for track in self._tracks:
            track.predict()
        boxes = [_measured(detection) for detection in detections]
        kinds = [detection.source for detection in detections]
        found: dict[int, _KalmanTrack] = {}
        ambiguous = set()
        for kind in dict.fromkeys(kinds):
            indices = [index for index, other in enumerate(kinds) if other == kind]
            tracks = [track for track in self._tracks if track.kind == kind]
            labels = [detections[index].label for index in indices]
            assigned = _assign([boxes[index] for index in indices], labels, tracks)
            pairs = [(indices[index], track) for index, track in assigned]
            for index, track in pairs:
                rivals = [other for other in tracks if other is not track and other.is_ambiguous_with(boxes[index])]
                if track.unseen > 1 and rivals:
                    # It may be one of them who came out; then this one is whoever of them comes out later.
                    for either in (track, *rivals):
                        either.is_doubtful = True
                track.is_doubtful |= track.unseen > _LONG_HIDDEN
            for index, track in pairs:
                if track.is_doubtful:
                    ambiguous.add(track.id)
                track.correct(boxes[index], detections[index].label)
                found[index] = track
        for index, (box, kind) in enumerate(zip(boxes, kinds, strict=True)):
            if index not in found:
                self._last_id += 1
                found[index] = _KalmanTrack(self._last_id, kind, detections[index].label, box)
                self._tracks.append(found[index])
        self._tracks = [track for track in self._tracks if track.unseen <= self._max_lost]
        self.ambiguous = frozenset(ambiguous)
        return [(found[index].id, detection) for index, detection in enumerate(detections)]


class _KalmanTrack:
    """One face; centre x, centre y, width and height share one covariance of place and velocity."""

    def __init__(self, number: int, kind: str, label: str, box: NDArray[np.float64]) -> None:
        self.id = number
        self.kind = kind
        """Face or thing."""
        self.label = label
        self.unseen = 0
        self.is_doubtful = False
        """Somebody came out who may have been this one, or it was hidden for long."""
        self._state = np.vstack([box, np.zeros(4)])
        self._covariance = np.diag([_MEASUREMENT, _FIRST_VELOCITY])

    def predict(self) -> None:
        """One frame later."""
        if self.unseen:
            self._state[1] *= _SLOWING
        self.unseen += 1
        self._state = _STEP @ self._state
        self._covariance = _STEP @ self._covariance @ _STEP.T + _UNREST

    def correct(self, box: NDArray[np.float64], label: str) -> None:
        """It has been seen in ``box``."""
        self.unseen = 0
        self.label = label
        self.is_doubtful = False
        gain = self._covariance[:, :1] / (self._covariance[0, 0] + _MEASUREMENT)
        self._state = self._state + gain * (box - self._state[0])
        self._covariance = self._covariance - gain @ self._covariance[:1]

    def is_ambiguous_with(self, box: NDArray[np.float64]) -> bool:
        """Whether this face, which was hidden a moment ago, could be the one in ``box``."""
        return self.unseen > 1 and self._distances(box[None])[0] < _AMBIGUOUS**2

    def cost(self, boxes: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float64]:
        """Negative log-likelihood of each box less that of staying alone; 0 beyond the gate."""
        other = np.array([_OTHER_LABEL * (label != self.label) for label in labels])
        variance = self._covariance[0, 0] + _MEASUREMENT
        distance = self._distances(boxes)
        likelihood = distance / variance + len(_COMPARED) * np.log(variance)
        return np.where(distance < min(_GATE * variance, _REACH**2), likelihood + other - _ALONE, 0.0)

    def _distances(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared distance of each box from the prediction."""
        height = max(self._state[0, 3], 1.0)
        squared: NDArray[np.float64] = (((boxes - self._state[0]) / height)[:, _COMPARED] ** 2).sum(1)
        return squared


def _measured(detection: Detection) -> NDArray[np.float64]:
    """Centre x, centre y, width, height; pixels."""
    left, top, width, height = detection.bbox
    return np.array([left + width / 2, top + height / 2, width, height])


def _assign(
    boxes: Sequence[NDArray[np.float64]], labels: Sequence[str], tracks: Sequence[_KalmanTrack]
) -> list[tuple[int, _KalmanTrack]]:
    """Pairs of box index and track with the least total cost."""
    from scipy.optimize import linear_sum_assignment

    if not (boxes and tracks):
        return []
    cost = np.column_stack([track.cost(np.array(boxes), labels) for track in tracks])
    rows, columns = linear_sum_assignment(cost)
    return [(row, tracks[column]) for row, column in zip(rows, columns, strict=True) if cost[row, column] < 0]
