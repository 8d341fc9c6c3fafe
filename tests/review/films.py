"""Documents of made videos: who is where and who is heard is known to the frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.review.edits import Made
from mediaflow_assets.review.present import Present

VIDEO = "ab" * 32
TOTAL = 200
Place = Callable[[int], tuple[int, int, int, int]]
"""Frame to x, y, width, height."""


def left(frame: int) -> tuple[int, int, int, int]:
    return 100 + frame // 2, 200, 80, 100


def right(frame: int) -> tuple[int, int, int, int]:
    return 700 - frame, 220, 90, 110


Seen = Mapping[str, tuple[Iterable[int], Place]]
"""Id to the frames in which it is, and where it is in them."""


def tracking(path: Path, seen: Seen, total: int = TOTAL, voices: Mapping[str, str] | None = None) -> Path:
    """A full tracking document; ``voices``: id to the label of the voice that it has while it is heard."""
    by_frame: dict[int, list[TrackedObject]] = {}
    for name, (frames, place) in seen.items():
        for frame in frames:
            x, y, width, height = place(frame)
            label = (voices or {}).get(name)
            by_frame.setdefault(frame, []).append(
                TrackedObject(
                    id=name,
                    centroid_x=x + width // 2,
                    centroid_y=y + height // 2,
                    bbox_xmin=x,
                    bbox_xmax=x + width,
                    bbox_ymin=y,
                    bbox_ymax=y + height,
                    bbox_width=width,
                    bbox_height=height,
                    source="face_landmarker",
                    label="face",
                    confidence=0.9,
                    is_speaking=label is not None,
                    speaking_sources={"audio": {"active_speakers": [label] if label else []}},
                )
            )
    every = (TrackingFrame(frame=n, tracked_objects=by_frame.get(n, [])) for n in range(1, total + 1))
    write_tracking(path, {"video_path": "v.mp4", "tracking_engine": "made"}, total, every)
    return path


def audio(path: Path, turns: Mapping[str, Sequence[tuple[int, int]]], total: int = TOTAL) -> Path:
    """A full audio document."""
    labels = [
        [label for label, spans in turns.items() if any(first <= n <= last for first, last in spans)]
        for n in range(1, total + 1)
    ]
    segments = sorted(
        (Segment((first - 1) / 25, last / 25, label) for label, spans in turns.items() for first, last in spans),
        key=lambda segment: segment.start,
    )
    write_audio(path, AudioHead(video_filename="v.mp4", total_frames=total, segments=tuple(segments)), labels)
    return path


def present(
    folder: Path,
    seen: Seen,
    turns: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    scenes: Sequence[tuple[int, int]] | None = None,
    total: int = TOTAL,
    voices: Mapping[str, str] | None = None,
    video: str = VIDEO,
) -> Present:
    """The documents of a made video in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "tracking": tracking(folder / "tracking.json", seen, total, voices),
        "audio": audio(folder / "audio.json", turns or {}, total),
        "scenes": write_scenes(folder / "scenes.csv", [Scene(*scene) for scene in scenes or [(1, total)]]),
    }
    master = Master(
        id="v",
        source_path="v.mov",
        source_sha256=video,
        path="v.mp4",
        sha256="cd" * 32,
        bytes=1,
        total_frames=total,
        width=1280,
        height=720,
        has_audio=True,
    )
    return Present(master, documents, {kind: Made(sha256=sha256_of(path)) for kind, path in documents.items()})
