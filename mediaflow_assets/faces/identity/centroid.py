"""The oldest of the trackers: nearest centroid, closest pairs first.

Kept selectable so that old and new results can be compared; its rules are those of the golden
cases, including the ones that a better tracker would not have (a second detection near the same
track gets a new id; coefficients missing in a frame are those of the last frame that had them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.settings import FaceSettings


@dataclass
class _CentroidTrack:
    id: int
    detection: Detection
    unseen: int = 0


class CentroidTracker:
    """Args:
    settings: ``match_distance`` in pixels (inclusive) and ``max_unseen`` frames.
    """

    ambiguous: frozenset[int] = frozenset()
    """The legacy tracker has no doubts."""

    def __init__(self, settings: FaceSettings) -> None:
        self._distance = settings.match_distance
        self._max_unseen = settings.max_unseen
        self._tracks: list[_CentroidTrack] = []
        self._last_id = 0

    def begin_shot(self) -> None:
        """The legacy tracker knows nothing of shots."""

    def update(self, detections: Sequence[Detection]) -> list[tuple[int, Detection]]:
        matched: dict[int, _CentroidTrack] = {}
        taken: set[int] = set()
        for _, index, track in sorted(self._nearest(detections), key=lambda item: item[:2]):
            if track.id not in taken:
                matched[index] = track
                taken.add(track.id)
        result = []
        for index, detection in enumerate(detections):
            known = matched.get(index)
            if known is None:
                self._last_id += 1
                track = _CentroidTrack(self._last_id, detection)
                self._tracks.append(track)
            else:
                track = known
                if detection.blendshapes is msgspec.UNSET:
                    detection.blendshapes = track.detection.blendshapes
                track.detection, track.unseen = detection, 0
            taken.add(track.id)
            result.append((track.id, detection))
        for track in self._tracks:
            track.unseen += track.id not in taken
        self._tracks = [track for track in self._tracks if track.unseen <= self._max_unseen]
        return result

    def _nearest(self, detections: Sequence[Detection]) -> list[tuple[float, int, _CentroidTrack]]:
        """For each detection its single nearest track, if near enough."""
        pairs = []
        for index, detection in enumerate(detections):
            if not self._tracks:
                break
            x, y = detection.centroid
            distance, _, track = min(
                (((x - t.detection.centroid[0]) ** 2 + (y - t.detection.centroid[1]) ** 2) ** 0.5, order, t)
                for order, t in enumerate(self._tracks)
            )
            if distance <= self._distance:
                pairs.append((distance, index, track))
        return pairs
