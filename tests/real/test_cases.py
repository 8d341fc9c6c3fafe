"""Inputs that were once refused, cut short or spoiled, made again by ``recipes``."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from scipy.signal import correlate

from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.video.convert import Conversion, convert
from mediaflow_assets.video.probe import is_video, probe
from support.media.flashes import shown
from support.media.judge import SETTINGS
from tests.real import recipes
from tests.video.media import pictures


def converted(source: Path) -> tuple[Path, Conversion]:
    target = source.parent / "out" / "master.mp4"
    return target, convert(source, target, SETTINGS)


def refusal(source: Path) -> str:
    with pytest.raises(MediaflowError) as caught:
        convert(source, source.parent / "out" / "master.mp4", SETTINGS)
    return caught.value.sentence


def notes(made: Conversion) -> str:
    return "; ".join(made.notes)


def test_a_start_that_is_no_whole_number_of_microseconds(tmp_path: Path) -> None:
    target, made = converted(recipes.ntsc_without_edit_list(tmp_path))
    frames, flashes, _ = shown(target)
    assert (frames, flashes) == (200, pytest.approx([2.0, 4.0, 6.0]))
    assert made.missing_seconds == 0


@pytest.mark.parametrize("ticks", [1, 2, 4, 7, 9])
def test_a_transport_stream_that_starts_anywhere(tmp_path: Path, ticks: int) -> None:
    _, made = converted(recipes.stream_that_starts_at(tmp_path, ticks))
    assert made.total_frames == 50
    assert made.missing_seconds == 0
    assert "damaged" not in notes(made)


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_picture_in_an_unknown_code(tmp_path: Path, suffix: str) -> None:
    source = recipes.picture_in_an_unknown_code(tmp_path, suffix)
    with pytest.raises(BadInput, match="coded as 'xxxx'") as caught:
        probe(source)
    assert caught.value.sentence.startswith(f"unknown.{suffix}: ")


def test_a_warning_about_the_sound_damages_no_picture(tmp_path: Path) -> None:
    _, made = converted(recipes.asf_that_interleaves_its_sound(tmp_path))
    assert made.missing_seconds == 0
    assert made.total_frames == 200


def test_a_bare_stream_of_mpeg_1(tmp_path: Path) -> None:
    _, made = converted(recipes.mpeg1_elementary_stream(tmp_path))
    assert (made.total_frames, made.missing_seconds) == (19, 0)
    assert "damaged" not in notes(made)


@pytest.mark.parametrize(
    "recipe",
    [recipes.fragments_cut_in_half, recipes.fast_start_cut_at_a_sample, recipes.sample_sizes_that_are_damaged],
    ids=lambda recipe: recipe.__name__,
)
def test_what_was_cut_is_refused_or_delivered_with_what_is_missing(tmp_path: Path, recipe: recipes.Recipe) -> None:
    source = recipe(tmp_path)
    sentence = refusal(source)
    assert sentence.startswith(f"{source.name}: ")
    assert "states 4.08 s" in sentence
    tolerant = SETTINGS.model_copy(update={"missing_limit": 1.0})
    made = convert(source, tmp_path / "out" / "master.mp4", tolerant)
    assert made.missing_seconds == pytest.approx(4.08 - made.total_frames / 25, abs=0.1)
    assert "missing" in notes(made)


def test_a_sentence_names_the_file_that_was_sent(tmp_path: Path) -> None:
    source = recipes.offsets_that_are_damaged(tmp_path)
    try:
        _, made = converted(source)
    except MediaflowError as error:
        assert error.sentence.startswith("offsets.mp4: ")
        assert ".part" not in error.sentence
    else:
        assert made.missing_seconds > 0


def test_a_picture_of_196_days(tmp_path: Path) -> None:
    sentence = refusal(recipes.a_picture_of_196_days(tmp_path))
    assert sentence.startswith("days.mp4: ")


def test_a_gap_of_three_hours(tmp_path: Path) -> None:
    source = recipes.gap_of_three_hours(tmp_path)
    try:
        _, made = converted(source)
    except MediaflowError as error:
        assert error.sentence.startswith("gap.mp4: ")
    else:
        assert made.total_frames < 25 * 3600
        assert made.missing_seconds > 0


@pytest.mark.parametrize("first", [0.04, 1.0, 2.0])
def test_interlaced_wherever_it_begins(tmp_path: Path, first: float) -> None:
    target, made = converted(recipes.progressive_then_interlaced(tmp_path, first))
    assert "interlaced" in notes(made)
    assert combed(target, begin=round(first * 25) + 10) < 0.65


def combed(path: Path, begin: int) -> float:
    """Difference of neighbouring rows over that of rows two apart: near 1 and above for two fields in a picture."""
    rows = [picture.astype(np.float32) for picture in list(pictures(path))[begin:]]
    near = np.mean([np.abs(np.diff(picture, axis=0)).mean() for picture in rows])
    return float(near / np.mean([np.abs(picture[2:] - picture[:-2]).mean() for picture in rows]))


def test_sound_packets_that_come_late_make_no_hole(tmp_path: Path) -> None:
    target, _ = converted(recipes.sound_that_comes_late(tmp_path))
    tone = sound_of(target, 8000)[8000:72000]
    blocks = np.abs(tone).reshape(-1, 80).max(axis=1)
    assert blocks.min() > 0.5 * np.median(blocks)
    assert noise_beside(tone, 440, 8000) < -35


def test_stamps_that_jump_do_not_warble(tmp_path: Path) -> None:
    source = recipes.sound_whose_stamps_jump(tmp_path)
    target, _ = converted(source)
    before, after = sound_of(source, 16000), sound_of(target, 16000)
    lags = []
    for begin in range(8000, 112000, 8000):
        window, around = before[begin : begin + 2000], after[begin - 400 : begin + 2400]
        products = correlate(around, window, mode="valid", method="fft")
        at = int(np.argmax(products))
        likeness = products[at] / (np.linalg.norm(window) * np.linalg.norm(around[at : at + 2000]))
        assert likeness > 0.99
        lags.append((at - 400) / 16)
    assert np.std(lags) < 0.5
    assert abs(np.mean(lags)) < 5


def sound_of(path: Path, rate: int) -> np.ndarray:
    """Samples of the first sound track as they decode, from its first on."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    with av.open(str(path)) as container:
        blocks = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(blocks)


