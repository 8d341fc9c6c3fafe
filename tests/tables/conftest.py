"""Projects whose documents are written here, so that every number in a table is known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking

FRAMES = 50


def face(number: int, speakers: tuple[str, ...] = ()) -> TrackedObject:
    return TrackedObject(
        id=f"obj_{number}",
        centroid_x=100 * number,
        centroid_y=80,
        bbox_xmin=100 * number - 20,
        bbox_xmax=100 * number + 20,
        source="face_landmarker",
        label="face",
        confidence=0.9,
        bbox_ymin=60,
        bbox_ymax=100,
        bbox_width=40,
        bbox_height=40,
        is_speaking=bool(speakers),
        speaking_sources={"audio": {"active_speakers": list(speakers)}},
    )


def write_full(folder: Path, stem: str, speech: tuple[Segment, ...]) -> None:
    """Two shots of 25 frames, two faces; face 1 speaks as SPEAKER_00 while that voice is heard."""
    write_scenes(folder / f"{stem}_scenes.csv", [Scene(1, 25), Scene(26, FRAMES)])
    heard = [
        {part.speaker for part in speech if part.start <= (frame - 0.5) / 25 < part.end}
        for frame in range(1, FRAMES + 1)
    ]
    head = AudioHead(video_filename=f"{stem}.mp4", total_frames=FRAMES, segments=speech)
    write_audio(folder / f"{stem}_audio.json", head, heard)
    frames = [
        TrackingFrame(
            frame=number,
            tracked_objects=[face(1, ("SPEAKER_00",) if "SPEAKER_00" in labels else ()), face(2)],
        )
        for number, labels in enumerate(heard, start=1)
    ]
    metadata = {"video_path": f"{stem}.mp4", "tracking_engine": "made"}
    write_tracking(folder / f"{stem}_tracking.json", metadata, FRAMES, frames)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """An analysis store of ten projects; in project n SPEAKER_00 speaks for 0.1 n seconds."""
    root = tmp_path / "archives"
    for number in range(1, 11):
        folder = root / f"{number} Camille 2026-11-{number:02d}_10-00-00" / f"{number:064x}"
        folder.mkdir(parents=True)
        speech = (Segment(0.2, 0.2 + number / 10, "SPEAKER_00"), Segment(1.5, 1.75, "SPEAKER_01"))
        write_full(folder, "clip", speech)
    return root


@pytest.fixture
def delivery(tmp_path: Path, store: Path) -> Path:
    """The fourth project as it is delivered: reduced documents, a transcript, people."""
    from mediaflow_assets.delivery.reduce import reduce_audio, reduce_tracking

    (source,) = (store / "4 Camille 2026-11-04_10-00-00").iterdir()
    docs = tmp_path / "output" / "4_Camille" / "docs"
    (docs / "sub").mkdir(parents=True)
    (docs / "sub" / "clip.mp4").touch()
    write_scenes(docs / "sub" / "clip.csv", [Scene(1, 25), Scene(26, FRAMES)])
    reduce_audio(source / "clip_audio.json", docs / "sub" / "clip_audio.json", FRAMES)
    reduce_tracking(source / "clip_tracking.json", docs / "sub" / "clip_tracking.json", FRAMES)
    words = {"words": [{"start": 0.2, "end": 0.5, "text": "bonjour", "probability": 0.9, "speaker": "SPEAKER_00"}]}
    people = {"people": [{"id": "person-1", "name": "Camille", "faces": ["obj_1"], "voices": ["SPEAKER_00"]}]}
    (docs / "sub" / "clip_transcript.json").write_bytes(msgspec.json.encode(words))
    (docs / "sub" / "clip_people.json").write_bytes(msgspec.json.encode(people))
    return docs.parent
