"""Trackers on drawn films: real faces before real backgrounds, found by the product's face engine.

    python -m benchmarks faces.identity_drawn FOLDER [--held-out] [--film crossing ...] [--embedder sface ...]

The same films as in ``identity.py``, but a detector has to find the faces: those of five people cut
out of their photographs. Something that hides a face is a strip of the background before it. The
truth is what has been drawn: a face counts while not more than half of it is behind something,
which may be another's shoulders. Detections and films are kept in FOLDER; MOTA and IDF1 count what
the detector misses. ``sface`` and ``dlib`` are ``motion`` with parts of tracks put together by the
embeddings of that network, as the product does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.faces.cast import cast
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.duplicates import suppress_duplicates
from mediaflow_assets.faces.identity.embedders import FaceEmbedder
from mediaflow_assets.faces.identity.face_chips import FaceChips
from mediaflow_assets.faces.identity.reidentification import embeddings_of, final_ids, limits_of
from mediaflow_assets.faces.identity.tracklets import Tracklets
from mediaflow_assets.faces.registries import FACE_EMBEDDERS, FACE_ENGINES, TRACKERS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.tracks import TrackRecorder
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings
from support.faces.drawn import Drawn, write
from support.faces.films import FILMS, HELD_OUT, Film
from support.faces.score import Score, evaluate


def file_of(film: Film, folder: Path) -> Path:
    return folder / f"{film.name.replace(', ', '-').replace(' ', '_')}.mp4"


def detections(
    drawn: Drawn, folder: Path, engine_name: str | None, embedder: type[FaceEmbedder]
) -> list[list[Detection]]:
    """Faces in each frame with the chips of an embedder, found once and then kept."""
    settings = Settings.load()
    faces = settings.faces.model_copy(update={"engine": engine_name or settings.faces.engine})
    video = file_of(drawn.film, folder)
    kept = video.with_suffix(f".{faces.engine}.{embedder.name}.json")
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if not video.exists():
            write(video, drawn.pictures())
        film = drawn.film
        ends = [*film.cuts[1:], film.frames]
        shots = [Scene(first + 1, last) for first, last in zip(film.cuts, ends, strict=True)]
        engine = FACE_ENGINES.create(faces.engine, faces, model_store(), settings.compute)
        seen = detect_frames(video, shots, engine, None, faces, 2, chip=embedder.chip)
        found = [[_plain(face) for face in suppress_duplicates(frame.faces)] for frame in seen]
        kept.write_bytes(msgspec.json.encode(found, enc_hook=np.ndarray.tolist))
    return msgspec.json.decode(kept.read_bytes(), type=list[list[Detection]], dec_hook=lambda _, read: np.array(read))


def _plain(face: Detection) -> Detection:
    return Detection(
        bbox=face.bbox,
        centroid=face.centroid,
        confidence=float(face.confidence or 0),
        keypoints=face.keypoints,
        portrait=face.portrait,
        interpolated=face.interpolated,
    )


def model_store() -> ModelStore:
    settings = Settings.load()
    return ModelStore(store_folder(settings.models, Layout(settings.folders).home))


def ids(name: str, film: Film, found: list[list[Detection]], embedder: FaceEmbedder | None) -> list[list[int]]:
    """Ids by a tracker; with an embedder, joined by the faces' embeddings as in the tracking stage."""
    settings = FaceSettings()
    tracker = TRACKERS.create(name, settings)
    recorder, face_chips, parts = TrackRecorder(), FaceChips(), Tracklets()
    result = []
    for frame, faces in enumerate(found):
        if frame in film.cuts:
            tracker.begin_shot()
        numbers = [number for number, _ in tracker.update(faces)]
        if embedder:
            numbers = parts.numbers(numbers, tracker.ambiguous)
            seen = dict(zip(numbers, faces, strict=True))
            recorder.add(frame, seen)
            face_chips.add(frame, seen)
        result.append(numbers)
    if embedder:
        looks = embeddings_of(face_chips, embedder)
        everybody = {number for numbers in result for number in numbers}
        names = final_ids(everybody, recorder.tracks(), looks, parts.before, limits_of(embedder, settings))
        result = [[names[number] for number in numbers] for numbers in result]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", action="append", help="repeat for several (default: all)")
    parser.add_argument("--engine", help="face engine (default: the setting's)")
    parser.add_argument("--embedder", action="append", help="repeat for several (default: those that are there)")
    parser.add_argument("--held-out", action="store_true", help="films that no tracker was tuned on")
    arguments = parser.parse_args()
    telemetry_off()
    people = cast(arguments.folder / "portraits", model_store())
    store = model_store()
    names = arguments.embedder or [
        name for name in FACE_EMBEDDERS.names if store.status(FACE_EMBEDDERS.get(name).model).usable
    ]
    embedders = {name: FACE_EMBEDDERS.create(name, store) for name in names}
    scores: dict[str, list[Score]] = {way: [] for way in ("motion", *embedders, "centroid")}
    print("| film | tracker | IDF1 | MOTA | HOTA | switches |\n|" + " --- |" * 6)
    for film in HELD_OUT if arguments.held_out else FILMS:
        if arguments.film and film.name not in arguments.film:
            continue
        drawn = Drawn(film, people)
        truth = [drawn.truth(frame) for frame in range(film.frames)]
        for way in scores:
            embedder = embedders.get(way)
            cut_by = FACE_EMBEDDERS.get(way if embedder else names[0])
            found = detections(drawn, arguments.folder, arguments.engine, cut_by)
            boxes = [[tuple(map(float, face.bbox)) for face in faces] for faces in found]
            numbers = ids("motion" if embedder else way, film, found, embedder)
            scores[way].append(evaluate(list(zip(truth, boxes, numbers, strict=True))))
            show(film.name, way, scores[way][-1:])
    for way in scores:
        show(f"**{len(scores[way])} films**", way, scores[way])


def show(film: str, way: str, results: list[Score]) -> None:
    means = " | ".join(f"{np.mean([getattr(one, what) for one in results]):.3f}" for what in ("idf1", "mota", "hota"))
    print(f"| {film} | {way} | {means} | {sum(one.switches for one in results)} |", flush=True)


if __name__ == "__main__":
    main()
