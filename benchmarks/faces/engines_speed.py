"""Faces of a 1080p video with one face to a JSON file: the product against a plain loop.

The plain loop is what one writes first: cv2.VideoCapture, FaceLandmarker in video mode with
blendshapes, json.dump(indent=2). The product does the same work with its default engine: decoding,
faces with blendshapes, the tracking document (without ids and speaking, which the plain loop has
not either). Both run as processes of their own, in turns; libraries and models are loaded before the
clock starts.
The clip is a film of one face, enlarged to 1080p.

    python -m benchmarks faces.engines_speed compare MEDIA_FOLDER --runs 3
    python -m benchmarks faces.engines_speed scaling MEDIA_FOLDER --runs 3
    python -m benchmarks faces.engines_speed writing
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.faces.engines_coverage import engine, media
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import Detection, FrameDetections
from mediaflow_assets.faces.networks.facemesh import BLENDSHAPES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.video.decode import decoded_frames
from mediaflow_assets.video.ffmpeg import ffmpeg_binary

app = typer.Typer(add_completion=False)
Folder = Annotated[Path, typer.Argument(help="where the fetched films are kept")]
Models = Annotated[Path, typer.Option(envvar="MEDIAFLOW_MODELS_DIR", help="model store")]
Runs = Annotated[int, typer.Option(help="runs of each, in turns")]
PLAIN_FACES = 5
"""The replaced application's default."""


def clip(folder: Path) -> Path:
    target = folder / "film_1080p.mp4"
    if not target.exists():
        source = media(folder).path("film")
        picture = [
            "-vf",
            "fps=25,scale=1920:1080:flags=lanczos",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "23",
        ]
        subprocess.run([ffmpeg_binary(), "-y", "-v", "error", "-i", source, *picture, "-an", target], check=True)
    return target


@app.command(hidden=True)
def plain(video: Path, models: Models, faces: int = PLAIN_FACES) -> None:
    """One run of the plain loop; prints seconds, frames and CPU seconds."""
    import cv2
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    landmarker = vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(ModelStore(models).path("face-landmarker"))),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=faces,
            output_face_blendshapes=True,
        )
    )
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "plain.json").open("w") as stream:
        started, cpu = time.perf_counter(), time.process_time()
        capture, frames = cv2.VideoCapture(str(video)), []
        while True:
            more, picture = capture.read()
            if not more:
                break
            height, width = picture.shape[:2]
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            result = landmarker.detect_for_video(image, len(frames) * 40)
            found = []
            for points, shapes in zip(result.face_landmarks, result.face_blendshapes, strict=True):
                xs, ys = [point.x * width for point in points], [point.y * height for point in points]
                box = [int(min(xs)), int(min(ys)), int(max(xs)), int(max(ys))]
                found.append({"bbox": box, "blendshapes": {shape.category_name: shape.score for shape in shapes}})
            frames.append({"frame": len(frames) + 1, "tracked_objects": found})
        json.dump({"frames": frames}, stream, indent=2)
        print(time.perf_counter() - started, len(frames), time.process_time() - cpu)


@app.command(hidden=True)
def product(video: Path, models: Models, workers: int, name: str = "opencv_yunet_facemesh") -> None:
    """One run of the product; prints seconds, frames and CPU seconds."""
    import scipy.optimize  # noqa: F401 - a library that is imported at its first use; the plain loop has its own by now

    loaded, total = engine(name, ModelStore(models)), sum(1 for _ in decoded_frames(video))
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        found = detect_frames(video, [Scene(1, total)], loaded, None, FaceSettings(engine=name), workers)
        write_tracking(Path(folder) / "t.json", {"video_path": "v", "tracking_engine": name}, total, documents(found))
        print(time.perf_counter() - started, total, time.process_time() - cpu)
    loaded.close()


