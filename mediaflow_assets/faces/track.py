"""The tracking stage for one video: decode once, find faces, give ids, decide who speaks, write."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mediaflow_assets.errors import BadInput
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import FACE, Detection
from mediaflow_assets.faces.engines import FaceEngine
from mediaflow_assets.faces.export import exported_blendshapes
from mediaflow_assets.faces.identity import TRACKERS
from mediaflow_assets.faces.objects import ObjectDetector
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Decision, Voice, fused, scene_evidence
from mediaflow_assets.formats.audio_json import read_audio_frames
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking

CODE_VERSION = "2"


def track_video(
    video: Path,
    total_frames: int,
    scenes_csv: Path,
    audio_json: Path,
    target: Path,
    engine: FaceEngine,
    objects: ObjectDetector | None,
    settings: FaceSettings,
    workers: int,
    on_fraction: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the full tracking document of one 25-fps master and describe it.

    Raises:
        BadInput: the video does not decode to ``total_frames`` frames, or an input document does
            not fit it.
        Unavailable: the engine cannot be loaded (before any frame is read).
    """
    started = time.monotonic()
    engine.load()
    scenes = read_scenes(scenes_csv)
    if scenes[-1].last != total_frames:
        raise BadInput(scenes_csv, f"ends at frame {scenes[-1].last}, the video has {total_frames}", "Make it again")
    seen: Counter[str] = Counter()
    ids: set[str] = set()
    faces = 0

    def frames() -> Iterator[TrackingFrame]:
        nonlocal faces
        found = _identified(video, scenes, engine, objects, settings, workers, on_fraction)
        for frame, (identified, voice) in enumerate(zip(found, _voices(audio_json), strict=False), start=1):
            shown = [_tracked(number, detection, voice, scenes, frame, settings) for number, detection in identified]
            shown.sort(key=lambda item: item.centroid_x)
            yield TrackingFrame(frame=frame, tracked_objects=shown)
            seen["frames"] += 1
            seen["frames_with_face"] += any(item.source == FACE for item in shown)
            seen["frames_with_speaking"] += any(item.is_speaking for item in shown)
            faces = max(faces, sum(item.source == FACE for item in shown))
            ids.update(item.id for item in shown)

    metadata = {"video_path": video.name, "tracking_engine": engine.name}
    try:
        write_tracking(target, metadata, total_frames, frames())
    finally:
        engine.close()
        if objects is not None:
            objects.close()
    seconds = time.monotonic() - started
    return {
        "frames": total_frames,
        "frames_with_face": seen["frames_with_face"],
        "frames_with_speaking": seen["frames_with_speaking"],
        "most_faces": faces,
        "ids": len(ids),
        "frames_per_second": round(total_frames / seconds, 1),
        "engine": engine.name,
        "device": engine.device.device,
        "device_reason": engine.device.reason,
        "object_detector": objects.name if objects else "off",
    }


def _identified(
    video: Path,
    scenes: Sequence[Scene],
    engine: FaceEngine,
    objects: ObjectDetector | None,
    settings: FaceSettings,
    workers: int,
    on_fraction: Callable[[float], None],
) -> Iterator[list[tuple[int, Detection]]]:
    starts = {scene.first - 1 for scene in scenes}
    tracker = TRACKERS.get("centroid")(settings)  # type: ignore[call-arg]
    for frame, faces, things in detect_frames(video, scenes, engine, objects, settings, workers, on_fraction):
        if frame in starts:
            tracker.begin_shot()
        yield tracker.update([*faces, *things])


def _voices(audio_json: Path) -> Iterator[Voice]:
    for frame in read_audio_frames(audio_json):
        yield Voice(frame.audio_info.is_speech_present, tuple(frame.audio_info.active_speaker_labels))


def _tracked(
    number: int, detection: Detection, voice: Voice, scenes: Sequence[Scene], frame: int, settings: FaceSettings
) -> TrackedObject:
    blendshapes = None if detection.blendshapes is msgspec.UNSET else detection.blendshapes
    decision = fused.decide(voice, _scene_of(scenes, frame), blendshapes, detection.source, settings.jaw_threshold)
    return tracked_object(number, detection, decision, settings)


def tracked_object(number: int, detection: Detection, decision: Decision, settings: FaceSettings) -> TrackedObject:
    """One object in the form of the tracking document."""
    left, top, width, height = detection.bbox
    shapes = detection.blendshapes
    return TrackedObject(
        id=f"obj_{number}",
        centroid_x=detection.centroid[0],
        centroid_y=detection.centroid[1],
        bbox_xmin=left,
        bbox_xmax=left + width,
        source=detection.source,
        label=detection.label,
        confidence=round(float(detection.confidence or 0.0), 3),
        blendshapes=None if shapes is msgspec.UNSET else exported_blendshapes(shapes, settings),
        bbox_ymin=top,
        bbox_ymax=top + height,
        bbox_width=width,
        bbox_height=height,
        is_speaking=decision.is_speaking,
        speaking_confidence=decision.confidence,
        speaking_method=decision.method,
        speaking_sources=dict(decision.sources) if decision.sources else msgspec.UNSET,
        landmarks=_verbose(detection.landmarks, settings),
        eos=_verbose(detection.eos, settings),
    )


def _verbose(value: Any, settings: FaceSettings) -> Any:
    if value is None or not settings.verbose_fields:
        return msgspec.UNSET
    return value.round(2).tolist() if hasattr(value, "tolist") else value


def _scene_of(scenes: Sequence[Scene], frame: int) -> dict[str, Any]:
    from bisect import bisect_right

    index = bisect_right(scenes, frame, key=lambda scene: scene.first) - 1
    return scene_evidence(index + 1, scenes[index], frame)
