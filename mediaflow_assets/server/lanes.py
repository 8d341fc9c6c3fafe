"""Who is seen, speaks and is heard when, as people corrected it: what the lanes of the review page show.

Between two frames in which anything begins or ends nothing changes, so the reviewed streams are asked once for
each such stretch instead of once for each frame: an hour of video takes some hundredths of a second.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from mediaflow_assets.core.timebase import frame_start
from mediaflow_assets.formats.audio_json import AudioFrame, AudioInfo
from mediaflow_assets.formats.tracking_boxes import Box, BoxFrame
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.streams import reviewed_audio_frames, reviewed_boxes
from mediaflow_assets.server.tracks import Runs, Track


class Lane(msgspec.Struct, kw_only=True):
    """One face or thing, under the id that it is shown with."""

    id: str
    label: str
    chip: int
    """Number of the machine's track that it is seen with first: whose face chip it has."""
    seen: Runs = []
    speaking: Runs = []

    @property
    def frames(self) -> int:
        return sum(last - first + 1 for first, last in self.seen)


def face_lanes(tracks: Sequence[Track], review: Review | None) -> list[Lane]:
    """The lanes of everything that is seen, in the order of its first frame."""
    lanes: dict[str, Lane] = {}
    stretches = _stretches([runs for track in tracks for runs in (track.seen, track.speaking)], review)
    seen = {track.id: _Cursor(track.seen) for track in tracks}
    speaking = {track.id: _Cursor(track.speaking) for track in tracks}
    for first, last in stretches:
        boxes = [
            _box(number, track, speaking[track.id].holds(first))
            for number, track in enumerate(tracks)
            if seen[track.id].holds(first)
        ]
        (frame,) = reviewed_boxes([BoxFrame(first, tuple(boxes))], review)
        for box in frame.tracked_objects:
            chip = int(box.bbox_xmin)
            lane = lanes.setdefault(box.id, Lane(id=box.id, label=box.label, chip=chip, seen=[], speaking=[]))
            _grow(lane.seen, first, last)
            if box.is_speaking:
                _grow(lane.speaking, first, last)
    return sorted(lanes.values(), key=lambda lane: (lane.seen[0], lane.id))


def voice_lanes(voices: Mapping[str, Runs], review: Review | None) -> dict[str, Runs]:
    """Label that is shown to the frames in which it is heard."""
    lanes: dict[str, Runs] = {}
    cursors = {label: _Cursor(runs) for label, runs in voices.items()}
    for first, last in _stretches(list(voices.values()), review):
        labels = tuple(label for label, cursor in cursors.items() if cursor.holds(first))
        info = AudioInfo(bool(labels), len(labels), labels, frame_start(first))
        (frame,) = reviewed_audio_frames([AudioFrame(first, info)], review)
        for label in frame.audio_info.active_speaker_labels:
            _grow(lanes.setdefault(label, []), first, last)
    return dict(sorted(lanes.items()))


class _Cursor:
    """Runs that are asked in rising order of frames."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._place = 0

    def holds(self, frame: int) -> bool:
        while self._place < len(self._runs) and self._runs[self._place][1] < frame:
            self._place += 1
        return self._place < len(self._runs) and self._runs[self._place][0] <= frame


def _box(number: int, track: Track, speaks: bool) -> Box:
    """A box of one pixel whose place says which track it is of."""
    return Box(track.id, track.label, number, number + 1, 0, 1, is_speaking=speaks)


def _stretches(runs: Iterable[Runs], review: Review | None) -> Iterator[tuple[int, int]]:
    """First and last frames of the stretches in which nothing begins or ends, where there is anything at all."""
    edges: set[int] = set()
    for spans in runs:
        for first, last in spans:
            edges |= {first, last + 1}
    for first, last in _said(review):
        edges |= {first, last + 1}
    ordered = sorted(edges)
    for first, after in itertools.pairwise(ordered):
        yield first, after - 1


def _said(review: Review | None) -> Iterator[tuple[int, int]]:
    if review is None:
        return
    for owned in (review.faces, review.ids, review.voices, review.labels):
        for runs in owned.values():
            yield from ((first, last) for first, last, _ in runs)
    for spans in (*review.ignored.values(), *review.heard.values()):
        yield from spans
    for one in review.speaks:
        yield one.first, one.last


def _grow(runs: Runs, first: int, last: int) -> None:
    if runs and runs[-1][1] == first - 1:
        runs[-1] = (runs[-1][0], last)
    else:
        runs.append((first, last))
