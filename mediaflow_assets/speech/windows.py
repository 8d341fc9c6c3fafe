"""From overlapping windows to one timeline: who is heard in each 17 ms of the whole sound.

The segmentation network hears 10 s at a time and tells up to three speakers apart within a
window. Windows start at whole output frames of each other, so that their frames coincide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.audio import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 160_000
"""Samples that the network hears at once: 10 s."""
FRAMES = 589
"""Output frames of a window."""
FRAME_STEP = 270
"""Samples between two output frames: 16.875 ms."""
FRAME_CENTRE = 495
"""Samples from the start of a window to the centre of its first frame (receptive field 991)."""
SPEAKERS = 3
"""Speakers that the network tells apart in a window."""
MIN_OVERLAP = 0.2
"""Share of what the one who says less says, beyond which two local speakers who talk at once are two people."""
DOUBTFUL_RECORDING = 0.7
"""How unsure the network must be of a recording: the sum of ``4 p (1 - p)`` over that of ``p`` of half a minute.
On the tuning half of ``benchmarks/results/speech.md`` calls, mixes and near microphones have 0.6 at most, people far
from theirs 0.96 to 4."""
DOUBTFUL_SPEECH = 0.35
"""Probability from which a frame of such a recording is speech. On that half 0.3 and 0.4 are worse."""
RECORDING = 30 * SAMPLE_RATE // FRAME_STEP
"""Output frames of that half minute."""
NEAR_SPEECH = SAMPLE_RATE // FRAME_STEP
"""Output frames (1 s) to the nearest speech, beyond which doubtful speech is nobody's."""
_POWERSET = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1))
"""Speakers of each of the seven classes (Plaquet and Bredin, 2023)."""


