"""Who is heard, by an audio document and what the faces of its video have put right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.delivery.reduce import reduce_audio
from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.heard import (
    HeardTurn,
    heard_frames,
    heard_segments,
    heard_turns,
    labels_of_turns,
    turns_of_labels,
)
from mediaflow_assets.formats.json_stream import read_frames
from mediaflow_assets.formats.tracking_json import TrackingFrame, write_tracking

TURNS = [HeardTurn(1, 25, "SPEAKER_00"), HeardTurn(21, 40, "SPEAKER_01")]


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    path = tmp_path / "v_audio.json"
    head = AudioHead(video_filename="v.mov", total_frames=50, segments=(Segment(0.0, 1.6, "SPEAKER_00"),))
    write_audio(path, head, [["SPEAKER_00"] if number <= 40 else [] for number in range(1, 51)])
    return path


def tracking(folder: Path, **more: object) -> Path:
    path = folder / "v_tracking.json"
    metadata = {"video_path": "v.mp4", "tracking_engine": "test", **more}
    write_tracking(path, metadata, 50, (TrackingFrame(frame=number, tracked_objects=[]) for number in range(1, 51)))
    return path


def test_what_faces_put_right_is_what_is_heard(tmp_path: Path, audio: Path) -> None:
    seen = tracking(tmp_path, voices=TURNS)
    assert heard_segments(audio, seen) == (Segment(0.0, 1.0, "SPEAKER_00"), Segment(0.8, 1.6, "SPEAKER_01"))
    frames = list(heard_frames(audio, seen))
    assert [frame.audio_info.active_speaker_labels for frame in (frames[0], frames[22], frames[39], frames[40])] == [
        ("SPEAKER_00",),
        ("SPEAKER_00", "SPEAKER_01"),
        ("SPEAKER_01",),
        (),
    ]
    assert frames[22].audio_info.num_distinct_speakers_audio == 2
    assert len(frames) == 50


def test_the_delivered_document_has_it(tmp_path: Path, audio: Path) -> None:
    reduce_audio(audio, tmp_path / "reduced.json", 50, tracking(tmp_path, voices=TURNS))
    frames = list(read_frames(tmp_path / "reduced.json", "frames_analysis"))
    assert frames[39] == {
        "frame": 40,
        "audio_info": {"is_speech_present": True, "active_speaker_labels": ["SPEAKER_01"]},
    }
    reduce_audio(audio, tmp_path / "alone.json", 50)
    assert list(read_frames(tmp_path / "alone.json", "frames_analysis"))[39]["audio_info"]["active_speaker_labels"] == [
        "SPEAKER_00"
    ]


def test_where_faces_put_nothing_right_the_audio_document_counts(tmp_path: Path, audio: Path) -> None:
    legacy = tmp_path / "legacy.json"
    legacy.write_text('{"frames_analysis": []}')
    for seen in (None, tmp_path / "missing.json", legacy, tracking(tmp_path)):
        assert heard_turns(seen) is None
        assert heard_segments(audio, seen) == (Segment(0.0, 1.6, "SPEAKER_00"),)
        assert next(heard_frames(audio, seen)).audio_info.active_speaker_labels == ("SPEAKER_00",)


@given(st.lists(st.sets(st.sampled_from(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"])), max_size=30))
def test_turns_are_another_form_of_labels(labels: list[set[str]]) -> None:
    assert labels_of_turns(turns_of_labels(labels), len(labels)) == [tuple(sorted(heard)) for heard in labels]
