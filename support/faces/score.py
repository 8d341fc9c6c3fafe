"""Scores of a tracker on a film, by trackeval: HOTA (Luiten et al., 2020), CLEAR MOT, identity F1."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from support.faces.films import Box, Film, Noise

Track = Callable[[bool, Sequence[Box]], Sequence[int]]
"""Ids of the boxes of the next frame; the first argument says that a shot starts."""


@dataclass(frozen=True)
class Score:
    mota: float
    idf1: float
    hota: float
    switches: int


def score(film: Film, track: Track, noise: Noise) -> Score:
    """Run a tracker over what a detector would report of a film and compare with the truth."""
    frames = []
    for frame in range(film.frames):
        boxes = film.detections(frame, noise)
        frames.append((film.truth(frame), boxes, list(track(frame in film.cuts, boxes))))
    return evaluate(frames)


def evaluate(frames: Sequence[tuple[dict[int, Box], Sequence[Box], Sequence[int]]]) -> Score:
    """Score of (truth by name, boxes, their ids) per frame."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    names = {name: index for index, name in enumerate(sorted({name for truth, _, _ in frames for name in truth}))}
    numbers = {number: index for index, number in enumerate(sorted({n for _, _, ids in frames for n in ids}))}
    data = {
        "gt_ids": [np.array([names[name] for name in truth], int) for truth, _, _ in frames],
        "tracker_ids": [np.array([numbers[number] for number in ids], int) for _, _, ids in frames],
        "similarity_scores": [_overlaps(list(truth.values()), boxes) for truth, boxes, _ in frames],
        "num_gt_ids": len(names),
        "num_tracker_ids": len(numbers),
        "num_gt_dets": sum(len(truth) for truth, _, _ in frames),
        "num_tracker_dets": sum(len(boxes) for _, boxes, _ in frames),
        "num_timesteps": len(frames),
    }
    with contextlib.redirect_stdout(io.StringIO()):  # trackeval prints its configuration
        clear, identity, hota = CLEAR(), Identity(), HOTA()
    mot = clear.eval_sequence(data)
    return Score(
        mota=float(mot["MOTA"]),
        idf1=float(identity.eval_sequence(data)["IDF1"]),
        hota=float(hota.eval_sequence(data)["HOTA"].mean()),
        switches=int(mot["IDSW"]),
    )


def _overlaps(truth: Sequence[Box], found: Sequence[Box]) -> np.ndarray:
    """Intersection over union of each pair."""
    if not (truth and found):
        return np.zeros((len(truth), len(found)))
    a, b = np.array(truth)[:, None], np.array(found)[None]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    return shared / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - shared)