def documents(found: Iterable[FrameDetections]) -> Iterator[TrackingFrame]:
    for frame, faces, _ in found:
        shown = [tracked(number, face) for number, face in enumerate(faces, start=1)]
        yield TrackingFrame(frame=frame + 1, tracked_objects=shown)


def tracked(number: int, face: Detection) -> TrackedObject:
    left, top, width, height = face.bbox
    return TrackedObject(
        id=f"obj_{number}",
        centroid_x=face.centroid[0],
        centroid_y=face.centroid[1],
        bbox_xmin=left,
        bbox_xmax=left + width,
        source=face.source,
        label=face.label,
        confidence=round(face.confidence or 0.0, 3),
        blendshapes=face.blendshapes if isinstance(face.blendshapes, dict) else None,
        bbox_ymin=top,
        bbox_ymax=top + height,
        bbox_width=width,
        bbox_height=height,
    )


def measured(cores: set[int], *arguments: Any) -> tuple[float, float]:
    """Frames per second, and milliseconds of CPU (user + system) per frame, of one command of this script."""
    command = [sys.executable, "-m", "benchmarks.faces.engines_speed", *map(str, arguments)]
    output = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores)
    ).stdout
    seconds, frames, cpu = map(float, output.split())
    return frames / seconds, cpu / frames * 1000


def report(name: str, runs: list[tuple[float, float]]) -> float:
    speed = statistics.median(fps for fps, _ in runs)
    cpu = statistics.median(milliseconds for _, milliseconds in runs)
    print(f"{name}: {speed:.1f} frames/s, {cpu:.1f} ms of CPU per frame; runs {[round(fps, 1) for fps, _ in runs]}")
    return speed


@app.command()
def compare(folder: Folder, models: Models, runs: Runs = 3, name: str = "opencv_yunet_facemesh") -> None:
    """The product and the plain loop in turns, on every core."""
    cores, video = os.sched_getaffinity(0), clip(folder)
    options = ("--models", models)
    ours, theirs, single = [], [], []
    for _ in range(runs):
        ours.append(measured(cores, "product", video, len(cores), "--name", name, *options))
        theirs.append(measured(cores, "plain", video, *options))
        single.append(measured(cores, "plain", video, "--faces", 1, *options))
    speed = report(f"product ({name}, {len(cores)} workers)", ours)
    print(f"ratio {speed / report(f'plain loop, num_faces={PLAIN_FACES}', theirs):.2f}")
    print(f"ratio {speed / report('plain loop, num_faces=1', single):.2f}", flush=True)


@app.command()
def scaling(folder: Folder, models: Models, runs: Runs = 3) -> None:
    """The product on one core and on two, in turns."""
    first, second, *_ = sorted(os.sched_getaffinity(0))
    video = clip(folder)
    one, two = [], []
    for _ in range(runs):
        one.append(measured({first}, "product", video, 1, "--models", models))
        two.append(measured({first, second}, "product", video, 2, "--models", models))
    single, double = report("one core", one), report("two cores", two)
    print(f"scaling {double / single:.2f}", flush=True)


@app.command()
def writing(frames: int = 90_000) -> None:
    """CPU seconds of writing a document of one hour with blendshapes."""
    face = Detection(bbox=(800, 300, 320, 400), centroid=(960, 500), confidence=0.93)
    face.blendshapes = {name: 0.01234 + index / 100 for index, name in enumerate(BLENDSHAPES)}
    found = (FrameDetections(frame, [face], []) for frame in range(frames))
    with tempfile.TemporaryDirectory() as folder:
        path, started = Path(folder) / "t.json", time.process_time()
        write_tracking(path, {"video_path": "v", "tracking_engine": "e"}, frames, documents(found))
        seconds = time.process_time() - started
        size = path.stat().st_size / 1e6
        print(f"{seconds:.2f} s for {frames} frames, {size:.0f} MB, {seconds / frames * 1e3:.3f} ms/frame")


if __name__ == "__main__":
    app()
