from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.speech.audio import SAMPLE_RATE, read_waveform

MakeMedia = Callable[..., Path]
Run = tuple[float, NDArray[np.float32]]


def constant(value: float, seconds: float, rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    return np.full((1, round(seconds * rate)), value, np.float32)


def samples_of(path: Path, seconds: float | None = None) -> NDArray[np.float32]:
    waveform = read_waveform(path, seconds)
    assert waveform is not None
    assert waveform.samples.dtype == np.float32
    assert waveform.samples.ndim == 1
    return waveform.samples


def test_a_part_is_the_same_from_memory_and_from_a_file(conversation_path: Path) -> None:
    held = read_waveform(conversation_path)
    mapped = read_waveform(conversation_path, largest_in_memory=0)
    assert held is not None
    assert mapped is not None
    for start, end in ((0.0, 2.5), (1.0, 1.0), (29.0, 40.0)):
        expected = held.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        assert np.array_equal(held.part(start, end), expected)
        assert np.array_equal(mapped.part(start, end), expected), "also after its pages were let go of"


def test_samples_at_16_khz_come_through_unchanged(make_media: MakeMedia) -> None:
    noise = np.random.default_rng(1).uniform(-1, 1, (1, 20_000)).astype(np.float32)
    np.testing.assert_array_equal(samples_of(make_media("a.mkv", [(0, noise)])), noise[0])


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_an_event_keeps_its_time_when_resampled(make_media: MakeMedia, rate: int) -> None:
    sound = constant(0, 2, rate)
    sound[0, round(1.25 * rate)] = 1
    samples = samples_of(make_media("a.mkv", [(0, sound)], rate=rate))
    assert abs(len(samples) - 2 * SAMPLE_RATE) <= 1
    assert abs(int(np.abs(samples).argmax()) - 1.25 * SAMPLE_RATE) <= 2


def test_stereo_is_mixed_without_leaving_the_range(make_media: MakeMedia) -> None:
    left, right = constant(0.9, 1), constant(0.5, 1)
    samples = samples_of(make_media("a.mkv", [(0, np.vstack([left, right]))]))
    np.testing.assert_allclose(samples, 0.7, atol=1e-6)


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_of_sides_in_opposite_phase_the_louder_one_is_heard(make_media: MakeMedia, share: float) -> None:
    voice = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 2 * SAMPLE_RATE)).astype(np.float32)
    waveform = read_waveform(make_media("a.mkv", [(0, np.vstack([-share * voice, voice]))]))
    assert waveform is not None
    np.testing.assert_allclose(waveform.samples, voice[0] if share < 1 else -voice[0], atol=1e-6)
    assert len(waveform.notes) == 1
    assert "opposite phase" in waveform.notes[0]


@pytest.mark.parametrize("other", [0.0, 0.3, -0.4])
def test_other_stereo_is_mixed_without_a_word(make_media: MakeMedia, other: float) -> None:
    """One side alone, a quieter copy, and one that cancels only a part of the other."""
    voice = np.random.default_rng(1).uniform(-0.5, 0.5, (1, SAMPLE_RATE)).astype(np.float32)
    waveform = read_waveform(make_media("a.mkv", [(0, np.vstack([voice, other * voice]))]))
    assert waveform is not None
    np.testing.assert_allclose(waveform.samples, voice[0] * (1 + other) / 2, atol=1e-6)
    assert waveform.notes == ()


def test_samples_beyond_full_scale_are_clipped(make_media: MakeMedia) -> None:
    samples = samples_of(make_media("a.mkv", [(0, np.hstack([constant(1.7, 0.5), constant(-3, 0.5)]))]))
    np.testing.assert_array_equal(np.unique(samples), [-1, 1])


def test_a_late_start_and_a_hole_are_silence(make_media: MakeMedia) -> None:
    runs: list[Run] = [(0.5, constant(0.25, 1)), (2.0, constant(0.75, 0.5))]
    samples = samples_of(make_media("a.mkv", runs, picture=(0, 50)))
    expected = np.zeros(round(2.5 * SAMPLE_RATE), np.float32)
    expected[8_000:24_000], expected[32_000:40_000] = 0.25, 0.75
    np.testing.assert_array_equal(samples, expected)


def test_time_counts_from_the_first_picture(make_media: MakeMedia) -> None:
    path = make_media("a.mkv", [(0.6, constant(0.25, 1)), (1.6, constant(0.75, 1))], picture=(1.0, 25))
    samples = samples_of(path)
    assert len(samples) == round(1.6 * SAMPLE_RATE)
    np.testing.assert_array_equal(samples[:9_600], np.float32(0.25))
    np.testing.assert_array_equal(samples[9_600:], np.float32(0.75))


