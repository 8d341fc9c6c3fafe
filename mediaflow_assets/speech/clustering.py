"""Which voices are the same person: agglomerative clustering of embeddings, of long sound in two levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mediaflow_assets.speech.diarization import SpeakerHints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_LEAVES = 2000
"""Embeddings that are clustered at once: about three hours of a conversation. Of more, stretches of this length are
clustered by themselves and then their speakers, so that time and memory grow with the length, not its square. Shorter
stretches find fewer speakers (``benchmarks/results/speech.md``)."""

SHARED_SPEAKER_PENALTY = 0.6
"""Cosine by which a voice must be more like the speaker of another voice of its window than like anybody else to share
that speaker. The embedding of who talks over somebody is partly his; but one person may have been split in two."""

MIN_GROUP_SECONDS = 0.4
"""Seconds of speech from which a group may be a speaker of a short sound (:class:`Evidence`). This and the next were
chosen on excerpts of half a minute (``benchmarks/results/speech.md``)."""
SURE_GROUP_SECONDS = 1.6
"""Seconds from which it is one without further evidence."""
MIN_COMMON_WINDOWS = 0.5
"""Share of a smaller group's windows that must hear the nearest speaker as well: the segmentation network has told the
two apart. One who never talks in the same windows is mostly the same person, who sounds different there."""
STRANGER = 1.2
"""Euclidean distance from the nearest speaker from which a smaller group is somebody else without that."""
_MAX_ROUNDS = 20
"""Rounds of k-means; it mostly ends after a few."""


class Evidence(NamedTuple):
    """What the windows of a short sound tell of each embedding: in how many it is heard says little at its ends."""

    seconds: NDArray[np.float32]
    """Its speech alone, each instant divided by the number of windows that hear it, ``(n,)``."""
    windows: NDArray[np.intp]
    """Its window, ``(n,)``."""


class Clusters(NamedTuple):
    """Embeddings grouped by speaker."""

    labels: NDArray[np.intp]
    """The speaker of each embedding, ``(n,)``."""
    centroids: NDArray[np.float32]
    """The mean direction of each speaker, ``(k, d)``."""
    note: str = ""
    """Why the number of speakers is not the one that was asked for."""


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1."""
    import numpy as np

    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled


def cluster(
    vectors: NDArray[np.float32],
    *,
    threshold: float,
    min_cluster_size: int,
    hints: SpeakerHints,
    evidence: Evidence | None = None,
) -> Clusters:
    """Group voices by agglomerative clustering with centroid linkage, as pyannote.audio does.

    Groups of fewer than ``min_cluster_size`` voices are no speaker of their own: their members go to
    the speaker with the nearest mean. Where ``hints`` contradict the threshold, the tree is cut where
    there is the wanted number of large groups, or of groups of any size if that is nowhere.

    Of a short sound seconds of speech count instead, unless the number of speakers is given, and k-means follows: a
    group that was merged late holds voices of others. With the number given, small groups count before a large one is
    split, as somebody may be heard once; in a long sound a small group is mostly noise.

    Args:
        vectors: ``(n, d)`` of any length, in order of time; n may be 0.
        threshold: Euclidean distance between unit vectors at which two groups stay apart.
        min_cluster_size: members of a group that counts, at least 1; lowered for a short sound.
        hints: what is known of the number of speakers.
        evidence: given of a short sound.
    """
    import numpy as np

    voices = unit(vectors)
    count = len(voices)
    least = hints.exact or hints.minimum or 1
    note = f"{least} speakers were asked for, but only {count} voices can be told apart" if count < least else ""
    if count < 2:
        return Clusters(np.zeros(count, np.intp), voices, note)
    from scipy.cluster.hierarchy import linkage

    # A short sound has few samples of each voice, so fewer of them make a person.
    size = min(min_cluster_size, max(1, round(0.1 * count)))
    leaf = _leaves(voices, threshold, size) if count > MAX_LEAVES else np.arange(count)
    weights = np.bincount(leaf[leaf >= 0])
    tree = linkage(unit(_means(voices, leaf)), method="centroid") if len(weights) > 1 else np.zeros((0, 4))
    groups = _below(tree, threshold)
    if evidence and hints.exact is None:
        large = _heard_enough(voices, groups, evidence)
    else:
        large = _large(groups, weights, size)
    most = max(least, hints.exact or hints.maximum or count)
    if evidence and hints.exact and len(large) < least <= groups.max() + 1:
        large = (-np.bincount(groups, weights)).argsort(kind="stable")[:least]
    elif not least <= len(large) <= most:
        groups, large = _wanted(tree, weights, min(max(len(large), least), most), size)
    labels = _assign(voices, np.where(leaf < 0, -1, groups[leaf]), large)
    if evidence:
        labels = k_means(voices, labels)
    return Clusters(labels, unit(_means(voices, labels)), note)


