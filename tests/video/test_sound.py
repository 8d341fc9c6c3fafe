"""Sound of conversions: stamps that tremble, tracks that cannot be used, layouts, edits."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mediaflow_assets.video.convert import Conversion, convert
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.sound_choice import listen
from support.video.sound_comparison import Comparison, compare, decoded, first_stamp
from tests.video.media import beeps, ffmpeg

PICTURE = (
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=96x64:r=25:d=6",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
)
SWEEP = "aevalsrc='0.3*sin(2*PI*(300*t+60*t*t))':s=48000:d=6"
"""Its frequency is another in every window, so a lag cannot be mistaken for one of another period."""


def converted(path: Path, folder: Path) -> tuple[Path, Conversion]:
    target = folder / "out" / "v.mp4"
    return target, convert(path, target, VideoSettings())


def made(folder: Path, *sound: str | Path, suffix: str = "mkv") -> Path:
    """A picture of 6 s and the sound of ffmpeg arguments."""
    path = folder / f"made.{suffix}"
    ffmpeg(*PICTURE[:4], *sound, "-map", "0:v", *PICTURE[4:], path)
    return path


def sweep(folder: Path, codec: str, *options: str) -> Path:
    return made(folder, "-f", "lavfi", "-i", SWEEP, "-map", "1:a", "-c:a", codec, *options)


def restamped(path: Path, late: Callable[[int, float], float | None]) -> Path:
    """The same packets with other stamps of their sound.

    Args:
        late: seconds to add, of the number of a packet and its time; None leaves it out.
    """
    target = path.with_name("restamped.mkv")
    # What decoding times say is of no interest, but muxers want them in order and before the others.
    options = {"avoid_negative_ts": "disabled"}
    with av.open(str(path)) as source, av.open(str(target), "w", options=options) as container:
        streams = {one.index: container.add_stream_from_template(one) for one in source.streams}
        number = 0
        for packet in source.demux():
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            if packet.stream.type == "audio":
                more = late(number, float(packet.pts * packet.time_base))
                number += 1
                if more is None:
                    continue
                packet.dts = packet.pts - round(5 / packet.time_base)
                packet.pts += round(more / packet.time_base)
            packet.stream = streams[packet.stream_index]
            container.mux(packet)
    return target


def measured(source: Path, master: Path, start: float | None = None) -> Comparison:
    return compare(decoded(source), decoded(master), first_stamp(source) if start is None else start)


def clean(found: Comparison, lag: float = 5.0) -> None:
    assert len(found.noise) > 30
    assert found.noise.max() <= -20
    assert found.lag.std() < 0.5
    assert abs(np.median(found.lag)) < lag


def browser(amount: float) -> Callable[[int, float], float]:
    """Packets that arrive up to ``amount`` seconds late."""
    chance = random.Random(7)  # noqa: S311 - a test's
    return lambda _number, _time: round(chance.uniform(0, amount), 3)


JITTERS: dict[str, Callable[[int, float], float | None]] = {
    "up to 10 ms": browser(0.010),
    "up to 30 ms": browser(0.030),
    "up to 60 ms": browser(0.060),
    "a step of 18 ms": lambda _number, time: 0.018 if time > 2 else 0.0,
    "10 ms to and fro": lambda number, _time: 0.010 * (number // 7 % 2),
}


@pytest.mark.parametrize(
    ("codec", "jitter"),
    [*(("libopus", jitter) for jitter in JITTERS), ("libvorbis", "up to 30 ms"), ("flac", "up to 10 ms")],
)
def test_stamps_that_tremble_make_neither_hole_nor_warble(tmp_path: Path, codec: str, jitter: str) -> None:
    source = restamped(sweep(tmp_path, codec), JITTERS[jitter])
    target, _ = converted(source, tmp_path)
    # The truth: sound that was made with the picture.
    clean(measured(source, target, 0.0), lag=20)


def test_stamps_of_the_ends_of_blocks_do_not_wobble(tmp_path: Path) -> None:
    """Clicks make Vorbis change the length of its blocks; in many WebM files each is stamped with its end."""
    clicks = "aevalsrc='0.3*sin(2*PI*(300*t+60*t*t))*(0.2+0.8*lt(mod(t,0.5),0.1))':s=44100:d=6"
    path = made(tmp_path, "-f", "lavfi", "-i", clicks, "-map", "1:a", "-c:a", "libvorbis")
    with av.open(str(path)) as container:
        lengths = [frame.samples / frame.sample_rate for frame in container.decode(audio=0)]
    assert len(set(lengths)) > 2
    ends = [*lengths, lengths[-1], lengths[-1]]
    source = restamped(path, lambda number, _time: ends[max(number - 1, 0)])
    target, _ = converted(source, tmp_path)
    clean(measured(source, target))


@pytest.mark.parametrize("jitter", [0.0, 0.010])
def test_a_real_gap_stays_one(tmp_path: Path, jitter: float) -> None:
    """Two seconds of sound, a hole of 0.7 s, sound again: with and without trembling stamps."""
    shake = browser(jitter)
    whole = sweep(tmp_path, "libopus")
    source = restamped(whole, lambda number, time: None if 2 <= time < 2.7 else shake(number, time))
    target, _ = converted(source, tmp_path)
    before, after = decoded(whole), decoded(target)
    hole = after[round(2.1 * 48000) : round(2.6 * 48000)]
    assert np.abs(hole).max() < 0.01
    for found in (compare(before[: round(1.9 * 48000)], after, 0.0), compare(before[round(2.8 * 48000) :], after, 2.8)):
        assert len(found.noise) > 10
        assert found.noise.max() <= -20
        assert np.abs(found.lag).max() < 20


def test_a_clock_that_runs_differently_is_followed_through_trembling_stamps(tmp_path: Path) -> None:
    """30 s of beeps on a clock that is 0.5 % slow: the last beep would be 0.14 s early."""
    sound = "aevalsrc='0.4*sin(6283*t)*lt(mod(t,2),0.1)':s=48000:d=30"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=31")
    path = tmp_path / "made.mkv"
    ffmpeg(*picture, "-f", "lavfi", "-i", sound, "-map", "0", "-map", "1", *PICTURE[4:], "-c:a", "libopus", path)
    shake = browser(0.010)
    source = restamped(path, lambda number, time: time * 0.005 + shake(number, time))
    target, _ = converted(source, tmp_path)
    assert beeps(target)[1:] == pytest.approx([2.01 * number for number in range(1, 15)], abs=0.02)


@pytest.mark.parametrize("start", [0.013, 0.4])
def test_trembling_sound_that_starts_late_is_padded(tmp_path: Path, start: float) -> None:
    shake = browser(0.005)
    source = restamped(sweep(tmp_path, "libopus"), lambda number, time: start + (shake(number, time) if number else 0))
    target, _ = converted(source, tmp_path)
    clean(measured(source, target, start))


def scrambled(path: Path, first: int) -> Path:
    """The same file, whose sound packets are noise from ``first`` on."""
    target = path.with_name(f"scrambled{path.suffix}")
    chance = random.Random(3)  # noqa: S311 - a test's
    with av.open(str(path)) as source, av.open(str(target), "w") as container:
        streams = {one.index: container.add_stream_from_template(one) for one in source.streams}
        number = 0
        for packet in source.demux():
            if packet.dts is None:
                continue
            copy = packet
            if packet.stream.type == "audio" and (number := number + 1) > first:
                copy = av.Packet(b"\x80\x80" + chance.randbytes(max(packet.size - 2, 8)))
                copy.pts, copy.dts, copy.time_base, copy.duration = (
                    packet.pts,
                    packet.dts,
                    packet.time_base,
                    packet.duration,
                )
            copy.stream = streams[packet.stream_index]
            container.mux(copy)
    return target


def test_sound_that_cannot_be_decoded_is_left_out_and_said(tmp_path: Path) -> None:
    path = made(tmp_path, "-f", "lavfi", "-i", SWEEP, "-map", "1:a", "-c:a", "aac", suffix="mp4")
    _, result = converted(scrambled(path, 0), tmp_path)
    assert (result.total_frames, result.has_audio, result.audio) == (150, False, "none")
    assert "sound left out: it cannot be decoded" in result.notes


def test_encrypted_sound_is_known_as_such(tmp_path: Path) -> None:
    path, key = tmp_path / "v.mp4", "76a6c65c5ea762046bd749a2e632ccbb"
    protect = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
    ffmpeg("-f", "lavfi", "-i", SWEEP, "-c:a", "aac", *protect, path)
    assert listen(path, 0, to_the_end=False) == "encrypted"


def two_tracks(folder: Path, first: str, second: str) -> Path:
    sources = (
        "-f",
        "lavfi",
        "-i",
        f"aevalsrc='{first}':s=48000:d=6",
        "-f",
        "lavfi",
        "-i",
        f"aevalsrc='{second}':s=48000:d=6",
    )
    return made(folder, *sources, "-map", "1:a", "-map", "2:a", "-c:a", "pcm_s16le", suffix="mov")


BEEP = "0.5*sin(2500*t)*between(t,2,2.5)"


@pytest.mark.parametrize(
    ("first", "second", "heard", "note"),
    [
        ("0", BEEP, [2.0], "nothing is heard in audio track 1"),
        ("0.0005*sin(300*t)", BEEP, [2.0], "nothing is heard in audio track 1"),
        (BEEP, "0.4*sin(300*t)", [2.0], "audio track 1 is used"),
        ("0", "0", [], "audio track 1 is used"),
    ],
)
def test_a_first_track_without_signal_gives_way(
    tmp_path: Path, first: str, second: str, heard: list[float], note: str
) -> None:
    target, result = converted(two_tracks(tmp_path, first, second), tmp_path)
    assert beeps(target) == pytest.approx(heard, abs=0.02)
    assert note in result.notes


LAYOUTS = [
    "mono",
    "stereo",
    "2.1",
    "3.0",
    "4.0",
    "quad",
    "5.0(side)",
    "5.1(side)",
    "6.1",
    "7.1",
    "hexagonal",
    "octagonal",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_channel_layout_is_kept_or_mixed_down(tmp_path: Path, layout: str) -> None:
    form = f"aformat=channel_layouts={layout}"
    path = made(tmp_path, "-f", "lavfi", "-i", SWEEP, "-map", "1:a", "-af", form, "-c:a", "pcm_s16le", suffix="mov")
    target, result = converted(path, tmp_path)
    assert result.audio == "encoded"
    assert np.abs(decoded(target)).max() > 0.02


@pytest.mark.parametrize("channels", [3, 9, 11, 16])
def test_any_number_of_channels_is_kept_or_mixed_down(tmp_path: Path, channels: int) -> None:
    tone = "|".join(["0.2*sin(2500*t)"] * channels)
    path = made(tmp_path, "-f", "lavfi", "-i", f"aevalsrc='{tone}':s=48000:d=6", "-map", "1:a", "-c:a", "pcm_s16le")
    target, _ = converted(path, tmp_path)
    assert np.abs(decoded(target)).max() > 0.02


def test_ambisonic_sound_is_mixed_down(tmp_path: Path) -> None:
    """W and Y in phase: heard from the left."""
    tones = f"{BEEP}|{BEEP}|0|0"
    family = ("-c:a", "libopus", "-mapping_family", "2", "-b:a", "256k")
    source = f"aevalsrc='{tones}':s=48000:d=6:c=ambisonic 1"
    path = made(tmp_path, "-f", "lavfi", "-i", source, "-map", "1:a", *family)
    target, _ = converted(path, tmp_path)
    assert beeps(target) == pytest.approx([2.0], abs=0.02)
    with av.open(str(target)) as container:
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    left, right = np.abs(samples).max(axis=1)
    assert left > 0.4
    assert right < left / 10


def test_sound_that_overlaps_itself_is_said(tmp_path: Path) -> None:
    source = restamped(sweep(tmp_path, "pcm_s16le"), lambda _number, time: -1.5 if time > 3 else 0.0)
    _, result = converted(source, tmp_path)
    assert "time stamps of the sound go back: 1.500 s of it overlap and are left out" in result.notes


def test_sound_that_begins_after_the_last_picture_is_left_out(tmp_path: Path) -> None:
    source = restamped(sweep(tmp_path, "libopus"), lambda _number, _time: 7200.0)
    _, result = converted(source, tmp_path)
    assert (result.total_frames, result.has_audio, result.missing_seconds) == (150, False, 0)
    assert "no sound: it begins after the last picture" in result.notes


@pytest.mark.parametrize("start", [Fraction("1.009"), Fraction("2.5")])
def test_a_trimmed_clip_is_copied_without_a_false_note(tmp_path: Path, start: Fraction) -> None:
    """Cameras and phones trim by an edit list: what comes before it is in the file, and not played."""
    path = made(
        tmp_path, "-f", "lavfi", "-i", f"aevalsrc='{BEEP}':s=48000:d=6", "-map", "1:a", "-c:a", "aac", suffix="mp4"
    )
    ffmpeg("-ss", str(float(start)), "-i", path, "-c", "copy", tmp_path / "trimmed.mp4")
    target, result = converted(tmp_path / "trimmed.mp4", tmp_path)
    assert result.audio == "copied"
    assert not [note for note in result.notes if "sound" in note]
    if start < 2:
        # The first picture that begins within the edit, up to 40 ms later, is time 0 of both.
        assert beeps(target)[0] == pytest.approx(float(2 - start), abs=0.045)
