"""The timeline of one video, built from its documents as people corrected them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import UNSET

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS, frame_start, timecode
from mediaflow_assets.delivery.documents import frames_of, total_frames
from mediaflow_assets.execution.fanout import Record
from mediaflow_assets.formats.frames import Frame, FrameObject
from mediaflow_assets.formats.heard import HeardTurn, heard_turns, labels_of_turns
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.timeline_json import (
    AudioSection,
    MadeBy,
    ProbeSource,
    SceneSection,
    Section,
    SpeechSegment,
    Timeline,
    TimelineScene,
    TimelineSpeaker,
    TimelineTrack,
    TrackingSection,
    TrackingSummary,
    VideoFacts,
)
from mediaflow_assets.formats.transitions_json import Transitions
from mediaflow_assets.reporting.intervals import Intervals
from mediaflow_assets.reporting.sources import Document, VideoSource
from mediaflow_assets.review.delivered import people_of
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.streams import reviewed_audio, reviewed_scenes, reviewed_tracking, reviewed_transitions
from mediaflow_assets.scenes.transitions import transitions_in

S = TypeVar("S", bound=Section)
_ORDER = ("scenes", "tracking", "audio")


class _Device(msgspec.Struct):
    """What the details of every analysis say of the machine."""

    device: str | None = None


def build_timeline(project: str, video: VideoSource) -> Timeline:
    """Timeline document of one video.

    Args:
        project: the project's human name.

    Raises:
        BadInput: the video has no analysis, or a document of it cannot be read.
    """
    if not video.documents:
        raise BadInput(video.path, video.problem or "has no analysis", "Materialize its analyses")
    frames = video.master.total_frames if video.master else _longest(video.documents)
    if frames < 1:
        raise BadInput(video.path, "its analyses have no frame", "Materialize its analyses again")
    tracking = video.documents.get("tracking")
    turns = heard_turns(tracking.path if tracking else None)
    return Timeline(
        project_name=project,
        video_name=video.name,
        metadata=_metadata(video, frames),
        scenes=_scenes(video.documents.get("scenes"), video.review),
        audio=_audio(video.documents.get("audio"), frames, turns, video.review),
        tracking=_tracking(tracking, frames, video.review),
        people=UNSET if video.review is None else people_of(video.review),
        archive_probe_source={
            kind: ProbeSource(provenance=document.provenance, created_at=document.created_at)
            for kind, document in video.documents.items()
        },
        timestamp=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def speech_segments(frames: Iterable[Frame]) -> Iterator[SpeechSegment]:
    """Maximal runs of speech frames, each with the union of its speakers."""
    runs = Intervals()
    speakers: dict[int, set[str]] = {}
    for item in frames:
        info = item.get("audio_info") or {}
        if info.get("is_speech_present"):
            first = runs.add(item["frame"])
            speakers.setdefault(first, set()).update(info.get("active_speaker_labels") or [])
    for first, last in runs:
        labels = tuple(sorted(speakers[first]))
        yield SpeechSegment(
            start_frame=first,
            end_frame=last,
            start_time=frame_start(first),
            end_time=last / FPS,
            speakers=labels,
            speaker_count=len(labels),
        )


def _metadata(video: VideoSource, frames: int) -> VideoFacts:
    facts = VideoFacts(
        duration_seconds=frames / FPS, total_frames=frames, fps=float(FPS), path=video.path, sha256=video.sha256
    )
    if video.master is None:
        return facts
    return msgspec.structs.replace(
        facts,
        width=video.master.width,
        height=video.master.height,
        has_audio=video.master.has_audio,
        master_sha256=video.master.sha256,
    )


def _longest(documents: Mapping[str, Document]) -> int:
    """Frames of a video that is known only by its documents; the scenes are the shortest to read."""
    for kind in _ORDER:
        if kind in documents:
            return total_frames(kind, documents[kind].path)
    return 0


def _from(document: Document, section: S) -> S:
    """A section with where it comes from, and how it was made as far as that is recorded."""
    return msgspec.structs.replace(
        section,
        available=True,
        source_path=document.path.name,
        provenance=document.provenance,
        archive_created_at=document.created_at if document.provenance == "archives" else None,
        made_by=_made_by(document.record) if document.record else UNSET,
    )


def _made_by(record: Record) -> MadeBy:
    return MadeBy(
        stage=record.recipe.stage,
        code_version=record.recipe.code_version,
        engine=record.recipe.engine,
        models=record.recipe.models,
        parameters=record.recipe.parameters,
        device=record.details_as(_Device).device,
        seconds=record.seconds,
    )


def _scenes(document: Document | None, review: Review | None) -> SceneSection:
    if document is None:
        return SceneSection()
    scenes = tuple(
        TimelineScene(
            scene_number=number,
            start_frame=scene.first,
            end_frame=scene.last,
            start_timecode=timecode(scene.first - 1),
            end_timecode=timecode(scene.last - 1),
            start_time_seconds=frame_start(scene.first),
            end_time_seconds=scene.last / FPS,
        )
        for number, scene in enumerate(reviewed_scenes(read_scenes(document.path), review), start=1)
    )
    found = transitions_in(document.record.details) if document.record else ()
    if found:
        found = reviewed_transitions(Transitions("", 0, found), review).transitions
    return _from(document, SceneSection(count=len(scenes), scenes=scenes, transitions=found))


def _audio(
    document: Document | None, frames: int, turns: Sequence[HeardTurn] | None, review: Review | None
) -> AudioSection:
    if document is None:
        return AudioSection()
    lanes: dict[str, Intervals] = {}
    corrected = None if turns is None else labels_of_turns(turns, frames)

    def heard(items: Iterable[Frame]) -> Iterator[Frame]:
        for frame in items:
            info = frame.get("audio_info")
            if corrected is None or not info:
                yield frame
            else:
                labels = list(corrected[frame["frame"] - 1])
                yield {**frame, "audio_info": {**info, "active_speaker_labels": labels}}

    def watched(items: Iterable[Frame]) -> Iterator[Frame]:
        for item in items:
            for label in (item.get("audio_info") or {}).get("active_speaker_labels") or []:
                lanes.setdefault(label, Intervals()).add(item["frame"])
            yield item

    segments = tuple(speech_segments(watched(reviewed_audio(heard(_checked(document.path, frames)), review))))
    section = AudioSection(
        fps=float(FPS),
        total_frames=frames,
        segments=segments,
        segment_count=len(segments),
        unique_speakers=tuple(sorted(lanes)),
        speaker_count=len(lanes),
        speakers=tuple(
            TimelineSpeaker(label=label, seconds=lane.frames / FPS, intervals=tuple(lane))
            for label, lane in sorted(lanes.items())
        ),
    )
    return _from(document, section)


def _tracking(document: Document | None, frames: int, review: Review | None) -> TrackingSection:
    if document is None:
        return TrackingSection()
    seen: dict[str, Intervals] = {}
    speaking: dict[str, Intervals] = {}
    labels: dict[str, str] = {}
    with_faces = with_speaking = most = 0
    for frame in reviewed_tracking(_checked(document.path, frames), review):
        objects = frame.get("tracked_objects") or []
        faces = sum(item.get("label") == "face" for item in objects) or len(frame.get("faces_data") or ())
        with_faces += faces > 0
        with_speaking += any(map(_speaks, objects))
        most = max(most, faces)
        for item in objects:
            seen.setdefault(item["id"], Intervals()).add(frame["frame"])
            labels[item["id"]] = item.get("label") or ""
            if _speaks(item):
                speaking.setdefault(item["id"], Intervals()).add(frame["frame"])
    section = TrackingSection(
        fps=float(FPS),
        total_frames=frames,
        summary=TrackingSummary(
            frames_with_faces=with_faces,
            frames_with_speaking=with_speaking,
            max_faces_detected=most,
            face_coverage_percent=round(with_faces / frames * 100, 2),
        ),
        tracks=tuple(
            TimelineTrack(
                id=name,
                label=labels[name],
                frames=lane.frames,
                intervals=tuple(lane),
                speaking=tuple(speaking.get(name, ())),
            )
            for name, lane in seen.items()
        ),
    )
    return _from(document, section)


def _speaks(item: FrameObject) -> bool:
    """``is_speaking`` of a full document; a reduced one only knows who is heard."""
    return bool(item["is_speaking"] if "is_speaking" in item else item.get("active_speakers"))


def _checked(path: Path, frames: int) -> Iterator[Frame]:
    """The frames of a document, as long as they are frames of this video."""
    for item in frames_of(path):
        number: object = item.get("frame") if isinstance(item, dict) else None
        if not isinstance(number, int) or not 1 <= number <= frames:
            raise BadInput(path, f"has a frame {number!r} in a video of {frames}", "Materialize its asset again")
        yield item
