"""What a person should look at first: the places where the machine, or an old correction, may be wrong."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import Transition
from mediaflow_assets.review.document import Review
from mediaflow_assets.server.lanes import Lane
from mediaflow_assets.server.tracks import Runs

DoubtKind = Literal["edit", "unnamed", "speaker", "voice", "jump", "cut"]
MIN_SEEN = 2 * FPS
"""Frames of a face that is worth a name."""
MIN_HEARD = FPS
"""Frames of speech that is worth a face."""
UNSURE = 0.7
"""Probability below which a cut is worth a look."""
SHORT_SHOT = 8
"""Frames of a shot that may be none."""
MAX_OF_A_KIND = 100


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """One place to look at; the page has the sentence for each kind."""

    kind: DoubtKind
    """edit: an old correction that does not hold any more; unnamed: a face without a name; speaker: two faces speak
    at once; voice: somebody is heard while the faces that are seen are silent; jump: a face is suddenly elsewhere;
    cut: a cut that is not sure."""
    frame: int
    who: str = ""
    """Id, label, or for ``edit`` the id of the edit."""
    why: str = ""


def doubts(
    lanes: Sequence[Lane],
    voices: Mapping[str, Runs],
    scenes: Sequence[Scene],
    transitions: Sequence[Transition],
    jumps: Sequence[tuple[int, str]],
    review: Review | None,
) -> list[Doubt]:
    """All of them, in the order in which to look: old corrections, then people, then the rest by time.

    Args:
        lanes: faces and things as they are shown now.
        voices: label to frames, as they are shown now.
        scenes: shots as they are shown now.
        transitions: of the machine.
        jumps: (frame, id of the machine) of boxes that are suddenly elsewhere.
        review: what is corrected already.
    """
    faces = [lane for lane in lanes if lane.label == "face"]
    found = [*_edits(review), *_unnamed(faces, review)]
    rest = [
        *_speakers(faces),
        *_voices(faces, voices, review),
        *_jumps(jumps, scenes, review),
        *_cuts(scenes, transitions),
    ]
    return found + sorted(rest, key=lambda doubt: doubt.frame)


def _edits(review: Review | None) -> Iterator[Doubt]:
    for edit in review.to_look_at if review else ():
        yield Doubt(kind="edit", frame=1, who=edit.id, why=edit.why)


def _unnamed(faces: Sequence[Lane], review: Review | None) -> Iterator[Doubt]:
    names = review.names if review else {}
    for lane in [lane for lane in faces if lane.id not in names and lane.frames >= MIN_SEEN][:MAX_OF_A_KIND]:
        yield Doubt(kind="unnamed", frame=lane.seen[0][0], who=lane.id)


def _speakers(faces: Sequence[Lane]) -> Iterator[Doubt]:
    for first, _ in _spans([lane.speaking for lane in faces], 2, MIN_HEARD)[:MAX_OF_A_KIND]:
        yield Doubt(kind="speaker", frame=first)


def _voices(faces: Sequence[Lane], voices: Mapping[str, Runs], review: Review | None) -> Iterator[Doubt]:
    answered = review.mouths if review else {}
    speaking = _union([lane.speaking for lane in faces])
    seen = _union([lane.seen for lane in faces])
    count = 0
    for label, runs in [(label, runs) for label, runs in voices.items() if label not in answered]:
        for first, last in _minus(runs, speaking):
            shown = _overlap((first, last), seen)
            if shown is not None and shown[1] - shown[0] + 1 >= MIN_HEARD and count < MAX_OF_A_KIND:
                count += 1
                yield Doubt(kind="voice", frame=shown[0], who=label)


def _jumps(jumps: Sequence[tuple[int, str]], scenes: Sequence[Scene], review: Review | None) -> Iterator[Doubt]:
    starts = [scene.first for scene in scenes]
    split = {run[0] for runs in (review.ids if review else {}).values() for run in runs}
    count = 0
    for frame, who in jumps:
        place = bisect_right(starts, frame) - 1
        near_cut = place >= 0 and frame - starts[place] <= 1 and frame > 2
        before_cut = place + 1 < len(starts) and starts[place + 1] - frame <= 1
        if not near_cut and not before_cut and frame not in split and count < MAX_OF_A_KIND:
            count += 1
            yield Doubt(kind="jump", frame=frame, who=who)


def _cuts(scenes: Sequence[Scene], transitions: Sequence[Transition]) -> Iterator[Doubt]:
    sure = {item.cut: item.probability >= UNSURE and item.kind != "unknown" for item in transitions}
    found = [
        scene.first
        for before, scene in itertools.pairwise(scenes)
        if not sure.get(before.last, True) or scene.last - scene.first + 1 < SHORT_SHOT
    ]
    for frame in found[:MAX_OF_A_KIND]:
        yield Doubt(kind="cut", frame=frame)


def _spans(lanes: Sequence[Runs], least: int, length: int) -> Runs:
    """Frames in which at least ``least`` lanes hold, for at least ``length`` frames."""
    changes: dict[int, int] = {}
    for runs in lanes:
        for first, last in runs:
            changes[first] = changes.get(first, 0) + 1
            changes[last + 1] = changes.get(last + 1, 0) - 1
    found: Runs = []
    count, start = 0, 0
    for frame in sorted(changes):
        before, count = count, count + changes[frame]
        if before < least <= count:
            start = frame
        elif before >= least > count:
            found.append((start, frame - 1))
    return [(first, last) for first, last in found if last - first + 1 >= length]


def _union(lanes: Sequence[Runs]) -> Runs:
    return _spans(lanes, 1, 1)


def _minus(runs: Runs, others: Runs) -> Iterator[tuple[int, int]]:
    """The parts of ``runs`` that no other holds."""
    for first, last in runs:
        at = first
        for start, end in others:
            if end < at or start > last:
                continue
            if start > at:
                yield at, start - 1
            at = max(at, end + 1)
        if at <= last:
            yield at, last


def _overlap(span: tuple[int, int], runs: Runs) -> tuple[int, int] | None:
    """The longest part of a span that some run holds."""
    parts = [(max(span[0], first), min(span[1], last)) for first, last in runs if first <= span[1] and last >= span[0]]
    return max(parts, key=lambda part: part[1] - part[0], default=None)
