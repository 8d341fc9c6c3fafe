"""The same person in several shots, or again after a crossing: tracks are joined by the likeness of their faces.

Two faces are taken for one person when the vectors that a network makes of them are nearer to each other than a limit;
faces that are ever visible together never are. Which network: see :mod:`~mediaflow_assets.faces.identity.embedders`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.identity.alignment import decoded
from mediaflow_assets.faces.identity.embedders import FaceEmbedder, Limits
from mediaflow_assets.faces.identity.face_chips import FaceChips
from mediaflow_assets.faces.identity.tracklets import continued, mean_look
from mediaflow_assets.faces.registries import FACE_EMBEDDERS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.tracks import FaceTrack, merged
from mediaflow_assets.modelstore import ModelStore

_SURE = 12
"""Frames below which a part of a track, seen between two others, is whom the tracker takes it for."""
_MAX_TRACKS = 3000
"""Faces that are compared, those that are seen longest; the networks take 12 and 75 ms a picture, and the memory for
comparing them grows with the square."""
_FAR = 10.0
"""Stands for "never the same person"; embeddings have length one."""


def chosen_embedder(settings: FaceSettings, store: ModelStore) -> type[FaceEmbedder] | None:
    """What joins tracks by the settings; None when nothing shall or, for ``TRACKING_JOIN=auto``, can.

    Of all networks the first one that is there; with ``on`` and none there the first one, which is then asked for.
    ``auto`` leaves the ids of ``centroid`` alone, which is there to be compared with the replaced application.
    """
    if settings.join_shots == "off" or (settings.join_shots == "auto" and settings.tracker == "centroid"):
        return None
    names: Sequence[str] = (settings.embedder,)
    if settings.embedder == "auto":
        # A distance that was set while there was no choice is one of dlib's.
        names = ("dlib",) if settings.join_distance else FACE_EMBEDDERS.names
    wanted = [FACE_EMBEDDERS.get(name) for name in names]
    there = [one for one in wanted if _is_there(one, store)]
    if not there and settings.join_shots == "on":
        return wanted[0]
    return there[0] if there else None


def _is_there(embedder: type[FaceEmbedder], store: ModelStore) -> bool:
    return (embedder.library is None or find_spec(embedder.library) is not None) and store.status(embedder.model).usable


def embedder_for(settings: FaceSettings, store: ModelStore) -> FaceEmbedder | None:
    """The one of :func:`chosen_embedder`, loaded.

    Raises:
        Unavailable: joining is ``on``, and the network's library or model is missing.
    """
    chosen = chosen_embedder(settings, store)
    return None if chosen is None else FACE_EMBEDDERS.create(chosen.name, store)


def limits_of(embedder: FaceEmbedder, settings: FaceSettings) -> Limits:
    """Those of the network, or the one of ``TRACKING_JOIN_DISTANCE``."""
    own = embedder.limits
    return own._replace(one_person=settings.join_distance) if settings.join_distance else own


def compared(tracks: Mapping[int, FaceTrack], before: Mapping[int, int]) -> list[int]:
    """Those whose faces tell who they are, see :func:`final_ids`."""
    long = (number for number, track in tracks.items() if number not in before or len(track.frames) >= _SURE)
    return sorted(sorted(long, key=lambda number: -len(tracks[number].frames))[:_MAX_TRACKS])


def embeddings_of(
    face_chips: FaceChips, embedder: FaceEmbedder, numbers: Iterable[int] | None = None
) -> dict[int, NDArray[np.float64]]:
    """Embeddings of each face, ``(pictures, values)``; none where there is only one face, which has nobody to be.

    Args:
        face_chips: of all faces.
        embedder: the network.
        numbers: of the faces that are wanted, if not all.
    """
    pictures = face_chips.pictures(numbers)
    if len(pictures) < 2:
        return {}
    return {number: np.array([embedder.embed(decoded(look)) for look in looks]) for number, looks in pictures.items()}


def same_people(
    embeddings: Mapping[int, NDArray[np.float64]], tracks: Mapping[int, FaceTrack], limit: float
) -> dict[int, int]:
    """For each face that has been seen before, the lowest id of the same person.

    Args:
        embeddings: from :func:`embeddings_of`.
        tracks: all faces by id.
        limit: largest distance between two tracks of one person.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    ids = sorted(embeddings)
    if len(ids) < 2:
        return {}
    apart = squareform(pdist(np.array([mean_look(embeddings[number]) for number in ids])))
    for a, b in _together([tracks[number] for number in ids]):
        apart[a, b] = apart[b, a] = _FAR
    groups = fcluster(linkage(squareform(apart, checks=False), "complete"), limit, "distance")
    first: dict[int, int] = {}
    return {
        number: first[group]
        for number, group in zip(ids, groups, strict=True)
        if first.setdefault(group, number) != number
    }


