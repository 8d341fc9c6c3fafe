"""Statistics of one timeline, by the studio's formulas (golden cases)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul
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

    def figures(group: str, name: str) -> list[float]:
        return [float((video.get(group) or {}).get(name) or 0) for video in videos]

    durations = figures("video", "duration_seconds")
    seconds, frames = sum(durations), sum(figures("video", "total_frames"))
    speech, with_faces = sum(figures("audio", "total_speech_duration")), sum(figures("tracking", "frames_with_faces"))
    weighted = sum(map(mul, figures("video", "fps"), durations))
    return {
        "videos": len(videos),
        "duration_seconds": seconds,
        "total_frames": int(frames),
        "fps": weighted / seconds if seconds else 0,
        "scenes": int(sum(figures("scenes", "total_count"))),
        "segments": int(sum(figures("audio", "total_segments"))),
        "speakers": int(sum(figures("audio", "unique_speakers"))),
        "speech_seconds": speech,
        "speech_coverage_percent": min(speech / seconds * 100, 100.0) if seconds else 0,
        "frames_with_faces": int(with_faces),
        "max_faces_detected": int(max(figures("tracking", "max_faces_detected"), default=0)),
        "face_coverage_percent": min(with_faces / frames * 100, 100.0) if frames else 0,
    }
