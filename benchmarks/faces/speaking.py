"""Who speaks, measured: frame accuracy and average precision of each mode on clips with known speakers.

    python -m benchmarks faces.speaking FOLDER [--mode associated ...] [--engine NAME] [--clip PART]

The clips of ``speaking_clips.py`` are encoded and go through the product as any video does: the
diarization engine of the settings hears them, the face engine finds the faces, the tracker gives
ids. Each mode then decides from the same tracks. What it says of a face is compared with the truth
of the square that the face is in; a face that was not found does not count. FOLDER keeps the media,
the clips and their documents; what is there is not made again. Mode ``asd`` needs its model in the
model store.
"""

from __future__ import annotations

import argparse
import platform
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces.speaking_clips import CLIPS, TILE, Clip, Media
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.registries import FACE_ENGINES, SPEAKING_MODES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.track import track_video
from mediaflow_assets.faces.tracks import TrackRecorder
from mediaflow_assets.formats.audio_json import read_audio_frames
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, read_tracking_frames
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.analyse import analyse_video
from mediaflow_assets.speech.audio import SAMPLE_RATE
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES


@dataclass
class Result:
    clip: str
    truth: NDArray[np.bool_]
    """One value per visible face and frame."""
    score: NDArray[np.float64]
    spoken: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    """Of a face that never speaks in the clip."""


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
    # The landmarks have to be in the documents: the modes look at the gap between the lips.
    chosen = {"engine": arguments.engine or settings.faces.engine, "verbose_fields": True}
    faces = settings.faces.model_copy(update=chosen)
    engine = FACE_ENGINES.create(faces.engine, faces, store, settings.compute)
    speech = SPEECH_ENGINES.create(settings.speech.engine, settings.speech, store, settings.compute)
    clips = [clip for clip in CLIPS if arguments.clip in clip.name]
    print(f"{platform.processor() or platform.machine()}; faces {faces.engine}; diarization {settings.speech.engine}\n")
    for clip in clips:
        video = encoded(clip, media, arguments.folder)
        scenes, audio, tracking = (video.with_suffix(f".{kind}") for kind in ("csv", "audio.json", "tracking.json"))
        write_scenes(scenes, [Scene(1, clip.frames)])
        if not audio.exists():
            analyse_video(video, clip.frames, speech, audio)
        if not tracking.exists():
            track_video(video, clip.frames, scenes, audio, tracking, engine, None, faces, store, 2)
    for mode in arguments.mode or ["associated", "asd", "fused"]:
        chosen = faces.model_copy(update={"speaking_mode": mode})
        report(mode, [decided(clip, media, arguments.folder, chosen, store) for clip in clips])


def video_of(clip: Clip, folder: Path) -> Path:
    return folder / f"{clip.name.replace(', ', '-').replace(' ', '_')}.mp4"


def encoded(clip: Clip, media: Media, folder: Path) -> Path:
    """The clip as a 25-fps master."""
    path = video_of(clip, folder)
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


def decided(clip: Clip, media: Media, folder: Path, settings: FaceSettings, store: ModelStore) -> Result:
    """What a mode says of the tracks in a clip's document, beside the truth."""
    return decided_in(video_of(clip, folder), clip.speaking(media), TILE, settings, store, clip.name)


def decided_in(
    video: Path, truth: NDArray[np.bool_], tile: int, settings: FaceSettings, store: ModelStore, name: str = ""
) -> Result:
    """What a mode says of the tracks in the document beside a video of faces side by side.

    Args:
        video: with ``.tracking.json`` and ``.audio.json`` beside it.
        truth: ``(frames, faces)``: whether the face in each square speaks.
        tile: pixels of a square.
        settings: name the mode.
        store: has its model.
        name: of the video.
    """
    mode = SPEAKING_MODES.create(settings.speaking_mode, settings, store)
    frames = [frame.tracked_objects for frame in read_tracking_frames(video.with_suffix(".tracking.json"))]
    voices = [
        Voice(frame.audio_info.is_speech_present, tuple(frame.audio_info.active_speaker_labels))
        for frame in read_audio_frames(video.with_suffix(".audio.json"))
    ]
    found = [
        (index, int(item.id.removeprefix("obj_")), detection_of(item))
        for index, objects in enumerate(frames)
        for item in objects
    ]
    recorder = TrackRecorder()
    for index, number, face in found:
        recorder.add(index, {number: face})
    mode.load()
    mode.study(video, recorder.tracks(), voices)
    decisions = [mode.decide(index, number, face, {}) for index, number, face in found]
    squares = [(index, min(face.centroid[0] // tile, truth.shape[1] - 1)) for index, _, face in found]
    # Published examples often show the photograph that was driven in a corner: the largest face of a square counts.
    largest: dict[tuple[int, int], int] = {}
    for place, (square, (_, _, face)) in enumerate(zip(squares, found, strict=True)):
        if square not in largest or face.bbox[2] > found[largest[square]][2].bbox[2]:
            largest[square] = place
    kept = sorted(largest.values())
    speaks = truth.any(axis=0)
    return Result(
        name,
        np.array([truth[squares[place]] for place in kept], bool),
        np.array([decisions[place].confidence for place in kept], float),
        np.array([decisions[place].is_speaking for place in kept], bool),
        np.array([not speaks[squares[place][1]] for place in kept], bool),
    )


def detection_of(item: TrackedObject) -> Detection:
    return Detection(
        bbox=(item.bbox_xmin, item.bbox_ymin, item.bbox_width, item.bbox_height),
        centroid=(item.centroid_x, item.centroid_y),
        blendshapes=item.blendshapes,
        landmarks=item.landmarks or None,
    )


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the precision-recall curve by its steps, equal scores taken together; NaN without a speaker."""
    if not truth.any():
        return float("nan")
    values, inverse = np.unique(-score, return_inverse=True)
    hits = np.cumsum(np.bincount(inverse, truth, len(values)))
    found = np.cumsum(np.bincount(inverse, minlength=len(values)))
    return float((np.diff(hits, prepend=0) / truth.sum() * hits / found).sum())


def report(mode: str, results: list[Result]) -> None:
    columns = ("clip", "frame accuracy", "precision", "recall", "average precision")
    print(f"### `{mode}`\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    together = Result(
        "**all**",
        np.concatenate([result.truth for result in results]),
        np.concatenate([result.score for result in results]),
        np.concatenate([result.spoken for result in results]),
        np.concatenate([result.elsewhere for result in results]),
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
    print()


if __name__ == "__main__":
    main()
