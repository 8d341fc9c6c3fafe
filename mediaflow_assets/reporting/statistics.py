"""Statistics of one timeline, by the studio's formulas (golden cases)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def compute_statistics(timeline: Mapping[str, Any]) -> dict[str, Any]:
    """Counts, durations in seconds and coverages in percent of one video's timeline document."""
    metadata = timeline.get("metadata") or {}
    return {
        "video": {
            "duration_seconds": metadata.get("duration_seconds", 0),
            "total_frames": metadata.get("total_frames", 0),
            "fps": metadata.get("fps", 0),
        },
        "scenes": _scenes(timeline.get("scenes") or {}),
        "audio": _audio(timeline.get("audio") or {}, metadata.get("duration_seconds", 1)),
        "tracking": _tracking(timeline.get("tracking") or {}),
    }


def _scenes(scenes: Mapping[str, Any]) -> dict[str, Any]:
    durations = [
        scene.get("end_time_seconds", 0) - scene.get("start_time_seconds", 0) for scene in scenes.get("scenes") or []
    ]
    known = durations if scenes.get("available") else []
    return {
        "total_count": scenes.get("count", 0),
        "average_duration": sum(known) / len(known) if known else 0,
        "shortest_duration": min(known, default=0),
        "longest_duration": max(known, default=0),
    }


def _audio(audio: Mapping[str, Any], duration: float | None) -> dict[str, Any]:
    segments = audio.get("segments") or [] if audio.get("available") else []
    total = sum(segment.get("end_time", 0) - segment.get("start_time", 0) for segment in segments)
    return {
        "total_segments": audio.get("segment_count", 0),
        "unique_speakers": audio.get("speaker_count", 0),
        "total_speech_duration": total,
        "speech_coverage_percent": total / duration * 100 if segments and duration and duration > 0 else 0,
    }


def _tracking(tracking: Mapping[str, Any]) -> dict[str, Any]:
    summary = tracking.get("summary") or {}
    names = ("frames_with_faces", "frames_with_speaking", "max_faces_detected", "face_coverage_percent")
    return {name: summary.get(name, 0) for name in names}


def project_totals(videos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures of several videos together, from the statistics of each.

    Frame rate and coverages are weighted: by duration, and by frames for faces. Speakers are counted
    per video, because ``SPEAKER_00`` of two videos are two people as far as anybody knows.
    """
    seconds = sum(video["video"]["duration_seconds"] or 0 for video in videos)
    frames = sum(video["video"]["total_frames"] or 0 for video in videos)
    speech = sum(video["audio"]["total_speech_duration"] or 0 for video in videos)
    with_faces = sum(video["tracking"]["frames_with_faces"] or 0 for video in videos)
    weighted = sum((video["video"]["fps"] or 0) * (video["video"]["duration_seconds"] or 0) for video in videos)
    return {
        "videos": len(videos),
        "duration_seconds": seconds,
        "total_frames": frames,
        "fps": weighted / seconds if seconds else 0,
        "scenes": sum(video["scenes"]["total_count"] for video in videos),
        "segments": sum(video["audio"]["total_segments"] for video in videos),
        "speakers": sum(video["audio"]["unique_speakers"] for video in videos),
        "speech_seconds": speech,
        "speech_coverage_percent": min(speech / seconds * 100, 100.0) if seconds else 0,
        "frames_with_faces": with_faces,
        "max_faces_detected": max((video["tracking"]["max_faces_detected"] for video in videos), default=0),
        "face_coverage_percent": min(with_faces / frames * 100, 100.0) if frames else 0,
    }