def test_sound_stamped_twice_keeps_the_first(make_media: MakeMedia) -> None:
    samples = samples_of(make_media("a.nut", [(0, constant(0.25, 1)), (0.97, constant(0.75, 1))]))
    np.testing.assert_array_equal(samples, np.repeat(np.float32([0.25, 0.75]), [16_000, 15_520]))


def test_nothing_later_than_the_limit_is_read(make_media: MakeMedia) -> None:
    # The second run would need 64 GB of silence before it.
    runs: list[Run] = [(0, constant(0.25, 1)), (1_000_000, constant(0.75, 1))]
    path = make_media("a.nut", runs)
    assert len(samples_of(path, 3.0)) == SAMPLE_RATE
    assert len(samples_of(path, 0.5)) == SAMPLE_RATE // 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400)), min_size=1, max_size=6))
def test_every_sample_is_where_its_time_stamp_says(make_media: MakeMedia, plan: list[tuple[int, int]]) -> None:
    """Runs of (silence before, length) in milliseconds; up to 20 ms may be taken for jitter."""
    runs: list[Run] = []
    expected = np.zeros(0, np.float32)
    for number, (pause, length) in enumerate(plan, start=1):
        pause = pause if pause > 20 else 0
        start = len(expected) // 16 + pause
        runs.append((start / 1000, constant(number / 8, length / 1000)))
        expected = np.concatenate([expected, np.zeros(16 * pause, np.float32), runs[-1][1][0]])
    np.testing.assert_array_equal(samples_of(make_media("a.nut", runs)), expected)


def test_jitter_of_time_stamps_makes_no_holes(make_media: MakeMedia) -> None:
    rng = np.random.default_rng(2)
    runs = [(index * 0.064 + rng.uniform(0, 0.008), constant(0.5, 0.064)) for index in range(20)]
    samples = samples_of(make_media("a.nut", runs))
    first = np.flatnonzero(samples)[0]
    np.testing.assert_array_equal(samples[first:], np.float32(0.5))


def test_drifting_time_stamps_are_followed(make_media: MakeMedia) -> None:
    # A clock that runs 1 % slow: after 10 s the sound must still be within half a frame.
    runs = [(index * 0.064 * 1.01, constant(index / 200, 0.064)) for index in range(156)]
    samples = samples_of(make_media("a.nut", runs))
    start = runs[150][0]
    at = np.flatnonzero(samples == np.float32(150 / 200))
    assert abs(at[0] / SAMPLE_RATE - start) <= 0.02


def test_aac_in_mp4_is_aligned_with_the_picture(make_media: MakeMedia) -> None:
    """The encoder's priming samples are not part of the sound."""
    sound = constant(0, 2, 48_000)
    sound[0, 48_000:52_800] = np.sin(np.arange(4_800) * 0.13)
    samples = samples_of(make_media("a.mp4", [(0, sound)], rate=48_000, codec="aac", picture=(0, 50)))
    onset = np.flatnonzero(np.abs(samples) > 0.3)[0]
    assert abs(onset / SAMPLE_RATE - 1.0) < 0.005


def test_no_audio_track(make_media: MakeMedia) -> None:
    assert read_waveform(make_media("a.mp4", None, picture=(0, 10))) is None


def test_an_empty_audio_track_is_no_sound(make_media: MakeMedia) -> None:
    assert read_waveform(make_media("a.mkv", [], picture=(0, 10))) is None


def test_a_file_that_is_no_media(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a video" * 1000)
    with pytest.raises(BadInput, match=r"a\.mp4: has sound that cannot be decoded"):
        read_waveform(path)


def test_a_file_that_went_away_meanwhile_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a\.mp4: is not there any more\. Run it again"):
        read_waveform(tmp_path / "a.mp4")


def test_a_damaged_track_is_an_error(make_media: MakeMedia) -> None:
    rng = np.random.default_rng(3)
    noise = rng.uniform(-1, 1, (1, 80_000)).astype(np.float32)
    path = make_media("a.mp4", [(0, noise)], rate=48_000, codec="aac", picture=(0, 40))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = rng.bytes(4000)
    path.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be decoded"):
        read_waveform(path)


def test_long_sound_lies_in_a_nameless_file(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(4).uniform(-1, 1, (1, 50_000)).astype(np.float32)
    path = make_media("a.nut", [(0.5, noise)])
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    waveform = read_waveform(path, 3.0, largest_in_memory=100_000)
    assert waveform is not None
    assert isinstance(waveform.samples, np.memmap)
    assert waveform.samples.flags.writeable
    np.testing.assert_array_equal(waveform.samples, samples_of(path, 3.0))
    assert list(folder.iterdir()) == []


def test_no_room_for_long_sound(make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_media("a.nut", [(0, constant(0.5, 3))])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(Unavailable, match=r"gone: has no room for the sound .* TMPDIR"):
        read_waveform(path, largest_in_memory=10_000)