def assign_window(likeness: NDArray[np.float32]) -> NDArray[np.intp]:
    """The speaker of each voice of one window: the most alike in sum, each its own where voices allow it.

    Constrained assignment as of pyannote.audio 4, but not absolute: see :data:`SHARED_SPEAKER_PENALTY`.

    Args:
        likeness: cosine of each voice to each speaker, ``(m, k)``.

    Returns:
        Shape ``(m,)``.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    # Each speaker may be taken once for each voice, at a higher price every time.
    gain = np.concatenate([likeness - times * SHARED_SPEAKER_PENALTY for times in range(len(likeness))], axis=1)
    speakers: NDArray[np.intp] = linear_sum_assignment(gain, maximize=True)[1] % likeness.shape[1]
    return speakers


def told_apart(labels: NDArray[np.intp], speakers: int) -> NDArray[np.bool_]:
    """Pairs of speakers whom the segmentation network hears as two in most windows of the one who is in fewer.

    Args:
        labels: speaker of each local speaker of a window, -1 for none, ``(windows, 3)``.
        speakers: how many there are.

    Returns:
        Shape ``(speakers, speakers)``; see :data:`MIN_COMMON_WINDOWS`.
    """
    import numpy as np

    heard = (labels[:, :, None] == np.arange(speakers)).any(axis=1).astype(np.intp)
    windows = heard.sum(axis=0)
    apart: NDArray[np.bool_] = heard.T @ heard >= MIN_COMMON_WINDOWS * np.maximum(np.minimum.outer(windows, windows), 1)
    return apart


def _leaves(voices: NDArray[np.float32], threshold: float, size: int) -> NDArray[np.intp]:
    """The speaker within its stretch of time of each voice: numbers from 0, of all stretches together.

    -1 for one that is in no large group of its stretch; it may be somebody who is heard more in another.
    """
    import numpy as np
    from scipy.cluster.hierarchy import linkage

    found: list[NDArray[np.intp]] = []
    for stretch in np.array_split(voices, -(-len(voices) // MAX_LEAVES)):
        tree = linkage(stretch, method="centroid")
        groups = _below(tree, threshold)
        large = _large(groups, np.ones(len(stretch), np.intp), size)
        first = max((int(labels.max()) for labels in found), default=-1) + 1
        numbers = np.full(groups.max() + 1, -1, np.intp)
        numbers[large] = np.arange(first, first + len(large))
        found.append(numbers[groups])
    return np.concatenate(found)


def _means(voices: NDArray[np.float32], labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Mean of the voices of each label 0, 1 …"""
    import numpy as np

    return np.stack([voices[labels == label].mean(axis=0) for label in range(labels.max() + 1)])


