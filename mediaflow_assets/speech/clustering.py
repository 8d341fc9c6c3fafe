"""Which voices are the same person: agglomerative clustering of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaflow_assets.speech.diarization import SpeakerHints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1."""
    import numpy as np

    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled


def cluster(
    vectors: NDArray[np.float32], *, threshold: float, smallest: int, hints: SpeakerHints
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Group voices by agglomerative clustering with centroid linkage, as pyannote.audio does.

    Groups of fewer than ``smallest`` voices are no speaker of their own: their members go to the
    speaker with the nearest mean. Where ``hints`` contradict the threshold, the tree is cut where
    the wanted number of large groups is nearest.

    Args:
        vectors: ``(n, d)`` of any length; n may be 0.
        threshold: Euclidean distance between unit vectors at which two groups stay apart.
        smallest: members of a group that counts, at least 1; lowered for a short sound.
        hints: what is known of the number of speakers.

    Returns:
        The group of each vector, ``(n,)``, and the mean direction of each group, ``(k, d)``.
    """
    import numpy as np

    voices = unit(vectors)
    count = len(voices)
    if count == 0:
        return np.zeros(0, np.intp), voices
    if count == 1:
        return np.zeros(1, np.intp), voices
    from scipy.cluster.hierarchy import fcluster, linkage

    # A short sound has few samples of each voice, so fewer of them make a person.
    smallest = min(smallest, max(1, round(0.1 * count)))
    tree = linkage(voices, method="centroid")
    groups = fcluster(tree, threshold, criterion="distance") - 1
    large = _large(groups, smallest)
    least = hints.exact or hints.minimum or 1
    most = hints.exact or hints.maximum or count
    if not least <= len(large) <= most:
        wanted = min(max(len(large), least), most)
        groups, large = _cut(tree, wanted, smallest)
    means = unit(np.stack([voices[groups == group].mean(axis=0) for group in large]))
    members = np.argmin(1 - voices @ means.T, axis=1)
    for number, group in enumerate(large):
        members[groups == group] = number
    return members, means


def _large(groups: NDArray[np.intp], smallest: int) -> NDArray[np.intp]:
    """Numbers of the groups that count; the largest one when none does."""
    import numpy as np

    numbers, sizes = np.unique(groups, return_counts=True)
    large: NDArray[np.intp] = numbers[sizes >= smallest]
    return large if len(large) else numbers[sizes.argmax()][None]


def _cut(tree: NDArray[np.float64], wanted: int, smallest: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cut the tree so that the number of large groups is as near ``wanted`` as it gets."""
    from scipy.cluster.hierarchy import fcluster

    leaves = len(tree) + 1
    best = fcluster(tree, wanted, criterion="maxclust") - 1
    # Small groups are split off on the way, so the number of groups may have to be higher.
    for groups in range(wanted + 1, leaves + 1):
        if len(_large(best, smallest)) == wanted:
            break
        labels = fcluster(tree, groups, criterion="maxclust") - 1
        if abs(len(_large(labels, smallest)) - wanted) < abs(len(_large(best, smallest)) - wanted):
            best = labels
    return best, _large(best, smallest)
