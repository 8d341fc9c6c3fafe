"""A second look at each short stretch of one voice: whose is it really?

The segmentation network may take two people for one within its window, most often when turns are
short; the voice of that window is then a mixture, and the whole of it goes to one speaker. Cut
into short stretches, each is compared with the speakers that clustering has found, and goes to
another one when that one is clearly more alike. Of two people whom clustering took for one, because
such mixtures lie between them, the short stretches make two groups; those of one person who was
taken for two are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mediaflow_assets.speech.audio import SAMPLE_RATE
from mediaflow_assets.speech.clustering import k_means, unit
from mediaflow_assets.speech.windows import FRAME_STEP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SEGMENT = round(0.4 * SAMPLE_RATE / FRAME_STEP)
"""Output frames (0.4 s) below which a voice cannot be told."""
MAX_SEGMENT = round(1.5 * SAMPLE_RATE / FRAME_STEP)
"""Output frames (1.5 s) into which longer speech is cut. Chosen, like the margin, on mixes with known truth."""
MARGIN = 0.1
"""Cosine by which another speaker must be more alike."""
MIN_SPLIT_SEGMENTS = 8
"""Pieces (12 s at most) of a speaker from which it can be told whether it is two people."""
MIN_SPLIT_DISTANCE = 1.0
"""Euclidean distance of the mean directions of two halves from which they are two people. On the tuning half of
``benchmarks/results/speech.md`` halves of one person are 0.93 apart at most, of two people 1.02 at least."""
SPLIT_BEYOND_THRESHOLD = 0.2
"""How much that distance lies above the threshold of clustering, at least: who asks for fewer speakers by a higher
threshold shall not get them back here, and halves are as far apart as can be."""
MIN_SPLIT_SHARE = 0.25
"""Share of the pieces in the smaller half; fewer may be moments of noise, or of music that was taken for a voice."""
MAX_MERGE_DISTANCE = 0.95
"""Euclidean distance of the mean directions of the pieces of two speakers below which they are one person. On the
tuning half of ``benchmarks/results/speech.md`` most who are one are 0.92 apart at most, two people 1.02 at least."""
MERGE_BEYOND_THRESHOLD = 0.15
"""How much that distance lies above the threshold of clustering, at most: who asks for more speakers by a lower
threshold shall not lose them here."""


@dataclass(frozen=True)
class SpeechSegment:
    """Output frames ``first`` to ``stop`` (half open) in which only one speaker talks."""

    first: int
    stop: int
    speaker: int
    """Column of the timeline."""


def single_speaker_segments(timeline: NDArray[np.bool_]) -> list[SpeechSegment]:
    """Where exactly one speaker of a timeline ``(frames, speakers)`` talks, in pieces of equal length.

    Pieces have about :data:`MAX_SEGMENT` frames at most; what is shorter than :data:`MIN_SEGMENT` is left out.
    """
    import numpy as np

    alone = np.where(timeline.sum(axis=1) == 1, timeline.argmax(axis=1), -1)
    bounds = np.flatnonzero(np.diff(alone, prepend=-2, append=-2))
    found = []
    for first, stop in pairwise(bounds.tolist()):
        if alone[first] < 0 or stop - first < MIN_SEGMENT:
            continue
        pieces = max(1, round((stop - first) / MAX_SEGMENT))
        cuts = np.linspace(first, stop, pieces + 1).round().astype(int).tolist()
        found += [SpeechSegment(a, b, int(alone[first])) for a, b in pairwise(cuts)]
    return found


def reassign_segments(
    timeline: NDArray[np.bool_],
    stretches: list[SpeechSegment],
    voices: NDArray[np.float32],
    speakers: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """The timeline with each stretch given to whom it belongs.

    Args:
        timeline: ``(frames, k)``.
        stretches: n of them.
        voices: their unit vectors, ``(n, d)``.
        speakers: the mean directions of the speakers, ``(k, d)``.
    """
    corrected = timeline.copy()
    for stretch, likeness in zip(stretches, voices @ speakers.T, strict=True):
        best = int(likeness.argmax())
        if likeness[best] - likeness[stretch.speaker] > MARGIN:
            corrected[stretch.first : stretch.stop, stretch.speaker] = False
            corrected[stretch.first : stretch.stop, best] = True
    return corrected


def split_speakers(
    timeline: NDArray[np.bool_],
    stretches: list[SpeechSegment],
    voices: NDArray[np.float32],
    speakers: NDArray[np.float32],
    *,
    threshold: float,
    most: float,
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """The timeline with speakers who are two people parted, while there are fewer than ``most``.

    Short stretches hold one person each, nearly, so the two halves of a speaker (k-means) are far from each other where
    they are two people. What is in no stretch goes with the nearest one in time.

    Args:
        timeline: ``(frames, k)``.
        stretches: n of them.
        voices: their unit vectors, ``(n, d)``.
        speakers: the mean directions of the speakers, ``(k, d)``.
        threshold: distance at which clustering kept groups apart.
        most: number of speakers that is not exceeded.

    Returns:
        The timeline ``(frames, m)`` and mean directions ``(m, d)`` of m >= k speakers, new ones at the end.
    """
    import numpy as np
    from scipy.ndimage import distance_transform_edt

    owners = _owners(timeline, stretches)
    distance = max(MIN_SPLIT_DISTANCE, threshold + SPLIT_BEYOND_THRESHOLD)
    speaker = 0
    while speaker < len(speakers) < most:
        members = np.flatnonzero(owners == speaker)
        halves = _halves(voices[members], distance) if len(members) >= MIN_SPLIT_SEGMENTS else None
        if halves is None:
            speaker += 1
            continue
        second, means = halves
        half = np.full(len(timeline), -1, np.intp)
        for index, other in zip(members, second, strict=True):
            half[stretches[index].first : stretches[index].stop] = other
        (nearest,) = distance_transform_edt(half < 0, return_distances=False, return_indices=True)
        moved = timeline[:, speaker] & (half[nearest] == 1)
        timeline = np.column_stack([timeline, moved])
        timeline[moved, speaker] = False
        owners[members[second]] = len(speakers)
        speakers = np.concatenate([speakers, means[1:]])
        speakers[speaker] = means[0]
    return timeline, speakers


def merge_speakers(
    timeline: NDArray[np.bool_],
    stretches: list[SpeechSegment],
    voices: NDArray[np.float32],
    speakers: NDArray[np.float32],
    *,
    apart: NDArray[np.bool_],
    threshold: float,
    least: int,
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """The timeline with speakers who are one person joined.

    One person's voices of whole windows may be far from each other, because somebody else or music is heard in some, or
    were parted because a number of speakers was asked for; but his short stretches are alike. Where no more are heard
    than are known to talk, only what is nearer than the threshold of clustering is joined.

    Args:
        timeline: ``(frames, k)``.
        stretches: n of them.
        voices: their unit vectors, ``(n, d)``.
        speakers: the mean directions of the speakers, ``(k, d)``.
        apart: pairs whom the segmentation network has told apart, of the first speakers, ``(j, j)``; j <= k.
        threshold: distance at which clustering kept groups apart.
        least: number of speakers who are known to talk.

    Returns:
        The timeline ``(frames, m)`` and mean directions ``(m, d)`` of m <= k speakers.
    """
    import numpy as np

    owners = _owners(timeline, stretches)
    talks = timeline.any(axis=0)
    person = np.arange(len(speakers))
    apart = np.pad(apart, (0, len(speakers) - len(apart))) | np.eye(len(speakers), dtype=bool)
    while True:
        heard = np.unique(person[owners])
        means = unit(np.stack([voices[person[owners] == one].mean(axis=0) for one in heard]))
        distances = np.linalg.norm(means[:, None] - means, axis=2)
        distances[apart[np.ix_(heard, heard)]] = np.inf
        few = len(np.unique(person[talks])) <= least
        limit = min(MAX_MERGE_DISTANCE, threshold + (0 if few else MERGE_BEYOND_THRESHOLD))
        if distances.min() >= limit:
            break
        first, second = heard[list(np.unravel_index(distances.argmin(), distances.shape))]
        person[person == second] = first
        apart[first] |= apart[second]
        apart[:, first] |= apart[:, second]
    people = np.unique(person)
    joined = np.stack([timeline[:, person == one].any(axis=1) for one in people], axis=1)
    speakers = speakers.copy()
    for one in np.flatnonzero(np.bincount(person) > 1):
        speakers[one] = unit(voices[person[owners] == one].mean(axis=0))
    return joined, speakers[people]


def _owners(timeline: NDArray[np.bool_], stretches: list[SpeechSegment]) -> NDArray[np.intp]:
    """Whose each stretch is now: a column of the timeline."""
    import numpy as np

    return np.array([timeline[one.first : one.stop].sum(axis=0).argmax() for one in stretches], np.intp)


def _halves(voices: NDArray[np.float32], distance: float) -> tuple[NDArray[np.bool_], NDArray[np.float32]] | None:
    """Which voices ``(n,)`` are the second of two people, and the mean directions ``(2, d)`` of both; None of one.

    They are two from that ``distance``.
    """
    import numpy as np

    centred = voices - voices.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    labels = k_means(voices, (centred @ axis > 0).astype(np.intp))
    means = unit(np.stack([voices[labels == half].mean(axis=0) for half in (0, 1)]))
    far = np.linalg.norm(means[0] - means[1]) >= distance
    second: NDArray[np.bool_] = labels == 1
    return (second, means) if far and min(second.mean(), 1 - second.mean()) >= MIN_SPLIT_SHARE else None
