"""The timeline of one video: scenes, speech segments and a tracking summary in one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediaflow_assets.formats.json_stream import read_frames
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.timebase import FPS, frame_start, timecode


def build_timeline(project: str, video: Master, documents: Mapping[str, Path]) -> dict[str, Any]:
    """Timeline of one video from its full documents.

    Args:
        documents: ``scenes``, ``audio`` and ``tracking``, for what exists.
    """
    return {
        "project_name": project,
        "video_name": Path(video.source_path).name,
        "metadata": {
            "duration_seconds": video.total_frames / FPS,
            "total_frames": video.total_frames,
            "fps": float(FPS),
        },
        "scenes": _scenes(documents.get("scenes")),
        "audio": _audio(documents.get("audio"), video.total_frames),
        "tracking": _tracking(documents.get("tracking"), video.total_frames),
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def speech_segments(frames: Iterable[Mapping[str, Any]], total_frames: int) -> Iterator[dict[str, Any]]:
    """Maximal runs of speech frames, each with the union of its speakers."""
    first: int | None = None
    speakers: set[str] = set()
    frame = 0
    for item in frames:
        frame = item["frame"]
        info = item.get("audio_info") or {}
        if info.get("is_speech_present"):
            first = frame if first is None else first
            speakers.update(info.get("active_speaker_labels") or [])
        elif first is not None:
            yield _segment(first, frame - 1, frame_start(frame), speakers)
            first, speakers = None, set()
    if first is not None:
        yield _segment(first, frame, frame / FPS, speakers)


def _segment(first: int, last: int, end: float, speakers: set[str]) -> dict[str, Any]:
    return {
        "start_frame": first,
        "end_frame": last,
        "start_time": frame_start(first),
        "end_time": end,
        "speakers": sorted(speakers),
        "speaker_count": len(speakers),
    }


def _scenes(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {"available": False, "count": 0, "scenes": []}
    scenes = [
        {
            "scene_number": number,
            "start_frame": scene.first,
            "end_frame": scene.last,
            "start_timecode": timecode(scene.first - 1),
            "end_timecode": timecode(scene.last - 1),
            "start_time_seconds": frame_start(scene.first),
            "end_time_seconds": scene.last / FPS,
        }
        for number, scene in enumerate(read_scenes(path), start=1)
    ]
    return {"available": True, "count": len(scenes), "scenes": scenes}


def _audio(path: Path | None, total_frames: int) -> dict[str, Any]:
    if path is None:
        return {"available": False, "segments": [], "segment_count": 0, "unique_speakers": [], "speaker_count": 0}
    segments = list(speech_segments(read_frames(path, "frames_analysis"), total_frames))
    speakers = sorted({speaker for segment in segments for speaker in segment["speakers"]})
    return {
        "available": True,
        "fps": float(FPS),
        "total_frames": total_frames,
        "segments": segments,
        "segment_count": len(segments),
        "unique_speakers": speakers,
        "speaker_count": len(speakers),
    }


def _tracking(path: Path | None, total_frames: int) -> dict[str, Any]:
    if path is None:
        return {"available": False, "summary": {}}
    with_faces = with_speaking = most = 0
    for frame in read_frames(path, "frames"):
        objects = frame["tracked_objects"]
        faces = sum(item.get("label") == "face" for item in objects)
        with_faces += faces > 0
        with_speaking += any(item.get("is_speaking") for item in objects)
        most = max(most, faces)
    return {
        "available": True,
        "fps": float(FPS),
        "total_frames": total_frames,
        "summary": {
            "frames_with_faces": with_faces,
            "frames_with_speaking": with_speaking,
            "max_faces_detected": most,
            "face_coverage_percent": round(with_faces / total_frames * 100, 2),
        },
    }
