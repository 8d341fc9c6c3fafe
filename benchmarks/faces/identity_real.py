"""Face embedders on shots of real people: who is found again, and who is taken for somebody else.

    python -m benchmarks faces.identity_real FOLDER [--limit 1.1 ...] [--embedder sface ...]

FOLDER has clips of one person each. Four seconds of each, evenly spread, are shots of a film: as they are, blurred,
small, and blurred by motion; everybody once, then everybody again. Shots are joined by the functions of the tracking
stage. The people are in two halves, every other one by name: limits are chosen on the first, the second is for
reporting.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.identity_drawn import model_store
from mediaflow_assets.faces.engines.opencv_yunet import OpencvYunet
from mediaflow_assets.faces.identity.embedders import FaceEmbedder
from mediaflow_assets.faces.identity.face_chips import EVERY, FaceChips
from mediaflow_assets.faces.identity.reidentification import embeddings_of, final_ids
from mediaflow_assets.faces.registries import FACE_EMBEDDERS
from mediaflow_assets.faces.tracks import TrackRecorder
from mediaflow_assets.settings import Settings

Picture = NDArray[np.uint8]

_SIDE = 512
"""Longest side of the pictures, pixels; a clip's are scaled to it."""
_SHOT = 25
"""Frames."""
_MOST = 200
"""Frames of a clip that are read."""
_MOTION = np.full((1, 17), 1 / 17, np.float32)


def blurred(picture: Picture) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), 5).astype(np.uint8)


def small(picture: Picture) -> Picture:
    return cv2.resize(picture, None, fx=112 / _SIDE, fy=112 / _SIDE, interpolation=cv2.INTER_AREA).astype(np.uint8)


def in_motion(picture: Picture) -> Picture:
    return cv2.filter2D(picture, -1, _MOTION).astype(np.uint8)


CONDITIONS: tuple[Callable[[Picture], Picture], ...] = (np.ascontiguousarray, blurred, small, in_motion)


def clip(path: Path) -> list[Picture]:
    pictures = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="rgb24")
            scale = _SIDE / max(picture.shape[:2])
            pictures.append(
                cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
            )
            if len(pictures) == _MOST:
                break
    return pictures


def joined(clips: Sequence[Path], embedder: FaceEmbedder, limits: Sequence[float]) -> list[str]:
    """One row of the table for each limit."""
    settings = Settings.load()
    detector = OpencvYunet(settings.faces, model_store(), settings.compute)
    detector.load()
    chips, recorder, whose = FaceChips(), TrackRecorder(), dict[int, Path]()
    films = {path: clip(path) for path in clips}
    for shot, condition in enumerate(CONDITIONS):
        for path, pictures in films.items():
            number = len(CONDITIONS) * clips.index(path) + shot + 1
            first = max(0, len(pictures) - _SHOT) * shot // (len(CONDITIONS) - 1)
            for place, picture in enumerate(pictures[first : first + _SHOT : EVERY]):
                looked_at = np.ascontiguousarray(condition(picture))
                face = max(detector.detect(looked_at, 0), key=lambda one: one.bbox[2], default=None)
                if face is None:
                    continue
                whose[number] = path
                face.portrait = embedder.chip(looked_at, face)
                frame = _SHOT * (len(CONDITIONS) * number + shot) + EVERY * place
                recorder.add(frame, {number: face})
                chips.add(frame, {number: face})
    tracks, looks = recorder.tracks(), embeddings_of(chips, embedder)
    rows = []
    for limit in limits:
        own = embedder.limits._replace(one_person=limit)
        names = final_ids(sorted(whose), tracks, looks, {}, own)
        pairs = list(combinations(sorted(whose), 2))
        same = [names[a] == names[b] for a, b in pairs if whose[a] == whose[b]]
        others = [names[a] == names[b] for a, b in pairs if whose[a] != whose[b]]
        rows.append(
            f"{limit} | {len(set(names.values()))} | {sum(same)} of {len(same)} | {sum(others)} of {len(others)}"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", action="append", type=float, help="repeat for several (default: the network's own)")
    parser.add_argument("--embedder", action="append", help="repeat for several (default: all)")
    arguments = parser.parse_args()
    people = sorted(path for path in arguments.folder.iterdir() if path.is_file())
    print("| half | people | network | limit | ids | pairs of one person joined | of two people |\n|" + " --- |" * 7)
    for half, chosen in (("choosing", people[::2]), ("reporting", people[1::2])):
        for name in arguments.embedder or FACE_EMBEDDERS.names:
            embedder = FACE_EMBEDDERS.create(name, model_store())
            for row in joined(chosen, embedder, arguments.limit or [embedder.limits.one_person]):
                print(f"| {half} | {len(chosen)} | {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
