"""The tracking stage for one video: find faces, give ids, decide who speaks, write.

Who speaks can only be decided when the whole video has been seen and heard, so there are two
passes: the first decodes, detects and gives ids, and keeps its findings in a file; the second reads
them and writes the document. In memory are a few numbers per face and frame.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.memory import give_back_free_memory
from mediaflow_assets.faces.crowd import Crowd
from mediaflow_assets.faces.detect import detect_frames
from mediaflow_assets.faces.detection import FACE, Detection
from mediaflow_assets.faces.engines import FaceEngine
from mediaflow_assets.faces.export import exported_blendshapes
from mediaflow_assets.faces.identity.duplicates import suppress_duplicates
from mediaflow_assets.faces.identity.face_chips import FaceChips
from mediaflow_assets.faces.identity.reidentification import (
    compared,
    embedder_for,
    embeddings_of,
    final_ids,
    joined_parts,
    limits_of,
    renumbered,
)
from mediaflow_assets.faces.identity.things import Things
from mediaflow_assets.faces.identity.tracklets import Tracklets
from mediaflow_assets.faces.objects import ObjectDetector
from mediaflow_assets.faces.registries import SPEAKING_MODES, TRACKERS
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import SpeakingDecision, SpeakingMode, Voice, VoiceAndFace, scene_evidence
from mediaflow_assets.faces.spool import Spool
from mediaflow_assets.faces.statistics import Clock, Statistics
from mediaflow_assets.faces.tracks import TrackRecorder, merged
from mediaflow_assets.formats.audio_json import read_audio_frames, read_audio_head
from mediaflow_assets.formats.frames import SegmentEvidence
from mediaflow_assets.formats.heard import turns_of_labels
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.tracking_json import SpeakerAndFace, TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.modelstore import ModelStore

CODE_VERSION = "13"

_DETECTION_SHARE = 0.9
"""Of the progress; the rest is deciding and writing."""


def track_video(
    video: Path,
    total_frames: int,
    scenes_csv: Path,
    audio_json: Path,
    target: Path,
    engine: FaceEngine,
    objects: ObjectDetector | None,
    settings: FaceSettings,
    store: ModelStore,
    workers: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> dict[str, object]:
    """Write the full tracking document of one 25-fps master and describe it.

    Raises:
        BadInput: the video does not decode to ``total_frames`` frames, or an input document does
            not fit it.
        Unavailable: an engine, a mode or a model cannot be loaded (before any frame is read).
    """
    clock = Clock()
    if read_audio_head(audio_json).speaker_map:
        # A label that is parted here would be somebody else's in another video of the project.
        settings = settings.model_copy(update={"use_faces": "off"})
    mode: SpeakingMode = SPEAKING_MODES.create(settings.speaking_mode, settings, store)
    mode.load()
    engine.load()
    scenes = read_scenes(scenes_csv)
    if scenes[-1].last != total_frames:
        raise BadInput(scenes_csv, f"ends at frame {scenes[-1].last}, the video has {total_frames}", "Make it again")
    voices = _voices(audio_json, total_frames)
    embedder = embedder_for(settings, store)
    recorder, face_chips, parts = TrackRecorder(), FaceChips(), Tracklets()
    crowd, things = Crowd(settings.max_faces), Things()
    numbers: set[int] = set()
    ever_things: set[int] = set()
    statistics = Statistics(total_frames)
    with Spool(target.parent, landmarks=settings.verbose_fields) as spool:
        try:
            found = detect_frames(
                video,
                scenes,
                engine,
                objects,
                settings,
                workers,
                lambda part: on_progress(part * _DETECTION_SHARE),
                chip=None if embedder is None else embedder.chip,
            )
            starts = {scene.first - 1 for scene in scenes}
            tracker = TRACKERS.create(settings.tracker, settings)
            for frame, faces, objects_seen in clock.each("detection", found):
                if frame in starts:
                    tracker.begin_shot()
                    crowd.begin_shot()
                with clock.measure("identity"):
                    identified = tracker.update(
                        [*crowd.select(suppress_duplicates(faces)), *suppress_duplicates(objects_seen)]
                    )
                    if embedder is not None:
                        known = parts.numbers((number for number, _ in identified), tracker.ambiguous)
                        identified = [(number, item) for number, (_, item) in zip(known, identified, strict=True)]
                    numbers.update(number for number, _ in identified)
                    seen = {number: item for number, item in identified if item.source == FACE}
                    ever_things.update(number for number, _ in identified if number not in seen)
                    things.add(identified)
                    recorder.add(frame, seen)
                    if embedder is not None:
                        face_chips.add(frame, seen)
                    spool.append(identified)
        finally:
            engine.close()
        # Of the frames that were decoded ahead; comparing the faces has use for it.
        give_back_free_memory()
        tracks = recorder.tracks()
        # The legacy tracker keeps its faults: a new label is a new thing, however short.
        labels = things.labels() if settings.tracker != "centroid" else {}
        dropped = things.short_lived() if settings.tracker != "centroid" else set()
        numbers -= dropped
        if embedder is None:
            names = renumbered(numbers, {})
        else:
            with clock.measure("joining"):
                # The legacy tracker goes on with a thing where a face was; such an id is nobody's.
                people = [number for number in compared(tracks, parts.before) if number not in ever_things]
                embeddings = embeddings_of(face_chips, embedder, people)
                names = final_ids(numbers, tracks, embeddings, parts.before, limits_of(embedder, settings))
        tracks = merged(tracks, names)
        with clock.measure("speaking"):
            mode.study(video, tracks, voices)
        turns = turns_of_labels(voice.speakers for voice in mode.voices)
        put_right = {"voices": turns} if mode.voices != voices else {}
        metadata = {
            "video_path": video.name,
            "tracking_engine": engine.name,
            "tracker": settings.tracker,
            "joined_by": embedder.model if embedder is not None else None,
            "speaking_mode": mode.name,
            "speakers": [_speaker(pair) for pair in mode.table],
            "frames_over_faces_max": crowd.frames_over_limit,
            "sound_offset_ms": mode.sound_offset,
            **put_right,
        }

        def frames() -> Iterator[TrackingFrame]:
            for frame, identified in enumerate(spool.frames()):
                scene = _scene_of(scenes, frame + 1)
                shown = [
                    tracked_object(
                        names[number],
                        _called(item, labels.get(number)),
                        mode.decide(frame, names[number], item, scene),
                        settings,
                    )
                    for number, item in identified
                    if number not in dropped
                ]
                shown.sort(key=lambda item: item.centroid_x)
                statistics.add(shown)
                yield TrackingFrame(frame=frame + 1, tracked_objects=shown)

        with clock.measure("writing"):
            write_tracking(target, metadata, total_frames, frames())
    on_progress(1.0)
    return {
        **statistics.details(tracks, mode.table),
        "frames_per_second": round(total_frames / clock.elapsed, 1),
        "ms_per_frame": clock.per_frame(total_frames),
        "engine": engine.name,
        "tracker": settings.tracker,
        "joined_by": embedder.name if embedder is not None else "off",
        "joined": joined_parts(names, parts.before) if embedder is not None else "off",
        "speaking_mode": mode.name,
        "frames_over_faces_max": crowd.frames_over_limit,
        "sound_offset_ms": mode.sound_offset,
        "voices_by_faces": len({turn.speaker for turn in turns}) if put_right else None,
        "device": engine.device.device,
        "device_reason": engine.device.reason,
        "object_detector": objects.name if objects else "off",
    }


def _called(item: Detection, label: str | None) -> Detection:
    return item if label is None else msgspec.structs.replace(item, label=label)


def _voices(audio_json: Path, total_frames: int) -> list[Voice]:
    voices = [
        Voice(frame.audio_info.is_speech_present, tuple(frame.audio_info.active_speaker_labels))
        for frame in read_audio_frames(audio_json)
    ]
    if len(voices) != total_frames:
        raise BadInput(audio_json, f"has {len(voices)} frames, the video has {total_frames}", "Make it again")
    return voices


def _speaker(pair: VoiceAndFace) -> SpeakerAndFace:
    return SpeakerAndFace(speaker=pair.speaker, id=f"obj_{pair.face}", confidence=pair.confidence, frames=pair.frames)


def tracked_object(
    number: int, detection: Detection, decision: SpeakingDecision, settings: FaceSettings
) -> TrackedObject:
    """One object in the form of the tracking document."""
    left, top, width, height = detection.bbox
    shapes, landmarks = detection.blendshapes, detection.landmarks
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
        speaking_sources=decision.sources or msgspec.UNSET,
        landmarks=landmarks.tolist() if landmarks is not None and settings.verbose_fields else msgspec.UNSET,
        eos=detection.eos if detection.eos is not None and settings.verbose_fields else msgspec.UNSET,
        yaw=msgspec.UNSET if detection.yaw is None else detection.yaw,
    )


def _scene_of(scenes: Sequence[Scene], frame: int) -> SegmentEvidence:
    """Evidence of the scene that a 1-based frame is in."""
    index = bisect_right(scenes, frame, key=lambda scene: scene.first) - 1
    return scene_evidence(index + 1, scenes[index], frame)