def noise_beside(samples: np.ndarray, tone: float, rate: int) -> float:
    """Power of everything but a tone, decibels below it."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate)
    near = np.abs(frequencies - tone) < 5
    return float(10 * np.log10(spectrum[~near].sum() / spectrum[near].sum()))


def test_two_edits_keep_picture_and_sound_together(tmp_path: Path) -> None:
    target, _ = converted(recipes.two_edits(tmp_path))
    frames, flashes, beeps = shown(target)
    assert frames == 175
    assert flashes == pytest.approx([1.0, 2.0, 4.0, 6.0], abs=0.001)
    assert beeps == pytest.approx([1.0, 2.0, 4.0, 6.0], abs=0.02)


def test_a_timecode_track_comes_first(tmp_path: Path) -> None:
    _, made = converted(recipes.timecode_first(tmp_path))
    assert (made.total_frames, made.has_audio) == (100, True)


def test_ambisonic_sound_is_kept(tmp_path: Path) -> None:
    target, made = converted(recipes.ambisonic_sound(tmp_path))
    assert (made.total_frames, made.has_audio) == (50, True)
    assert np.abs(sound_of(target, 8000)).max() > 0.05


def test_sound_that_cannot_be_decoded_costs_no_picture(tmp_path: Path) -> None:
    _, made = converted(recipes.sound_that_cannot_be_decoded(tmp_path))
    assert (made.total_frames, made.has_audio) == (50, False)
    assert "sound" in notes(made)


def test_a_picture_shorter_than_its_sound_is_said_or_held(tmp_path: Path) -> None:
    source = recipes.picture_shorter_than_sound(tmp_path)
    _, made = converted(source)
    assert made.total_frames == 100
    assert "8.01 s before the sound" in notes(made)
    held = SETTINGS.model_copy(update={"shorter_than_sound": "hold"})
    made = convert(source, tmp_path / "held" / "master.mp4", held)
    assert made.total_frames == pytest.approx(300, abs=1)


def test_a_silent_first_track_gives_way(tmp_path: Path) -> None:
    target, made = converted(recipes.first_track_silent(tmp_path))
    assert shown(target)[2] == pytest.approx([1.0, 3.0], abs=0.02)
    assert "nothing is heard in audio track 1" in notes(made)


@pytest.mark.parametrize("suffix", ["avif", "heic"])
def test_a_photograph_is_no_video(tmp_path: Path, suffix: str) -> None:
    assert not is_video(recipes.still_picture(tmp_path, suffix))


@pytest.mark.parametrize("suffix", ["m4a", "mp4", "mov"])
def test_sound_alone_is_no_video(tmp_path: Path, suffix: str) -> None:
    assert not is_video(recipes.sound_only(tmp_path, suffix))


def test_a_program_in_typescript_is_no_video(tmp_path: Path) -> None:
    source = tmp_path / "app.ts"
    source.write_text("export const rate: number = 25;\n" * 40)
    assert not is_video(source)
