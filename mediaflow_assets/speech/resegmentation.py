"""A second look at each short stretch of one voice: whose is it really?

The segmentation network may take two people for one within its window, most often when turns are
short; the voice of that window is then a mixture, and the whole of it goes to one speaker. Cut
into short stretches, each is compared with the speakers that clustering has found, and goes to
another one when that one is clearly more alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mediaflow_assets.speech.audio import SAMPLE_RATE
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