def _assign(voices: NDArray[np.float32], groups: NDArray[np.intp], large: NDArray[np.intp]) -> NDArray[np.intp]:
    """Labels 0, 1 … of the ``large`` groups; other voices get that of the nearest."""
    import numpy as np

    means = unit(np.stack([voices[groups == group].mean(axis=0) for group in large]))
    labels: NDArray[np.intp] = np.argmin(1 - voices @ means.T, axis=1)
    for label, group in enumerate(large):
        labels[groups == group] = label
    return labels


def _large(groups: NDArray[np.intp], weights: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Numbers of the groups that count; the largest one when none does."""
    import numpy as np

    sizes = np.bincount(groups, weights)
    large = np.flatnonzero(sizes >= size)
    return large if len(large) else np.array([sizes.argmax()])


def _heard_enough(voices: NDArray[np.float32], groups: NDArray[np.intp], evidence: Evidence) -> NDArray[np.intp]:
    """Numbers of the groups of a short sound that are speakers; the one heard longest always is.

    Less than :data:`SURE_GROUP_SECONDS` needs further evidence: windows in which the nearest speaker is heard as
    somebody else, or a great distance.
    """
    import numpy as np

    means = unit(_means(voices, groups))
    seconds = np.bincount(groups, evidence.seconds)
    first, *others = (-seconds).argsort(kind="stable").tolist()
    speakers = [first]
    for group in others:
        distances = np.linalg.norm(means[speakers] - means[group], axis=1)
        nearest = speakers[distances.argmin()]
        windows = np.unique(evidence.windows[groups == group])
        common = np.isin(windows, evidence.windows[groups == nearest]).mean()
        sure = seconds[group] >= SURE_GROUP_SECONDS or common >= MIN_COMMON_WINDOWS or distances.min() >= STRANGER
        if seconds[group] >= MIN_GROUP_SECONDS and sure:
            speakers.append(group)
    return np.array(sorted(speakers))


def k_means(voices: NDArray[np.float32], labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Each voice with the speaker whose mean is nearest, until nothing changes or somebody would lose all of his."""
    import numpy as np

    for _ in range(_MAX_ROUNDS):
        nearest: NDArray[np.intp] = (voices @ unit(_means(voices, labels)).T).argmax(axis=1)
        if len(np.unique(nearest)) < labels.max() + 1 or (nearest == labels).all():
            break
        labels = nearest
    return labels


def _below(tree: NDArray[np.float64], threshold: float) -> NDArray[np.intp]:
    """The group of each leaf where no merge within a group is beyond the threshold."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster

    if not len(tree):
        return np.zeros(1, np.intp)
    groups: NDArray[np.intp] = fcluster(tree, threshold, criterion="distance").astype(np.intp) - 1
    return groups


def _cut(tree: NDArray[np.float64], merges: int) -> NDArray[np.intp]:
    """The group of each leaf after the first ``merges`` of the tree.

    Centroid linkage has inversions (a merge may be nearer than the one before it), so no cut at a distance gives every
    number of groups; replayed in order, each merge leaves one group less.
    """
    import numpy as np

    leaves = len(tree) + 1
    group = np.arange(leaves + len(tree))
    for index, (first, second) in enumerate(tree[:merges, :2].astype(int)):
        merged = leaves + index
        group[(group == group[first]) | (group == group[second])] = merged
    numbers: NDArray[np.intp] = np.unique(group[:leaves], return_inverse=True)[1]
    return numbers


def _wanted(
    tree: NDArray[np.float64], weights: NDArray[np.intp], wanted: int, size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Groups of the leaves of which ``wanted`` are large, and the numbers of these.

    Small groups are split off on the way, so there may be more groups than that; where no cut has as many large
    groups, small ones count too.
    """
    import numpy as np

    leaves = len(tree) + 1
    for groups in range(min(wanted, leaves), leaves + 1):
        cut = _cut(tree, leaves - groups)
        large = _large(cut, weights, size)
        if len(large) == wanted:
            return cut, large
    cut = _cut(tree, leaves - min(wanted, leaves))
    return cut, np.arange(cut.max() + 1)
