"""Reduced documents: only what the After Effects script reads, in new files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mediaflow_assets.errors import BadInput
from mediaflow_assets.formats.json_stream import read_frames, write_frames

CODE_VERSION = "1"


def reduce_tracking_frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    """One frame of the full tracking document, reduced."""
    return {
        "frame": frame.get("frame"),
        "tracked_objects": [_reduce_object(item) for item in frame.get("tracked_objects") or []],
    }


def _reduce_object(item: Mapping[str, Any]) -> dict[str, Any]:
    sources = item.get("speaking_sources")
    audio = sources.get("audio") if isinstance(sources, Mapping) else None
    reduced = {
        "id": item.get("id"),
        "centroid_x": item.get("centroid_x"),
        "source": item.get("source"),
        "label": item.get("label"),
        "active_speakers": (audio.get("active_speakers") or []) if isinstance(audio, Mapping) else [],
    }
    if "bbox_width" in item and "bbox_height" in item:
        reduced |= {"bbox_width": item["bbox_width"], "bbox_height": item["bbox_height"]}
    return reduced


def reduce_audio_frame(frame: Mapping[str, Any]) -> dict[str, Any] | None:
    """One frame of the full audio document, reduced; None when it carries no audio information."""
    info = frame.get("audio_info")
    if info is None:
        return None
    if not isinstance(info, Mapping):
        raise BadInput(f"frame {frame.get('frame')}", "has an audio_info that is not an object", "Make the audio again")
    return {
        "frame": frame.get("frame"),
        "audio_info": {
            "is_speech_present": info.get("is_speech_present", False),
            "active_speaker_labels": info.get("active_speaker_labels", []),
        },
    }


def reduce_tracking(source: Path, target: Path, total_frames: int) -> None:
    """Write the reduced tracking document of one video."""
    frames = (reduce_tracking_frame(frame) for frame in read_frames(source, "frames"))
    write_frames(target, {}, "frames_analysis", frames, expected=total_frames)


def reduce_audio(source: Path, target: Path, total_frames: int) -> None:
    """Write the reduced audio document of one video."""
    write_frames(target, {}, "frames_analysis", _audio_frames(source), expected=total_frames)


def _audio_frames(source: Path) -> Iterator[dict[str, Any]]:
    for frame in read_frames(source, "frames_analysis"):
        reduced = reduce_audio_frame(frame)
        if reduced is not None:
            yield reduced
