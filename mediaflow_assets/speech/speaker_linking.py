"""The same voice under the same label in every video of a project.

Videos are analysed in the order of the project. Each one's voices are compared with those of the
videos before it, whose documents are inputs of its recipe; so the labels are the same whenever
the same videos are analysed in the same order, and nothing is rewritten afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.formats.audio_json import read_audio_head

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Voices = Mapping[str, Sequence[float]]
"""Label to unit vector."""


def voices_of(documents: Iterable[Path]) -> dict[str, list[float]]:
    """Every label of the documents with its mean voice; documents that do not exist are left out."""
    import numpy as np

    heard: dict[str, list[Sequence[float]]] = {}
    for document in documents:
        if document.exists():
            for label, voice in read_audio_head(document).voices.items():
                heard.setdefault(label, []).append(voice)
    return {label: _unit(np.mean(voices, axis=0)).tolist() for label, voices in heard.items()}


def project_labels(voices: Voices, known: Voices, threshold: float) -> dict[str, str]:
    """Labels of one video to labels of the project.

    The assignment with the greatest total similarity is taken; pairs below ``threshold`` (cosine)
    are different people. New people get the numbers after the known ones, in the order of
    ``voices``. Voices of another length (another engine's) are never the same person.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    names = [label for label, voice in known.items() if all(len(voice) == len(other) for other in voices.values())]
    labels: dict[str, str] = {}
    mine = list(voices)
    if names and mine:
        likeness = np.array([voices[label] for label in mine]) @ np.array([known[name] for name in names]).T
        # Below the threshold nobody is anybody, so such a pair may not cost a real one its place.
        rows, columns = linear_sum_assignment(np.where(likeness >= threshold, likeness, 0), maximize=True)
        labels = {
            mine[row]: names[column]
            for row, column in zip(rows, columns, strict=True)
            if likeness[row, column] >= threshold
        }
    used = {int(label.rpartition("_")[2]) for label in known}
    number = max(used, default=-1) + 1
    for label in mine:
        if label not in labels:
            labels[label] = f"SPEAKER_{number:02d}"
            number += 1
    return labels


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    scaled: NDArray[np.float64] = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return scaled
