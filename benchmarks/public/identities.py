"""Ids of faces on sets in the layout of the MOT Challenge, by HOTA (Luiten et al., 2020).

    python -m benchmarks public.identities FOLDER

FOLDER has one folder a sequence: ``gt/gt.txt`` (frame, id, left, top, width, height, considered, …; frames from 1)
and the full tracking document of its video, ``tracking.json``, as ``mediaflow run`` writes it. The video must have
the sequence's frames at 25 per second. Boxes that the set does not consider are left out. HOTA, IDF1 and MOTA are
trackeval's; the last row is the mean of the sequences.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from support.faces.score import Score, evaluate

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


def read_truth(path: Path) -> dict[int, dict[int, Box]]:
    """Frame (from 1) to the boxes by id."""
    found: dict[int, dict[int, Box]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            if len(row) > 6 and float(row[6]) == 0:
                continue
            left, top, width, height = (float(value) for value in row[2:6])
            found[int(row[0])][int(row[1])] = (left, top, width, height)
    return dict(found)


def score_sequence(truth: Path, tracking: Path) -> Score:
    """Score of one sequence."""
    from mediaflow_assets.formats.tracking_json import read_tracking_frames

    true = read_truth(truth)
    frames = []
    for frame in read_tracking_frames(tracking):
        faces = [one for one in frame.tracked_objects if one.source == "face_landmarker"]
        boxes = [(one.bbox_xmin, one.bbox_ymin, one.bbox_width, one.bbox_height) for one in faces]
        ids = [int(one.id.removeprefix("obj_")) for one in faces]
        frames.append((true.get(frame.frame, {}), boxes, ids))
    return evaluate(frames)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    found = {
        path.parent.parent.name: score_sequence(path, path.parent.parent / "tracking.json")
        for path in sorted(arguments.folder.rglob("gt/gt.txt"))
        if (path.parent.parent / "tracking.json").exists()
    }
    if not found:
        raise SystemExit(f"{arguments.folder} has no sequence with a tracking document; see --help for the layout")
    print("| sequence | HOTA | IDF1 | MOTA | switches |\n|---|---|---|---|---|")
    for name, score in found.items():
        print(f"| {name} | {score.hota:.3f} | {score.idf1:.3f} | {score.mota:.3f} | {score.switches} |")
    means = [float(np.mean([getattr(score, part) for score in found.values()])) for part in ("hota", "idf1", "mota")]
    print(f"| **mean** | {means[0]:.3f} | {means[1]:.3f} | {means[2]:.3f} | |")


if __name__ == "__main__":
    main()