def window_starts(samples: int, step: int) -> list[int]:
    """First sample of each window, ``step`` output frames apart; the last one reaches the end."""
    stride = step * FRAME_STEP
    beyond = max(samples - WINDOW, 0)
    return [index * stride for index in range(-(-beyond // stride) + 1)] if samples else []


def speakers_of_classes(classes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Class scores ``(..., 7)`` to who talks ``(..., 3)``: the members of the likeliest class."""
    import numpy as np

    speakers: NDArray[np.bool_] = np.array(_POWERSET, bool)[classes.argmax(axis=-1)]
    return speakers


def speech_of_classes(classes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Class scores ``(..., 7)``, logarithms, to the probability that anybody talks ``(...)``."""
    import numpy as np

    speech: NDArray[np.float32] = 1 - np.exp(classes[..., 0])
    return speech


def propagate_labels(
    activity: NDArray[np.bool_], known: NDArray[np.intp], labels: NDArray[np.intp], clusters: int, step: int
) -> NDArray[np.intp]:
    """Labels for every window from those of a few.

    A window overlaps others whose voices are known; each of its local speakers gets the label of
    whom they hear when it talks; two of them the same one only where nobody else is heard.

    Args:
        activity: ``(windows, 589, 3)``.
        known: numbers of the windows that have labels, ``(k,)``.
        labels: theirs, ``(k, 3)``: the speaker of each local speaker, -1 for nobody known.
        clusters: number of speakers.
        step: frames between windows.

    Returns:
        ``(windows, 3)``: the known rows unchanged, the others filled in.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    spread = np.full((len(activity), SPEAKERS), -1, np.intp)
    spread[known] = labels
    votes, weight = _votes(activity, spread, clusters, step, known)
    votes /= np.maximum(weight, 1e-6)[:, None]
    for index in sorted(set(range(len(activity))) - set(known.tolist())):
        agreement = activity[index].T.astype(np.float32) @ votes[index * step : index * step + FRAMES]
        for speaker, label in zip(*linear_sum_assignment(agreement, maximize=True), strict=True):
            if agreement[speaker, label] > 0:
                spread[index, speaker] = label
        # More local speakers than voices: the network split one person in two.
        for speaker in np.flatnonzero(spread[index] < 0):
            if agreement[speaker].max(initial=0) > 0:
                spread[index, speaker] = agreement[speaker].argmax()
    return spread


def seconds_alone(activity: NDArray[np.bool_], windows: NDArray[np.intp], step: int) -> NDArray[np.float32]:
    """Seconds that each local speaker of some windows talks alone, ``(k, 3)``.

    Each instant is divided by the number of these windows that hear it, so that all of them together have the length
    of the speech, and the ends of a sound, which are in fewer windows, count as much as its middle.

    Args:
        activity: of every window, ``(windows, 589, 3)``.
        windows: numbers of the windows, ``(k,)``.
        step: frames between windows.
    """
    import numpy as np

    heard = activity[windows]
    alone = heard & (heard.sum(axis=2, keepdims=True) == 1)
    frames = windows[:, None] * step + np.arange(FRAMES)
    covered = np.bincount(frames.ravel())
    seconds: NDArray[np.float32] = (alone / covered[frames][:, :, None]).sum(axis=1) * (FRAME_STEP / SAMPLE_RATE)
    return seconds


def talk_at_once(activity: NDArray[np.bool_], labels: NDArray[np.intp]) -> bool:
    """Whether two local speakers of one window ``(589, m)`` overlap (:data:`MIN_OVERLAP`) and have one label ``(m,)``.

    Nobody interrupts himself; those who take turns may be one person whom the network split in two.
    """
    import numpy as np

    together = activity.T.astype(np.intp) @ activity
    least = np.minimum.outer(together.diagonal(), together.diagonal())
    pairs = np.triu(np.equal.outer(labels, labels), 1)
    return bool((together[pairs] > MIN_OVERLAP * least[pairs]).any())


def aggregate_windows(
    activity: NDArray[np.bool_], labels: NDArray[np.intp], clusters: int, step: int
) -> NDArray[np.bool_]:
    """One timeline of ``clusters`` speakers from windows of local speakers.

    For each frame, the number of people heard is the average of the windows that cover it, and
    the voices heard in most of them are the ones (Bredin, 2023, section 2.4). Frames count less
    the nearer they are to the edge of their window, where the network has heard only one side.

    Args:
        activity: ``(windows, 589, 3)``.
        labels: ``(windows, 3)``: cluster of each local speaker, -1 for one without a voice.
        clusters: number of speakers.
        step: frames between windows.

    Returns:
        Shape ``(frames, clusters)``.
    """
    import numpy as np

    votes, weight = _votes(activity, labels, clusters, step, range(len(activity)))
    people = np.floor(votes.sum(axis=1) / weight + 0.5)
    rank = (-votes).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    joined: NDArray[np.bool_] = (rank < people[:, None]) & (votes > 0)
    return joined


def add_doubtful_speech(timeline: NDArray[np.bool_], speech: NDArray[np.float32], step: int) -> NDArray[np.bool_]:
    """The timeline with more speech where the network is unsure of the whole recording.

    People far from the microphone mostly stay below one half, and far more of what they say is missed than invented.
    Silence that is likely enough to be speech goes to who talks nearest in time. Of other recordings nothing changes:
    there a doubtful moment is the end of a word.

    Args:
        timeline: ``(frames, speakers)``.
        speech: how likely each window thinks that anybody talks, ``(windows, 589)``.
        step: frames between windows.
    """
    from scipy.ndimage import distance_transform_edt, uniform_filter1d

    silent = ~timeline.any(axis=1)
    if silent.all():
        return timeline
    likely = _mean_of_windows(speech, step)
    unsure, spoken = (uniform_filter1d(of, RECORDING, mode="constant") for of in (4 * likely * (1 - likely), likely))
    doubtful = (unsure > DOUBTFUL_RECORDING * spoken) & (likely > DOUBTFUL_SPEECH)
    distance, (nearest,) = distance_transform_edt(silent, return_indices=True)
    added = silent & doubtful & (distance <= NEAR_SPEECH)
    filled = timeline.copy()
    filled[added] = timeline[nearest[added]]
    return filled


def _mean_of_windows(values: NDArray[np.float32], step: int) -> NDArray[np.float64]:
    """Of values ``(windows, 589)`` for each frame, ``(frames,)``; they count less near the edges of their window."""
    import numpy as np

    weight = np.bartlett(FRAMES + 2)[1:-1]
    total, counted = np.zeros((2, (len(values) - 1) * step + FRAMES))
    for index, window in enumerate(values):
        where = slice(index * step, index * step + FRAMES)
        total[where] += weight * window
        counted[where] += weight
    mean: NDArray[np.float64] = total / counted
    return mean


def _votes(
    activity: NDArray[np.bool_], labels: NDArray[np.intp], clusters: int, step: int, windows: Iterable[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How strongly ``windows`` hear each speaker ``(frames, clusters)``, and how much they count ``(frames,)``."""
    import numpy as np

    total = (len(activity) - 1) * step + FRAMES
    weight = np.bartlett(FRAMES + 2)[1:-1].astype(np.float32)
    votes = np.zeros((total, clusters), np.float32)
    counted = np.zeros(total, np.float32)
    for index in windows:
        voices = np.zeros((FRAMES, clusters), bool)
        for speaker in np.flatnonzero(labels[index] >= 0):
            voices[:, labels[index, speaker]] |= activity[index, :, speaker]
        where = slice(index * step, index * step + FRAMES)
        votes[where] += weight[:, None] * voices
        counted[where] += weight
    return votes, counted


def segments_of(timeline: NDArray[np.bool_], min_duration_off: float, duration: float) -> Iterator[Segment]:
    """Stretches of speech of each column, pauses up to ``shortest_pause`` seconds filled.

    Speakers are called by their column; everything lies inside ``0..duration`` seconds.
    """
    for column in range(timeline.shape[1]):
        runs = _runs(timeline[:, column])
        bounds = [[max(_edge(first), 0.0), min(_edge(stop), duration)] for first, stop in runs]
        merged: list[Sequence[float]] = []
        for start, end in bounds:
            if merged and start - merged[-1][1] <= min_duration_off:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        yield from (Segment(start, end, speaker_name(column)) for start, end in merged if end > start)


def speaker_name(column: int) -> str:
    """What :func:`segments_of` calls the speaker of a column."""
    return f"{column:02d}"


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of frames that are true."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def first_sample(frame: int) -> int:
    """The sample halfway between the centres of ``frame`` and the frame before it."""
    return frame * FRAME_STEP + FRAME_CENTRE - FRAME_STEP // 2


def _edge(frame: int) -> float:
    """Seconds of :func:`first_sample`."""
    return first_sample(frame) / SAMPLE_RATE
