"""What is heard in each frame."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from mediaflow_assets.faces.speaking import Voice
from mediaflow_assets.faces.speaking.soundtrack import Soundtrack, articulation, rms_per_frame


def soundtrack(rms: list[float], voices: list[Voice]) -> Soundtrack:
    return Soundtrack(np.zeros(0, np.float32), np.array(rms, float), voices)


def test_rms_of_each_frame() -> None:
    samples = np.r_[np.zeros(1280), np.full(640, 0.5), np.tile([0.1, -0.1], 320), np.ones(100)].astype(np.float32)
    assert rms_per_frame(samples, 16000, 6, 25) == pytest.approx([0, 0, 0.5, 0.1, 0, 0])
    assert rms_per_frame(samples, 16000, 2, 25).tolist() == [0, 0]
    assert rms_per_frame(samples[:0], 16000, 3, 25).tolist() == [0, 0, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for what is in memory")
def test_long_sound_is_not_kept_in_memory(tmp_path: Path) -> None:
    """An hour of it is 230 MB, which the faces beside it have use for."""
    frames, path = 150 * 25, tmp_path / "sound"
    heard = np.random.default_rng(1).normal(0, 0.1, frames * 640).astype(np.float32)
    heard.tofile(path)
    mapped = np.memmap(path, np.float32, "c")
    assert float(mapped.sum()) and resident(path) > 1_000
    assert np.array_equal(rms_per_frame(mapped, 16000, frames, 25), rms_per_frame(heard, 16000, frames, 25))
    assert resident(path) == 0
    assert np.array_equal(articulation(mapped, frames).change, articulation(heard, frames).change)
    assert resident(path) == 0


def resident(path: Path) -> int:
    """Kilobytes of a mapped file that are in this process's memory."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    mapping = next(number for number, line in enumerate(lines) if line.endswith(str(path)))
    return int(next(line for line in lines[mapping:] if line.startswith("Rss:")).split()[1])


def test_a_bridged_pause_is_no_speech_and_a_consonant_is() -> None:
    rms = [0.1] * 10 + [0.001] * 10 + [0.1] * 10 + [0.001] * 3 + [0.1] * 10
    frames = soundtrack(rms, [Voice(True, ("A",))] * 43).frames_of_speakers()
    assert frames["A"].tolist() == [*range(10), *range(20, 43)]


def test_each_voice_is_measured_by_its_own_level() -> None:
    """Who is far from the microphone is not silent."""
    rms = [0.3] * 20 + [0.01] * 20
    voices = [Voice(True, ("A",))] * 20 + [Voice(True, ("B",))] * 20
    frames = soundtrack(rms, voices).frames_of_speakers()
    assert (len(frames["A"]), len(frames["B"])) == (20, 20)


def test_noise_throughout_hides_no_speech() -> None:
    frames = soundtrack([0.05] * 60, [Voice(True, ("A",))] * 60).frames_of_speakers()
    assert len(frames["A"]) == 60


def test_speech_without_a_label_is_somebody_unknown() -> None:
    voices = [Voice(True, ()), Voice(False, ()), Voice(True, ("A", "B"))]
    sound = soundtrack([0.1] * 3, voices)
    assert {label: frames.tolist() for label, frames in sound.frames_of_speakers().items()} == {
        "": [0],
        "A": [2],
        "B": [2],
    }
    assert sound.silent.tolist() == [False, True, False]


def test_a_silent_video() -> None:
    assert soundtrack([0.0] * 4, [Voice(False, ())] * 4).frames_of_speakers() == {}
