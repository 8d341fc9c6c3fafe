from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import frame_midpoint
from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.formats.audio_json import Segment, read_audio_frames, read_audio_head
from mediaflow_assets.speech.analyse import analyse_video
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import Diarization, SpeakerHints
from mediaflow_assets.speech.engines.pyannote_local import PyannoteLocal

MakeMedia = Callable[..., Path]


class Dictated:
    """An engine that hears what it is told."""

    name: ClassVar[str] = "dictated"
    summary: ClassVar[str] = "Says what it was told."
    licence: ClassVar[str] = "MIT"
    models: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *segments: Segment) -> None:
        self.segments = list(segments)
        self.loaded = 0
        self.heard: list[tuple[float, SpeakerHints]] = []
        self.device: DeviceChoice

    def load(self) -> None:
        self.loaded += 1
        self.device = DeviceChoice("cpu", "told so")

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        self.heard.append((waveform.seconds, hints))
        progress(1.0, "done")
        return Diarization(self.segments)


def test_the_document_and_its_description(make_media: MakeMedia, tmp_path: Path) -> None:
    sound = np.zeros((1, 4 * SAMPLE_RATE), np.float32)
    video = make_media("v.mp4", [(0, sound)], codec="aac", picture=(0, 50))
    engine = Dictated(Segment(0.5, 1.0, "zoe"), Segment(0.1, 0.6, "adam"))
    fractions: list[float] = []
    output = tmp_path / "audio" / "v_audio.json"
    details = analyse_video(
        video,
        50,
        engine,
        output,
        SpeakerHints(exact=2),
        video_filename="received.mov",
        progress=lambda fraction, _: fractions.append(fraction),
    )

    # Sound after the last frame is not analysed.
    assert engine.heard == [(2.0, SpeakerHints(exact=2))]
    assert fractions == [1.0]
    head = read_audio_head(output)
    assert (head.video_filename, head.total_frames, head.has_audio, head.engine) == (
        "received.mov",
        50,
        True,
        "dictated",
    )
    assert head.segments == (Segment(0.1, 0.6, "SPEAKER_00"), Segment(0.5, 1.0, "SPEAKER_01"))
    for frame in read_audio_frames(output):
        covered = {one.speaker for one in head.segments if one.start <= frame_midpoint(frame.frame) < one.end}
        assert set(frame.audio_info.active_speaker_labels) == covered
    speed = details.pop("audio_seconds_per_second")
    assert speed > 0
    assert details == {
        "has_audio": True,
        "speakers": 2,
        "speech_seconds": {"SPEAKER_00": 0.5, "SPEAKER_01": 0.5},
        "overlap_seconds": 0.1,
        "segments": 2,
        "audio_seconds": 2.0,
        "engine": "dictated",
        "device": "cpu",
        "device_reason": "told so",
        "notes": [],
    }


def test_a_video_without_sound_is_silent_in_every_frame(make_media: MakeMedia, tmp_path: Path) -> None:
    engine = Dictated(Segment(0, 1, "nobody"))
    output = tmp_path / "v_audio.json"
    details = analyse_video(make_media("v.mp4", None, picture=(0, 10)), 10, engine, output)
    assert engine.loaded == 0
    assert read_audio_head(output).has_audio is False
    assert [frame.audio_info.is_speech_present for frame in read_audio_frames(output)] == [False] * 10
    assert (details["has_audio"], details["speakers"], details["device"]) == (False, 0, None)


def test_sound_that_cannot_be_read_leaves_no_document(tmp_path: Path) -> None:
    video = tmp_path / "v.mp4"
    video.write_bytes(bytes(5000))
    with pytest.raises(BadInput, match=r"v\.mp4"):
        analyse_video(video, 10, Dictated(), tmp_path / "v_audio.json")
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.slow
def test_a_real_conversation_frame_by_frame(
    engine: PyannoteLocal, conversation: Waveform, truth: list[Segment], make_media: MakeMedia, tmp_path: Path
) -> None:
    """The same speech in the sound track of a video, late by two seconds, 33 s long."""
    video = make_media("v.mp4", [(2, conversation.samples[None])], codec="aac", picture=(0, 825))
    output = tmp_path / "v_audio.json"
    details = analyse_video(video, 825, engine, output)
    assert details["speakers"] == 2

    frames = [set(frame.audio_info.active_speaker_labels) for frame in read_audio_frames(output)]
    assert len(frames) == 825
    order = list(dict.fromkeys(turn.speaker for turn in truth))
    label = {speaker: f"SPEAKER_{number:02d}" for number, speaker in enumerate(order)}
    wrong = spoken = 0
    for number, heard in enumerate(frames, start=1):
        time = frame_midpoint(number) - 2
        real = {label[turn.speaker] for turn in truth if turn.start <= time < turn.end}
        wrong += max(len(real), len(heard)) - len(real & heard)
        spoken += len(real)
    assert wrong / spoken < 0.10
