"""Trackers on films with known faces: MOTA, IDF1, HOTA and id switches, by trackeval.

    python -m benchmarks faces.identity [--held-out] [--seeds 3] [--noise 0.02] [--misses 0.02] [--tracker NAME ...]

The films are those of the tests: crossings, occlusions, change of size, entering and leaving, five
faces, cuts. Trackers get what a detector would report of them: boxes with errors of ``--noise``
heights (standard deviation of each edge), ``--misses`` of them missing, in no order. Besides the
product's own trackers, those of the ``trackers`` package (2.6.1, with ``supervision``) when it is
installed, which are made anew at each cut as the product's is; what they leave without an id in a
frame counts as an id of its own. ``--held-out`` takes twenty films of people on random ways, which
no tracker was tuned on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.registries import TRACKERS
from mediaflow_assets.faces.settings import FaceSettings
from support.faces.films import CROSSINGS, FILMS, HELD_OUT, Box, Noise
from support.faces.score import Track, score

_LIBRARY = {
    "SORT": ("SORTTracker", {"track_activation_threshold": 0.3, "minimum_iou_threshold": 0.05}),
    "ByteTrack": ("ByteTrackTracker", {"track_activation_threshold": 0.3, "minimum_iou_threshold": 0.05}),
    "OC-SORT": ("OCSORTTracker", {"minimum_iou_threshold": 0.05}),
    "C-BIoU": ("CBIoUTracker", {}),
}


def own(name: str) -> Track:
    tracker = TRACKERS.create(name, FaceSettings())

    def track(cut: bool, boxes: Sequence[Box]) -> list[int]:
        if cut:
            tracker.begin_shot()
        detections = []
        for box in boxes:
            x, y, width, height = (round(value) for value in box)
            detections.append(Detection(bbox=(x, y, width, height), centroid=(x + width // 2, y + height // 2)))
        return [number for number, _ in tracker.update(detections)]

    return track


def library(name: str) -> Track:
    import supervision
    import trackers

    kind, options = _LIBRARY[name]
    make: Callable[[], Any] = lambda: getattr(trackers, kind)(  # noqa: E731
        lost_track_buffer=48, frame_rate=25, minimum_consecutive_frames=1, **options
    )
    state: dict[str, Any] = {"shot": 0, "alone": 10**6}

    def track(cut: bool, boxes: Sequence[Box]) -> list[int]:
        if cut:
            state["tracker"], state["shot"] = make(), state["shot"] + 1000
        if not boxes:
            state["tracker"].update(supervision.Detections.empty())
            return []
        corners = np.array(boxes)
        corners[:, 2:] += corners[:, :2]
        found = state["tracker"].update(
            supervision.Detections(
                xyxy=corners,
                confidence=np.full(len(boxes), 0.9),
                class_id=np.zeros(len(boxes), int),
                data={"index": np.arange(len(boxes))},
            )
        )
        numbers = dict(zip(found.data["index"], found.tracker_id, strict=True))
        result = []
        for index in range(len(boxes)):
            number = int(numbers.get(index, -1))
            state["alone"] += 1
            result.append(state["alone"] if number < 0 else state["shot"] + number)
        return result

    return track


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--noise", type=float, default=0.02)
    parser.add_argument("--misses", type=float, default=0.02)
    parser.add_argument("--tracker", action="append", help="repeat for several (default: all)")
    parser.add_argument("--held-out", action="store_true", help="films that nothing was tuned on")
    arguments = parser.parse_args()
    films = HELD_OUT if arguments.held_out else FILMS
    names = arguments.tracker or [*TRACKERS, *_LIBRARY]
    summary = ["| tracker | IDF1 | MOTA | HOTA | switches | on crossings | µs/frame |", "|" + " --- |" * 7]
    print("| film | tracker | IDF1 | least IDF1 | MOTA | HOTA | switches |\n|" + " --- |" * 7)
    scores = {name: [] for name in names}
    seconds = dict.fromkeys(names, 0.0)
    for film in films:
        for name in names:
            results = []
            for seed in range(arguments.seeds):
                track = own(name) if name in TRACKERS.names else library(name)

                def timed(cut: bool, boxes: Sequence[Box], track: Track = track, name: str = name) -> Sequence[int]:
                    started = time.process_time()
                    ids = track(cut, boxes)
                    seconds[name] += time.process_time() - started
                    return ids

                results.append(score(film, timed, Noise(seed, arguments.noise, arguments.misses)))
            scores[name] += [(film, result) for result in results]
            print(
                f"| {film.name} | {name} | {_mean(results, 'idf1')} | {min(r.idf1 for r in results):.3f} "
                f"| {_mean(results, 'mota')} | {_mean(results, 'hota')} | {sum(r.switches for r in results)} |"
            )
    frames = arguments.seeds * sum(film.frames for film in films)
    for name in names:
        results = [result for _, result in scores[name]]
        crossing = sum(result.switches for film, result in scores[name] if film in CROSSINGS)
        summary.append(
            f"| {name} | {_mean(results, 'idf1')} | {_mean(results, 'mota')} | {_mean(results, 'hota')} "
            f"| {sum(r.switches for r in results)} | {crossing} | {seconds[name] / frames * 1e6:.0f} |"
        )
    print("\n" + "\n".join(summary))


def _mean(results: Sequence[Any], what: str) -> str:
    return f"{np.mean([getattr(result, what) for result in results]):.3f}"


if __name__ == "__main__":
    main()
