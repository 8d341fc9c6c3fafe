"""Finding a voice again in what another engine heard: by its turns, not by its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mediaflow_assets.review.edits import Spans

MIN_IOU = 0.3
"""Of a turn that was said to be somebody's and a turn of the document, in frames."""
CLEARLY = 1.3
"""Times that the best label must be better than the second."""
MAJORITY = 0.8
"""Of the turns that were found; the others go to the same label then."""

Turns = Mapping[str, Spans]
"""Label to first and last frame of each turn, in order."""


def spans_of(frames: Iterable[int]) -> Spans:
    """Frames, in order, as spans."""
    spans: Spans = []
    for frame in frames:
        if spans and frame == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], frame)
        else:
            spans.append((frame, frame))
    return spans


def frames_in(spans: Spans) -> int:
    """Number of frames."""
    return sum(last - first + 1 for first, last in spans)


def matched_turns(wanted: Spans, turns: Turns) -> dict[str, Spans]:
    """The turns of a document that are those of a voice, by label.

    A turn is found by its IoU with one of a single label; short interjections inside somebody else's turn are
    therefore not taken for it, as they would be by mere overlap.
    """
    found: dict[str, Spans] = {}
    votes: Counter[str] = Counter()
    open_: Spans = []
    for span in wanted:
        best = sorted(((_best(span, spans), label) for label, spans in turns.items()), reverse=True)
        if not best or best[0][0][0] < MIN_IOU or (len(best) > 1 and best[0][0][0] < CLEARLY * best[1][0][0]):
            open_.append(span)
            continue
        (_, turn), label = best[0]
        votes[label] += span[1] - span[0] + 1
        if turn not in found.setdefault(label, []):
            found[label].append(turn)
    if votes:
        label, most = votes.most_common(1)[0]
        if most >= MAJORITY * sum(votes.values()):
            for span in open_:
                for turn in turns[label]:
                    if _shared(span, turn) > 0 and turn not in found[label]:
                        found[label].append(turn)
    return {label: sorted(spans) for label, spans in found.items()}


def covered(wanted: Spans, found: Mapping[str, Spans]) -> float:
    """Part of the wanted frames that lies in what was found, 0..1."""
    total = frames_in(wanted)
    turns = [turn for spans in found.values() for turn in spans]
    shared = sum(min(span[1] - span[0] + 1, sum(_shared(span, turn) for turn in turns)) for span in wanted)
    return shared / total if total else 0.0


def _best(span: tuple[int, int], turns: Sequence[tuple[int, int]]) -> tuple[float, tuple[int, int]]:
    return max(((_iou(span, turn), turn) for turn in turns), default=(0.0, span))


def _iou(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = _shared(one, other)
    union = (one[1] - one[0] + 1) + (other[1] - other[0] + 1) - shared
    return shared / union if shared > 0 else 0.0


def _shared(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]) + 1)
