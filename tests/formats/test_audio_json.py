from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.audio_json import AudioHead, Segment, read_audio_frames, read_audio_head, write_audio


def test_the_document_is_the_contract_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "v_audio.json"
    head = AudioHead(
        video_filename="v.mp4", total_frames=2, engine="pyannote_local", segments=(Segment(0.0, 0.03, "SPEAKER_00"),)
    )
    write_audio(path, head, [["SPEAKER_01", "SPEAKER_00"], []])
    assert path.read_text("utf-8") == (
        '{\n"video_filename": "v.mp4",\n"total_frames": 2,\n"fps": 25.0,\n"has_audio": true,\n'
        '"engine": "pyannote_local",\n"segments": [{"start":0.0,"end":0.03,"speaker":"SPEAKER_00"}],\n'
        '"frames_analysis": [\n'
        '{"frame":1,"audio_info":{"is_speech_present":true,"num_distinct_speakers_audio":2,'
        '"active_speaker_labels":["SPEAKER_00","SPEAKER_01"],"timecode_sec":0.0}},\n'
        '{"frame":2,"audio_info":{"is_speech_present":false,"num_distinct_speakers_audio":0,'
        '"active_speaker_labels":[],"timecode_sec":0.04}}\n]}\n'
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(), labels=st.lists(st.sets(st.sampled_from(["A", "B", "C"])), max_size=200), sound=st.booleans())
def test_what_is_written_is_read(tmp_path: Path, name: str, labels: list[set[str]], sound: bool) -> None:
    """Every file name that can be text, quotes and backslashes included."""
    path = tmp_path / "audio.json"
    head = AudioHead(video_filename=name, total_frames=len(labels), has_audio=sound)
    write_audio(path, head, labels)
    assert json.loads(path.read_bytes())["video_filename"] == name
    assert read_audio_head(path) == head
    frames = list(read_audio_frames(path))
    assert [frame.frame for frame in frames] == list(range(1, len(labels) + 1))
    assert [set(frame.audio_info.active_speaker_labels) for frame in frames] == labels
    for frame in frames:
        assert frame.audio_info.timecode_sec == round((frame.frame - 1) / 25, 3)
        assert frame.audio_info.num_distinct_speakers_audio == len(frame.audio_info.active_speaker_labels)
        assert frame.audio_info.is_speech_present == bool(frame.audio_info.active_speaker_labels)


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_document_with_too_few_or_too_many_frames_never_exists(tmp_path: Path, count: int) -> None:
    path = tmp_path / "audio.json"
    with pytest.raises(BadInput):
        write_audio(path, AudioHead(video_filename="v.mp4", total_frames=3), [()] * count)
    assert list(tmp_path.iterdir()) == []


def test_the_head_of_a_legacy_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audio.json"
    path.write_text('{"video_filename": "v.mov", "total_frames": 1, "fps": 25, "frames_analysis": []}')
    assert read_audio_head(path) == AudioHead(video_filename="v.mov", total_frames=1)


@pytest.mark.parametrize(
    "content",
    [
        '{"video_filename": "v.mp4", "total_frames": 1, "fps": 25.0, "frames_analysis": [{"frame": "one"}]}',
        '{"video_filename": "v.mp4", "total_frames": 1, "fps": 25.0, "frames_analysis": [',
        '{"metadata": {}, "frames": []}',
    ],
)
def test_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "audio.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=r"audio\.json"):
        list(read_audio_frames(path))


def test_a_head_without_its_fields_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audio.json"
    path.write_text('{"frames_analysis": []}')
    with pytest.raises(BadInput, match="not a full audio document"):
        read_audio_head(path)


def test_memory_does_not_grow_with_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "audio.json"
    count = 20_000
    labels = (("SPEAKER_00", "SPEAKER_01") if frame % 3 else () for frame in range(count))
    tracemalloc.start()
    try:
        write_audio(path, AudioHead(video_filename="v.mp4", total_frames=count), labels)
        assert sum(1 for _ in read_audio_frames(path)) == count
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 2_000_000
    assert peak < 2_000_000
