from __future__ import annotations

from pathlib import Path

from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.speech.speaker_linking import project_labels, voices_of

ANNA, BEN, CARL = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def test_known_voices_keep_their_label_and_new_ones_follow() -> None:
    known = {"SPEAKER_00": ANNA, "SPEAKER_01": BEN}
    labels = project_labels({"SPEAKER_00": BEN, "SPEAKER_01": CARL, "SPEAKER_02": (0.9, 0.4, 0.0)}, known, 0.6)
    assert labels == {"SPEAKER_00": "SPEAKER_01", "SPEAKER_01": "SPEAKER_02", "SPEAKER_02": "SPEAKER_00"}


def test_two_voices_of_one_video_are_never_one_person() -> None:
    labels = project_labels({"SPEAKER_00": ANNA, "SPEAKER_01": ANNA}, {"SPEAKER_00": ANNA}, 0.6)
    assert sorted(labels.values()) == ["SPEAKER_00", "SPEAKER_01"]


def test_voices_of_another_engine_are_strangers() -> None:
    assert project_labels({"SPEAKER_00": (1.0, 0.0)}, {"SPEAKER_00": ANNA}, 0.6) == {"SPEAKER_00": "SPEAKER_01"}


def test_the_first_video_names_everybody(tmp_path: Path) -> None:
    assert voices_of([tmp_path / "none.json"]) == {}
    assert project_labels({"SPEAKER_00": ANNA}, {}, 0.6) == {"SPEAKER_00": "SPEAKER_00"}


def test_voices_are_read_from_documents(tmp_path: Path) -> None:
    path = tmp_path / "a_audio.json"
    write_audio(path, AudioHead(video_filename="a", total_frames=0, voices={"SPEAKER_00": ANNA}), [])
    assert voices_of([path, path]) == {"SPEAKER_00": list(ANNA)}
