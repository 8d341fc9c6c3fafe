"""Who speaks, on AVA-ActiveSpeaker, by its rule: average precision of SPEAKING_AUDIBLE over all boxes of the set.

    python -m benchmarks public.active_speakers FOLDER [--mode asd --mode associated] [--limit 3]

FOLDER has the CSV files of the set (``ava_activespeaker_val_v1.0/<video>-activespeaker.csv`` or one file of all
videos: video, timestamp, box as parts of the picture, label, entity) and the films ``<video>.*``, anywhere.

The product goes over the annotated part of each film as over any video: at 25 frames per second it finds faces, gives
ids, hears who speaks and decides. Each box of the set gets the ``speaking_confidence`` of the found face whose box
overlaps it most (IoU of 0.5 at least), else 0. So a face that is not found counts as silent: this is harder than
the published rows, whose systems are given the boxes.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.public.published import table

FPS = 25
MIN_OVERLAP = 0.5
SPEAKING = "SPEAKING_AUDIBLE"
FILMS = (".mp4", ".mkv", ".webm", ".avi", ".mov")


class Row(NamedTuple):
    video: str
    seconds: float
    box: tuple[float, float, float, float]
    """Left, top, right, bottom as parts of the picture."""
    speaks: bool
    entity: str


def read_rows(folder: Path) -> dict[str, list[Row]]:
    """Rows of each video; a heading and rows of another length are passed over."""
    found: dict[str, list[Row]] = defaultdict(list)
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for fields in csv.reader(stream):
                if len(fields) < 8 or fields[0] == "video_id":
                    continue
                left, top, right, bottom = (float(value) for value in fields[2:6])
                row = Row(fields[0], float(fields[1]), (left, top, right, bottom), fields[6] == SPEAKING, fields[7])
                found[row.video].append(row)
    return dict(found)


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """As in the set's own evaluation, which is that of VOC: precision is made monotone. 0 without a positive.

    Rows of equal score count in the order in which they come, as there.
    """
    positive = np.asarray(truth, bool)[np.argsort(-np.asarray(scores, float), kind="stable")]
    if not positive.any():
        return 0.0
    hits = np.cumsum(positive)
    recall = np.concatenate([[0], hits / positive.sum(), [1]])
    precision = np.concatenate([[0], hits / np.arange(1, len(positive) + 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.flatnonzero(np.diff(recall)) + 1
    return float(((recall[steps] - recall[steps - 1]) * precision[steps]).sum())


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """IoU of two boxes (left, top, right, bottom)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = width * height
    return area / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - area)


def scores_of(
    rows: Iterable[Row], faces: Sequence[Sequence[tuple[Sequence[float], float]]], start: float
) -> NDArray[np.float64]:
    """The score of each row.

    Args:
        rows: of one video.
        faces: of every frame the boxes, as parts of the picture, with how sure it is that they speak.
        start: seconds of the first frame.
    """
    scores = []
    for row in rows:
        frame = min(max(round((row.seconds - start) * FPS), 0), len(faces) - 1)
        best = max(((overlap(row.box, box), score) for box, score in faces[frame]), default=(0.0, 0.0))
        scores.append(best[1] if best[0] >= MIN_OVERLAP else 0.0)
    return np.array(scores, float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", action="append", help="repeat for several (default: the setting's)")
    parser.add_argument("--work", type=Path, help="where documents are kept (default FOLDER/mediaflow)")
    parser.add_argument("--limit", type=int, help="only so many videos")
    arguments = parser.parse_args()

    from mediaflow_assets.core.telemetry import telemetry_off
    from mediaflow_assets.settings import Settings

    telemetry_off()
    settings = Settings.load()
    work = arguments.work or arguments.folder / "mediaflow"
    films = {path.stem: path for path in sorted(arguments.folder.rglob("*")) if path.suffix.lower() in FILMS}
    videos = {name: rows for name, rows in sorted(read_rows(arguments.folder).items()) if name in films}
    if not videos:
        raise SystemExit(f"{arguments.folder} has no film with annotations; see --help for the layout")
    for mode in arguments.mode or [settings.faces.speaking_mode]:
        truth: list[bool] = []
        scores: list[float] = []
        for name, rows in list(videos.items())[: arguments.limit]:
            start = min(row.seconds for row in rows)
            part = _part(films[name], work / f"{name}.mp4", start, max(row.seconds for row in rows) + 1 - start)
            found = scores_of(rows, _decided(part, mode, settings), start)
            print(f"{name}: AP {average_precision([row.speaks for row in rows], found) * 100:.1f}", flush=True)
            truth += [row.speaks for row in rows]
            scores += found.tolist()
        print("\n" + table("ava", "mAP", f"mediaflow, {mode}, own boxes", average_precision(truth, scores) * 100))


def _part(film: Path, target: Path, start: float, seconds: float) -> Path:
    """The annotated part at 25 frames per second."""
    from mediaflow_assets.video.ffmpeg import ffmpeg_binary

    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        place = ["-ss", str(start), "-t", str(seconds), "-i", str(film), "-r", str(FPS), "-fps_mode", "cfr"]
        codecs = ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k"]
        whole = target.with_suffix(".part.mp4")
        subprocess.run([str(ffmpeg_binary()), "-v", "error", "-y", *place, *codecs, str(whole)], check=True)
        whole.rename(target)
    return target


def _decided(video: Path, mode: str, settings) -> list[list[tuple[tuple[float, ...], float]]]:  # type: ignore[no-untyped-def]
    """Faces of every frame and how sure the product is that they speak."""
    import av

    from mediaflow_assets.core.layout import Layout
    from mediaflow_assets.faces.registries import FACE_ENGINES
    from mediaflow_assets.faces.track import track_video
    from mediaflow_assets.formats.tracking_json import read_tracking_frames
    from mediaflow_assets.modelstore import ModelStore, store_folder
    from mediaflow_assets.scenes.detect import detect_scenes
    from mediaflow_assets.scenes.engines import ENGINES as SHOT_DETECTORS
    from mediaflow_assets.speech.analyse import analyse_video
    from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES

    store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
    faces = settings.faces.model_copy(update={"speaking_mode": mode})
    scenes, audio = video.with_suffix(".csv.scenes"), video.with_suffix(".audio.json")
    tracking = video.with_suffix(f".{mode}.tracking.json")
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        width, height, total = stream.width, stream.height, sum(1 for _ in container.decode(stream))
    if not scenes.exists():
        engine = SHOT_DETECTORS.create(settings.scenes.engine, settings.scenes, store, settings.compute)
        detect_scenes(video, total, scenes, engine, settings.scenes)
    if not audio.exists():
        speech = SPEECH_ENGINES.create(settings.speech.engine, settings.speech, store, settings.compute)
        analyse_video(video, total, speech, audio)
    if not tracking.exists():
        finder = FACE_ENGINES.create(faces.engine, faces, store, settings.compute)
        workers = settings.compute.thread_count()
        track_video(video, total, scenes, audio, tracking, finder, None, faces, store, workers)
    return [
        [
            (
                (one.bbox_xmin / width, one.bbox_ymin / height, one.bbox_xmax / width, (one.bbox_ymax or 0) / height),
                one.speaking_confidence,
            )
            for one in frame.tracked_objects
            if one.source == "face_landmarker"
        ]
        for frame in read_tracking_frames(tracking)
    ]


if __name__ == "__main__":
    main()
