"""Landmarks and blendshapes of an engine against MediaPipe's own FaceLandmarker on real films.

MediaPipe runs in video mode over each film as one shot. Faces that both see are paired by overlap.
For each face: the mean and the greatest distance of its 478 landmarks as a part of its width, the
mean and the greatest difference of its 52 coefficients.

    python -m benchmarks faces.engines_agreement MEDIA_FOLDER [--name opencv_yunet_facemesh]
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.faces.engines_coverage import engine, media
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.interpolation import pairs
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.video.decode import decoded_frames

FILMS = ("film", "carphone", "statement")


def seen(name: str, video: Path, models: ModelStore, every: int) -> list[list[Detection]]:
    tested = engine(name, models, detect_every=every)
    settings = FaceSettings(engine=name, detect_every=every)
    shots = [Scene(1, sum(1 for _ in decoded_frames(video)))]
    found = [frame.faces for frame in detect_frames(video, shots, tested, None, settings, 2)]
    tested.close()
    return found


def differences(tested: Detection, reference: Detection) -> tuple[float, float, float, float]:
    assert tested.landmarks is not None and reference.landmarks is not None
    distances = np.linalg.norm((tested.landmarks - reference.landmarks)[:, :2], axis=1)
    distances = distances / np.ptp(reference.landmarks[:, 0])
    assert isinstance(tested.blendshapes, dict) and isinstance(reference.blendshapes, dict)
    shapes = [abs(tested.blendshapes[name] - value) for name, value in reference.blendshapes.items()]
    return float(distances.mean()), float(distances.max()), float(np.mean(shapes)), max(shapes)


def main(
    folder: Annotated[Path, typer.Argument(help="where the fetched films are kept")],
    models: Annotated[Path, typer.Option(envvar="MEDIAFLOW_MODELS_DIR", help="model store")],
    name: str = "opencv_yunet_facemesh",
    every: Annotated[int, typer.Option(help="FACES_DETECT_EVERY; 0: the engine's own")] = 0,
) -> None:
    store = ModelStore(models)
    films = media(folder)
    print("| film | frames | faces | by MediaPipe | both | landmarks: mean, 95 %, max | blendshapes: mean, 95 %, max |")
    print("|---|---|---|---|---|---|---|")
    for film in FILMS:
        reference = seen("mediapipe_landmarker", films.path(film), store, 0)
        tested = seen(name, films.path(film), store, every)
        rows = [
            differences(pair.before, pair.after)
            for ours, theirs in zip(tested, reference, strict=True)
            for pair in pairs([face for face in ours if face.landmarks is not None], theirs)
        ]
        table = np.array(rows)
        within = (table[:, 0] <= 0.02).mean(), (table[:, 2] <= 0.05).mean()
        worst = (table[:, 1] <= 0.02).mean(), (table[:, 3] <= 0.05).mean()
        landmarks = f"{table[:, 0].mean():.4f}, {np.quantile(table[:, 0], 0.95):.4f}, {table[:, 1].max():.4f}"
        shapes = f"{table[:, 2].mean():.4f}, {np.quantile(table[:, 2], 0.95):.4f}, {table[:, 3].max():.3f}"
        counts = [sum(map(len, found)) for found in (tested, reference)]
        print(f"| {film} | {len(tested)} | {counts[0]} | {counts[1]} | {len(rows)} | {landmarks} | {shapes} |")
        print(f"  {film}: within 2 % / 0.05 by the face's mean {within[0]:.1%} / {within[1]:.1%},", end=" ")
        print(f"by its worst landmark / coefficient {worst[0]:.1%} / {worst[1]:.1%}", flush=True)


if __name__ == "__main__":
    typer.run(main)
