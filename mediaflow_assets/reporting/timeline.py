"""The timeline of one video: scenes, speech, faces and where they come from, in one document.

The keys are those of the replaced application's timelines, with intervals of each speaker and face
beside them. Seconds are those of the 25-fps video; frames count from 1 and both ends are included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS, frame_start, timecode
from mediaflow_assets.delivery.documents import frames_of, total_frames
from mediaflow_assets.formats.heard import HeardTurn, heard_turns, labels_of_turns
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.transitions_json import Transitions
from mediaflow_assets.reporting.intervals import Intervals
from mediaflow_assets.reporting.sources import Document, VideoSource
from mediaflow_assets.review.delivered import people_of
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.streams import reviewed_audio, reviewed_scenes, reviewed_tracking, reviewed_transitions
from mediaflow_assets.scenes.transitions import transitions_in

_ORDER = ("scenes", "tracking", "audio")


def build_timeline(project: str, video: VideoSource) -> dict[str, Any]:
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
    sections = {
        "scenes": _scenes(video.documents.get("scenes"), video.review),
        "audio": _audio(
            video.documents.get("audio"), frames, heard_turns(tracking.path if tracking else None), video.review
        ),
        "tracking": _tracking(video.documents.get("tracking"), frames, video.review),
    }
    if video.review is not None:
        sections["people"] = msgspec.to_builtins(people_of(video.review))
    return {
        "project_name": project,
        "video_name": video.name,
        "metadata": _metadata(video, frames),
        **sections,
        "archive_probe_source": {
            kind: {"provenance": document.provenance, "created_at": document.created_at}
            for kind, document in video.documents.items()
        },
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def speech_segments(frames: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Maximal runs of speech frames, each with the union of its speakers."""
    runs = Intervals()
    speakers: dict[int, set[str]] = {}
    for item in frames:
        info = item.get("audio_info") or {}
        if info.get("is_speech_present"):
            first = runs.add(item["frame"])
            speakers.setdefault(first, set()).update(info.get("active_speaker_labels") or [])
    for first, last in runs:
        labels = sorted(speakers[first])
        yield {
            "start_frame": first,
            "end_frame": last,
            "start_time": frame_start(first),
            "end_time": last / FPS,
            "speakers": labels,
            "speaker_count": len(labels),
        }


def _metadata(video: VideoSource, frames: int) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "duration_seconds": frames / FPS,
        "total_frames": frames,
        "fps": float(FPS),
        "path": video.path,
        "sha256": video.sha256,
    }
    if video.master:
        facts |= {
            "width": video.master.width,
            "height": video.master.height,
            "has_audio": video.master.has_audio,
            "master_sha256": video.master.sha256,
        }
    return facts


def _longest(documents: Mapping[str, Document]) -> int:
    """Frames of a video that is known only by its documents; the scenes are the shortest to read."""
    for kind in _ORDER:
        if kind in documents:
            return total_frames(kind, documents[kind].path)
    return 0


def _origin(document: Document) -> dict[str, Any]:
    """Where a section comes from, and how it was made as far as that is recorded."""
    facts: dict[str, Any] = {
        "available": True,
        "source_path": document.path.name,
        "provenance": document.provenance,
        "archive_created_at": document.created_at if document.provenance == "archives" else None,
    }
    if document.record:
        recipe = document.record.recipe
        facts["made_by"] = {
            "stage": recipe.stage,
            "code_version": recipe.code_version,
            "engine": recipe.engine,
            "models": recipe.models,
            "parameters": recipe.parameters,
            "device": document.record.details.get("device"),
            "seconds": document.record.seconds,
        }
    return facts


def _scenes(document: Document | None, review: Review | None) -> dict[str, Any]:
    if document is None:
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
        for number, scene in enumerate(reviewed_scenes(read_scenes(document.path), review), start=1)
    ]
    made = document.record.details if document.record else {}
    found = transitions_in(made)
    if found:
        found = reviewed_transitions(Transitions("", 0, found), review).transitions
    transitions = [msgspec.to_builtins(one) for one in found]
    return {**_origin(document), "count": len(scenes), "scenes": scenes, "transitions": transitions}


def _audio(
    document: Document | None, frames: int, turns: Sequence[HeardTurn] | None, review: Review | None
) -> dict[str, Any]:
    if document is None:
        return {
            "available": False,
            "segments": [],
            "segment_count": 0,
            "unique_speakers": [],
            "speaker_count": 0,
            "speakers": [],
        }
    lanes: dict[str, Intervals] = {}
    corrected = None if turns is None else labels_of_turns(turns, frames)

    def heard(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for frame in items:
            if corrected is None or not frame.get("audio_info"):
                yield frame
            else:
                labels = corrected[frame["frame"] - 1]
                yield {**frame, "audio_info": {**frame["audio_info"], "active_speaker_labels": labels}}

    def watched(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for item in items:
            for label in (item.get("audio_info") or {}).get("active_speaker_labels") or []:
                lanes.setdefault(label, Intervals()).add(item["frame"])
            yield item

    segments = list(speech_segments(watched(reviewed_audio(heard(_checked(document.path, frames)), review))))
    return {
        **_origin(document),
        "fps": float(FPS),
        "total_frames": frames,
        "segments": segments,
        "segment_count": len(segments),
        "unique_speakers": sorted(lanes),
        "speaker_count": len(lanes),
        "speakers": [
            {"label": label, "seconds": lane.frames / FPS, "intervals": list(lane)}
            for label, lane in sorted(lanes.items())
        ],
    }


def _tracking(document: Document | None, frames: int, review: Review | None) -> dict[str, Any]:
    if document is None:
        return {"available": False, "summary": {}, "tracks": []}
    seen: dict[str, Intervals] = {}
    speaking: dict[str, Intervals] = {}
    labels: dict[str, str] = {}
    with_faces = with_speaking = most = 0
    for frame in reviewed_tracking(_checked(document.path, frames), review):
        objects = frame.get("tracked_objects") or []
        # The replaced application once listed faces apart.
        faces = sum(item.get("label") == "face" for item in objects) or len(frame.get("faces_data") or ())
        with_faces += faces > 0
        with_speaking += any(map(_speaks, objects))
        most = max(most, faces)
        for item in objects:
            seen.setdefault(item["id"], Intervals()).add(frame["frame"])
            labels[item["id"]] = item.get("label") or ""
            if _speaks(item):
                speaking.setdefault(item["id"], Intervals()).add(frame["frame"])
    return {
        **_origin(document),
        "fps": float(FPS),
        "total_frames": frames,
        "summary": {
            "frames_with_faces": with_faces,
            "frames_with_speaking": with_speaking,
            "max_faces_detected": most,
            "face_coverage_percent": round(with_faces / frames * 100, 2),
        },
        "tracks": [
            {
                "id": name,
                "label": labels[name],
                "frames": lane.frames,
                "intervals": list(lane),
                "speaking": list(speaking.get(name, ())),
            }
            for name, lane in seen.items()
        ],
    }


def _speaks(item: Mapping[str, Any]) -> bool:
    """``is_speaking`` of a full document; a reduced one only knows who is heard."""
    return bool(item["is_speaking"] if "is_speaking" in item else item.get("active_speakers"))


def _checked(path: Path, frames: int) -> Iterator[dict[str, Any]]:
    """The frames of a document, as long as they are frames of this video."""
    for item in frames_of(path):
        number = item.get("frame") if isinstance(item, dict) else None
        if not isinstance(number, int) or not 1 <= number <= frames:
            raise BadInput(path, f"has a frame {number!r} in a video of {frames}", "Materialize its asset again")
        yield item
