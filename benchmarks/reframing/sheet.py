"""A sheet of frames: the picture with the crop drawn in, and what is shown beside it.

    python -m benchmarks.reframing.sheet TARGET.jpg

The people are drawn, so that the sheet shows nobody.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reframing.playback import play, views_of
from support.drawn_documents import Drawn, during, planned, still

Picture = NDArray[np.uint8]
WIDTH, HEIGHT, LENGTH = 1920, 1080, 300
SKIN = {"obj_1": (150, 190, 240), "obj_2": (90, 130, 190), "obj_3": (190, 210, 250)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    one = Drawn("obj_1", still(480), during((1, 100), (201, 300)))
    other = Drawn("obj_2", still(1450), during((101, 200)))
    quick = [
        Drawn("obj_1", still(480), lambda frame: frame // 30 % 2 == 0),
        Drawn("obj_2", still(1450), lambda frame: frame // 30 % 2 == 1),
    ]
    rows: list[tuple[str, list[Drawn], dict[str, object]]] = [
        ("9:16, two in turn", [one, other], {}),
        ("9:16, one walks", [Drawn("obj_3", lambda frame: 200 + 5.0 * frame, lambda frame: True)], {}),
        ("9:16, quick turns, split", quick, {"split": "auto"}),
        ("9:16, too wide, fit", [Drawn("obj_1", still(300)), Drawn("obj_2", still(1600))], {"too_wide": "fit"}),
        ("4:5, two in turn", [one, other], {"aspect": "4:5"}),
        ("1:1, two in turn", [one, other], {"aspect": "1:1"}),
    ]
    sheet = np.vstack([_row(title, people, planned(people, LENGTH, **settings)) for title, people, settings in rows])  # type: ignore[arg-type]
    cv2.imwrite(str(arguments.target), sheet)


def _row(title: str, people: list[Drawn], document: Reframing) -> Picture:
    views = views_of(document)
    cells = []
    for frame in (20, 85, 110, 150, 205, 280):
        picture = _drawn(people, frame)
        shown = [views[frame - 1]]
        for panel in document.panels:
            if panel.first <= frame <= panel.last:
                shown.append(play(panel.lower, frame, frame)[0])
        height = document.output.height // len(shown)
        result = np.vstack([_cropped(picture, view, document.output.width, height) for view in shown])
        for view in shown:
            x, y, width, tall = (round(value) for value in view)
            cv2.rectangle(picture, (x, y), (x + width, y + tall), (0, 220, 255), 10)
        left = cv2.resize(picture, (256, 144), interpolation=cv2.INTER_AREA)
        right = cv2.resize(result, (144 * result.shape[1] // result.shape[0], 144), interpolation=cv2.INTER_AREA)
        cv2.putText(left, str(frame), (6, 138), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
        pair = np.full((152, 256 + 148, 3), 255, np.uint8)
        pair[4:148, :256] = left
        pair[4:148, 260 : 260 + right.shape[1]] = right
        cells.append(pair)
    head = np.full((18, sum(cell.shape[1] for cell in cells), 3), 255, np.uint8)
    cv2.putText(head, title, (4, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1)
    return np.vstack([head, np.hstack(cells)])


def _cropped(picture: Picture, view: NDArray[np.float64], width: int, height: int) -> Picture:
    x, y, wide, tall = view
    matrix = np.array([[wide / width, 0, x], [0, tall / height, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderValue=(60, 60, 60)), np.uint8)


def _drawn(people: list[Drawn], frame: int) -> Picture:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = np.linspace(90, 150, WIDTH, dtype=np.uint8)[None, :, None]
    picture[800:] = (70, 90, 80)
    for x in range(0, WIDTH, 160):
        cv2.line(picture, (x, 0), (x, 800), (130, 120, 110), 3)
    for person in people:
        x, y, size = round(person.x(frame)), round(person.y), round(person.size)
        cv2.ellipse(picture, (x, y + 3 * size), (round(size * 1.1), 2 * size + size // 3), 0, 0, 360, (120, 70, 50), -1)
        cv2.circle(picture, (x, y - size // 6), round(size * 0.62), (40, 40, 60), -1)
        cv2.ellipse(picture, (x, y), (size // 2, round(size * 0.6)), 0, 0, 360, SKIN[person.id], -1)
        for side in (-1, 1):
            cv2.circle(picture, (x + side * size // 5, y - size // 10), size // 14, (30, 30, 30), -1)
        mouth = (size // 6, size // 8 if person.speaks(frame) and frame % 8 < 5 else size // 40)
        cv2.ellipse(picture, (x, y + size // 3), mouth, 0, 0, 360, (40, 30, 120), -1)
    return picture


if __name__ == "__main__":
    main()