def _together(tracks: Sequence[FaceTrack]) -> set[tuple[int, int]]:
    """Pairs of places in ``tracks`` that are visible in the same frame."""
    if len(tracks) < 2:
        return set()
    frames = np.concatenate([track.frames for track in tracks])
    whose = np.repeat(np.arange(len(tracks)), [len(track.frames) for track in tracks])
    order = np.lexsort((whose, frames))
    starts = np.flatnonzero(np.diff(frames[order])) + 1
    groups = {tuple(group.tolist()) for group in np.split(whose[order], starts)}
    return {pair for group in groups for pair in combinations(group, 2)}


def final_ids(
    numbers: Iterable[int],
    tracks: Mapping[int, FaceTrack],
    embeddings: Mapping[int, NDArray[np.float64]],
    before: Mapping[int, int],
    limits: Limits,
) -> dict[int, int]:
    """The final id of each part of a track.

    Args:
        numbers: of all parts, things included.
        tracks: the faces among them.
        embeddings: from :func:`embeddings_of`.
        before: parts that may go on with others, see :class:`~mediaflow_assets.faces.identity.tracklets.Tracklets`.
        limits: of the embeddings.
    """
    known = {number: embeddings[number] for number in compared(tracks, before) if number in embeddings}
    places = list(tracks)
    together: dict[int, set[int]] = {number: set() for number in places}
    for a, b in _together(list(tracks.values())) if before else set():
        together[places[a]].add(places[b])
        together[places[b]].add(places[a])
    kept = continued(before, known, together, limits.two_people)
    whole = merged(tracks, {number: kept.get(number, number) for number in tracks})
    looks: dict[int, NDArray[np.float64]] = {}
    for number, pictures in known.items():
        start = kept.get(number, number)
        looks[start] = np.concatenate([looks[start], pictures]) if start in looks else pictures
    return renumbered(numbers, {**kept, **same_people(looks, whole, limits.one_person)})


def joined_parts(names: Mapping[int, int], before: Mapping[int, int]) -> int:
    """How many parts have the id of an earlier one, other than those that go on with the one before them.

    Parts that were dropped (things that are seen too shortly) have no name and do not count.
    """
    pairs = [(number, earlier) for number, earlier in before.items() if number in names and earlier in names]
    going_on = sum(names[number] == names[earlier] for number, earlier in pairs)
    return len(names) - len(set(names.values())) - going_on


def renumbered(ids: Iterable[int], joined: Mapping[int, int]) -> dict[int, int]:
    """New ids, counted from 1 in the order of first appearance, for all old ones (rising).

    Args:
        joined: an old id to an earlier one that is the same; that one may have been dropped from ``ids``.
    """
    result: dict[int, int] = {}
    chosen: dict[int, int] = {}
    for number in sorted(ids):
        start = number
        while start in joined:
            start = joined[start]
        result[number] = chosen.setdefault(start, len(chosen) + 1)
    return result
