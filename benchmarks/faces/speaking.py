"""Who speaks, measured: frame accuracy and average precision of each mode on clips with known speakers.

    python -m benchmarks.faces.speaking FOLDER [--mode associated ...] [--engine NAME] [--markdown]

The clips of ``speaking_clips.py`` are encoded and go through the product as any video does: the
diarization engine of the settings hears them, the face engine finds the faces, the tracker gives
ids. What the document says of a face is compared with the truth of the square that the face is in.
FOLDER keeps the fetched media, the clips and the documents. Mode ``asd`` needs its model in the
model store.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.speaking_clips import CLIPS, TILE, Clip, Media
from mediaflow_assets.faces.engines import ENGINES as FACE_ENGINES
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.formats.json_stream import read_frames
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.layout import Layout
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.analyse import analyse_video
from mediaflow_assets.speech.audio import SAMPLE_RATE
from mediaflow_assets.speech.engines import ENGINES as SPEECH_ENGINES
from mediaflow_assets.telemetry import telemetry_off
from mediaflow_assets.timebase import FPS


@dataclass
class Result:
    clip: str
    truth: NDArray[np.bool_]
    """One value per visible face and frame."""
    score: NDArray[np.float64]
    spoken: NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", action="append", help="repeat for several (default: all three)")
    parser.add_argument("--engine", help="face engine (default: the setting's)")
    parser.add_argument("--clip", default="", help="only clips whose name contains this")
    arguments = parser.parse_args()
    telemetry_off()
    media = Media(arguments.folder)
    media.fetch()
    settings = Settings.load()
    store = ModelStore(store_folder(settings.models, Layout(settings.folders).home))
    faces = settings.faces.model_copy(update={"engine": arguments.engine or settings.faces.engine})
    engine = FACE_ENGINES.get(faces.engine)(faces, store, settings.compute)  # type: ignore[call-arg]
    speech = SPEECH_ENGINES.get(settings.speech.engine)(settings.speech, store, settings.compute)  # type: ignore[call-arg]
    clips = [clip for clip in CLIPS if arguments.clip in clip.name]
    print(f"{platform.processor() or platform.machine()}; faces {faces.engine}; diarization {settings.speech.engine}\n")
    for mode in arguments.mode or ["associated", "asd", "fused"]:
        started = time.process_time()
        results = []
        for clip in clips:
            video = encoded(clip, media, arguments.folder)
            scenes, audio = video.with_suffix(".csv"), video.with_suffix(".audio.json")
            write_scenes(scenes, [Scene(1, clip.frames)])
            if not audio.exists():
                analyse_video(video, clip.frames, speech, audio)
            target = video.with_suffix(f".{mode}.json")
            chosen = faces.model_copy(update={"speaking_mode": mode})
            track_video(video, clip.frames, scenes, audio, target, engine, None, chosen, store, 2)
            results.append(result_of(clip, media, target))
        report(mode, results, time.process_time() - started)


def encoded(clip: Clip, media: Media, folder: Path) -> Path:
    """The clip as a 25-fps master."""
    path = folder / f"{clip.name.replace(', ', '-').replace(' ', '_')}.mp4"
    if path.exists():
        return path
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "16", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = TILE * len(clip.faces), TILE, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono", bit_rate=96000)
        for index, picture in enumerate(clip.pictures(media)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(clip.sound(media)[None], "fltp", "mono")
        sound.sample_rate, sound.pts = SAMPLE_RATE, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    return path


def result_of(clip: Clip, media: Media, document: Path) -> Result:
    """Compare a tracking document with the truth; faces that were not found do not count as silent."""
    truth = clip.speaking(media)
    rows = [
        (truth[frame["frame"] - 1, min(item["centroid_x"] // TILE, truth.shape[1] - 1)], item)
        for frame, item in _faces(document)
    ]
    return Result(
        clip.name,
        np.array([known for known, _ in rows], bool),
        np.array([item["speaking_confidence"] for _, item in rows], float),
        np.array([item["is_speaking"] for _, item in rows], bool),
    )


def _faces(document: Path) -> Iterator[tuple[dict, dict]]:
    for frame in read_frames(document, "frames"):
        for item in frame["tracked_objects"]:
            yield frame, item


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the precision-recall curve by its steps, equal scores taken together; NaN without a speaker."""
    if not truth.any():
        return float("nan")
    values, inverse = np.unique(-score, return_inverse=True)
    hits = np.cumsum(np.bincount(inverse, truth, len(values)))
    found = np.cumsum(np.bincount(inverse, minlength=len(values)))
    return float((np.diff(hits, prepend=0) / truth.sum() * hits / found).sum())


def report(mode: str, results: list[Result], seconds: float) -> None:
    columns = ("clip", "frame accuracy", "precision", "recall", "average precision")
    print(f"### `{mode}`\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    together = Result(
        "**all**",
        np.concatenate([result.truth for result in results]),
        np.concatenate([result.score for result in results]),
        np.concatenate([result.spoken for result in results]),
    )
    for result in [*results, together]:
        right = (result.truth & result.spoken).sum()
        numbers = [
            (result.truth == result.spoken).mean(),
            right / result.spoken.sum() if result.spoken.any() else float("nan"),
            right / result.truth.sum() if result.truth.any() else float("nan"),
            average_precision(result.truth, result.score),
        ]
        print(f"| {result.clip} | " + " | ".join("–" if np.isnan(n) else f"{n:.3f}" for n in numbers) + " |")
    print(f"\n{seconds:.0f} s of CPU time with detection.\n")


if __name__ == "__main__":
    main()
