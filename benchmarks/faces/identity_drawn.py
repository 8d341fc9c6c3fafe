"""Trackers on drawn films: real faces before real backgrounds, found by the product's face engine.

    python -m benchmarks.faces.identity_drawn FOLDER [--held-out] [--film crossing ...] [--engine NAME]

The same films as in ``identity.py``, but a detector has to find the faces: two people cut out of
their photographs, mirrored for the third and fourth. Something that hides a face is a strip of the
background before it. Detections are kept in FOLDER; MOTA and IDF1 count what the detector misses.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.identity import own
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.engines import ENGINES
from mediaflow_assets.faces.identity.distinct import distinct_faces
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.layout import Layout
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.sample.faces import PEOPLE, cut_out
from mediaflow_assets.sample.ingredients import BRICK, GRASS, GRAVEL, read_picture
from mediaflow_assets.settings import Settings
from mediaflow_assets.telemetry import telemetry_off
from tests.faces.identity.films import FILMS, HEIGHT, HELD_OUT, WIDTH, Box, Film
from tests.faces.identity.score import evaluate

_GROUNDS = (BRICK, GRASS, GRAVEL)


def pictures(film: Film) -> Iterator[NDArray[np.uint8]]:
    """Frames, RGB."""
    for frame in range(film.frames):
        shot = sum(cut <= frame for cut in film.cuts) - 1
        ground = cv2.resize(read_picture(_GROUNDS[shot % len(_GROUNDS)]), (WIDTH, HEIGHT))
        canvas = ground.copy()
        for person in sorted(film.people, key=lambda person: person.depth):
            if not person.first <= frame <= person.last:
                continue
            x, y, height = person.where(frame)
            canvas = _with_person(canvas, person.name, float(x), float(y), float(height))
            if any(frame in gap for gap in person.hidden):
                left, right = max(round(x - height), 0), max(round(x + height), 0)
                canvas[:, left:right] = ground[:, left:right]
        yield np.ascontiguousarray(canvas[:, :, ::-1])


def _with_person(canvas: NDArray[Any], name: int, x: float, y: float, height: float) -> NDArray[Any]:
    face = cut_out(PEOPLE[name % len(PEOPLE)])
    scale = height / face.box.height
    mirror = -1 if name // len(PEOPLE) % 2 else 1
    middle = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    matrix = np.array([[mirror * scale, 0, x - mirror * scale * middle[0]], [0, scale, y - scale * middle[1]]])
    layer = cv2.warpAffine(face.image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA).astype(np.uint16)
    mixed = (layer[:, :, :3] * layer[:, :, 3:] + canvas * (255 - layer[:, :, 3:])) // 255
    return np.asarray(mixed, np.uint8)


def detections(film: Film, folder: Path, engine_name: str | None) -> list[list[Box]]:
    """Boxes in each frame, found once and then kept."""
    settings = Settings.load()
    faces = settings.faces.model_copy(update={"engine": engine_name or settings.faces.engine})
    kept = folder / f"{film.name.replace(', ', '-').replace(' ', '_')}.{faces.engine}.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        video = kept.with_suffix(".mp4")
        write(video, pictures(film))
        ends = [*film.cuts[1:], film.frames]
        shots = [Scene(first + 1, last) for first, last in zip(film.cuts, ends, strict=True)]
        store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
        engine = ENGINES.get(faces.engine)(faces, store, settings.compute)  # type: ignore[call-arg]
        seen = detect_frames(video, shots, engine, None, faces, 2)
        found = [[face.bbox for face in distinct_faces(frame.faces)] for frame in seen]
        kept.write_bytes(msgspec.json.encode(found))
    return msgspec.json.decode(kept.read_bytes(), type=list[list[Box]])


def write(path: Path, frames: Iterator[NDArray[np.uint8]]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", action="append", help="repeat for several (default: all)")
    parser.add_argument("--engine", help="face engine (default: the setting's)")
    parser.add_argument("--held-out", action="store_true", help="films that no tracker was tuned on")
    arguments = parser.parse_args()
    telemetry_off()
    print("| film | tracker | IDF1 | MOTA | HOTA | switches |\n|" + " --- |" * 6)
    for film in HELD_OUT if arguments.held_out else FILMS:
        if arguments.film and film.name not in arguments.film:
            continue
        found = detections(film, arguments.folder, arguments.engine)
        for name in ("motion", "centroid"):
            track = own(name)
            frames = [
                (film.truth(index), boxes, list(track(index in film.cuts, boxes))) for index, boxes in enumerate(found)
            ]
            result = evaluate(frames)
            print(
                f"| {film.name} | {name} | {result.idf1:.3f} | {result.mota:.3f} | {result.hota:.3f} "
                f"| {result.switches} |"
            )


if __name__ == "__main__":
    main()
