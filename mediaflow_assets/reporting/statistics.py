"""Statistics of one timeline, by the studio's formulas (golden cases)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import UnsetType

from mediaflow_assets.formats.timeline_json import AudioSection, SceneSection, Timeline, TrackingSection

T = TypeVar("T")


class VideoFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How long a video is."""

    duration_seconds: float | None
    """None in timelines that do not know."""
    total_frames: int
    fps: float


class SceneFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Shots; durations are in seconds."""

    total_count: int
    average_duration: float
    shortest_duration: float
    longest_duration: float


class SpeechFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Speech; the duration is in seconds."""

    total_segments: int
    unique_speakers: int
    total_speech_duration: float
    speech_coverage_percent: float


class FaceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Faces."""

    frames_with_faces: int
    frames_with_speaking: int
    max_faces_detected: int
    """In one frame."""
    face_coverage_percent: float


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one video; the order of the fields is that in documents."""

    video: VideoFigures
    scenes: SceneFigures
    audio: SpeechFigures
    tracking: FaceFigures


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of several videos together."""

    videos: int
    duration_seconds: float
    total_frames: int
    fps: float
    scenes: int
    segments: int
    speakers: int
    speech_seconds: float
    speech_coverage_percent: float
    frames_with_faces: int
    max_faces_detected: int
    """In one frame of one video."""
    face_coverage_percent: float


def compute_statistics(timeline: Timeline) -> Statistics:
    """Counts, durations in seconds and coverages in percent of one video's timeline."""
    metadata = timeline.metadata
    return Statistics(
        video=VideoFigures(
            duration_seconds=_known(metadata.duration_seconds, 0),
            total_frames=metadata.total_frames,
            fps=metadata.fps,
        ),
        scenes=_scenes(timeline.scenes),
        audio=_audio(timeline.audio, _known(metadata.duration_seconds, 1)),
        tracking=_tracking(timeline.tracking),
    )


def _scenes(section: SceneSection) -> SceneFigures:
    scenes = section.scenes if section.available else ()
    durations = [scene.end_time_seconds - scene.start_time_seconds for scene in scenes]
    return SceneFigures(
        total_count=section.count,
        average_duration=sum(durations) / len(durations) if durations else 0,
        shortest_duration=min(durations, default=0),
        longest_duration=max(durations, default=0),
    )


def _audio(section: AudioSection, duration: float | None) -> SpeechFigures:
    segments = section.segments if section.available else ()
    total = sum(segment.end_time - segment.start_time for segment in segments)
    return SpeechFigures(
        total_segments=section.segment_count,
        unique_speakers=section.speaker_count,
        total_speech_duration=total,
        speech_coverage_percent=total / duration * 100 if segments and duration and duration > 0 else 0,
    )


def _tracking(section: TrackingSection) -> FaceFigures:
    summary = section.summary
    return FaceFigures(
        frames_with_faces=_known(summary.frames_with_faces, 0),
        frames_with_speaking=_known(summary.frames_with_speaking, 0),
        max_faces_detected=_known(summary.max_faces_detected, 0),
        face_coverage_percent=_known(summary.face_coverage_percent, 0),
    )


def _known(value: T | UnsetType, otherwise: T) -> T:
    return otherwise if isinstance(value, UnsetType) else value


def project_totals(videos: Sequence[Statistics]) -> Totals:
    """Figures of several videos together, from the statistics of each.

    Frame rate and coverages are weighted: by duration, and by frames for faces. Speakers are counted
    per video, because ``SPEAKER_00`` of two videos are two people as far as anybody knows.
    """
    seconds = sum(_seconds(video) for video in videos)
    frames = sum(video.video.total_frames for video in videos)
    speech = sum(video.audio.total_speech_duration for video in videos)
    with_faces = sum(video.tracking.frames_with_faces for video in videos)
    weighted = sum(video.video.fps * _seconds(video) for video in videos)
    return Totals(
        videos=len(videos),
        duration_seconds=seconds,
        total_frames=frames,
        fps=weighted / seconds if seconds else 0,
        scenes=sum(video.scenes.total_count for video in videos),
        segments=sum(video.audio.total_segments for video in videos),
        speakers=sum(video.audio.unique_speakers for video in videos),
        speech_seconds=speech,
        speech_coverage_percent=min(speech / seconds * 100, 100.0) if seconds else 0,
        frames_with_faces=with_faces,
        max_faces_detected=max((video.tracking.max_faces_detected for video in videos), default=0),
        face_coverage_percent=min(with_faces / frames * 100, 100.0) if frames else 0,
    )


def _seconds(video: Statistics) -> float:
    return video.video.duration_seconds or 0.0
