"""Reduced documents: only what the After Effects script reads, in new files.

The full documents are read frame by frame and never changed. A document that is reduced already,
or is no analysis at all, is refused: reducing it would leave nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.frames import Frame, FrameObject
from mediaflow_assets.formats.heard import heard_turns, labels_of_turns
from mediaflow_assets.formats.json_stream import read_frames, write_frames

CODE_VERSION = "1"

Frames = Iterator[Frame]
Correct = Callable[[Frames], Frames]
"""Frames of a full document to the frames that are reduced."""


def as_they_are(frames: Frames) -> Frames:
    """No corrections."""
    return frames


def reduce_tracking_frame(frame: Frame) -> dict[str, object]:
    """One frame of the full tracking document, reduced."""
    return {
        "frame": frame.get("frame"),
        "tracked_objects": [_reduce_object(item) for item in frame.get("tracked_objects") or []],
    }


def _reduce_object(item: FrameObject) -> dict[str, object]:
    sources = item.get("speaking_sources")
    audio = sources.get("audio") if isinstance(sources, Mapping) else None
    reduced: dict[str, object] = {
        "id": item.get("id"),
        "centroid_x": item.get("centroid_x"),
        "source": item.get("source"),
        "label": item.get("label"),
        "active_speakers": (audio.get("active_speakers") or []) if isinstance(audio, Mapping) else [],
    }
    if "bbox_width" in item and "bbox_height" in item:
        reduced |= {"bbox_width": item["bbox_width"], "bbox_height": item["bbox_height"]}
    return reduced


def reduce_audio_frame(frame: Frame) -> dict[str, object] | None:
    """One frame of the full audio document, reduced; None when it carries no audio information."""
    info = frame.get("audio_info")
    if info is None:
        return None
    return {
        "frame": frame.get("frame"),
        "audio_info": {
            "is_speech_present": info.get("is_speech_present", False),
            "active_speaker_labels": info.get("active_speaker_labels", []),
        },
    }


def reduce_tracking(source: Path, target: Path, total_frames: int, correct: Correct = as_they_are) -> None:
    """Write the reduced tracking document of one video, with what people corrected.

    Raises:
        BadInput: ``source`` is not a full tracking document of ``total_frames`` frames.
    """
    frames = _reduced(source, "frames", reduce_tracking_frame, total_frames, correct)
    write_frames(target, {}, "frames_analysis", frames, expected=total_frames)


def reduce_audio(
    source: Path,
    target: Path,
    total_frames: int,
    tracking: Path | None = None,
    correct: Correct = as_they_are,
) -> None:
    """Write the reduced audio document of one video, with what people corrected.

    Args:
        source: the full audio document.
        target: the file to make.
        total_frames: of the video.
        tracking: its full tracking document, whose faces may have put speakers right.
        correct: what people said, after that.

    Raises:
        BadInput: ``source`` is not an audio document of ``total_frames`` frames.
    """
    turns = heard_turns(tracking)
    labels = None if turns is None else labels_of_turns(turns, total_frames)

    def heard(frames: Frames) -> Frames:
        return correct(frames if labels is None else _with_speakers(frames, labels))

    frames = _reduced(source, "frames_analysis", reduce_audio_frame, total_frames, heard)
    write_frames(target, {}, "frames_analysis", frames, expected=total_frames)


def _with_speakers(frames: Frames, labels: Sequence[tuple[str, ...]]) -> Frames:
    for frame, heard in zip(frames, labels, strict=False):
        info = frame.get("audio_info")
        yield frame if info is None else {**frame, "audio_info": {**info, "active_speaker_labels": list(heard)}}


def _reduced(
    source: Path,
    key: str,
    reduce: Callable[[Frame], dict[str, object] | None],
    total_frames: int,
    correct: Correct,
) -> Iterator[dict[str, object]]:
    count = 0
    for number, frame in enumerate(correct(read_frames(source, key)), start=1):
        try:
            reduced = reduce(frame)
        except (AttributeError, TypeError) as error:
            raise BadInput(
                source, f"frame {number} is not what it should be ({error})", "Materialize its asset again"
            ) from error
        if reduced is not None:
            count += 1
            yield reduced
    if count != total_frames:
        raise BadInput(
            source, f"has {count} frames of analysis instead of {total_frames}", "Materialize its asset again"
        )
