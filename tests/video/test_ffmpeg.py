"""Running ffmpeg: progress, its last words, its silence."""

from __future__ import annotations

import os
import re
from pathlib import Path

import ffmpeg
import pytest

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.video import ffmpeg as runner

PATTERN = "testsrc2=s=64x64:r=25:d=2"


def to_null(**options: object) -> object:
    return ffmpeg.output(ffmpeg.input(PATTERN, format="lavfi"), "-", format="null", **options)


def test_the_binary_has_what_the_conversion_needs() -> None:
    binary = runner.ffmpeg_binary()
    assert runner.able(binary)
    assert "libx264" in runner.encoders(binary)
    assert runner.version(binary)[0] in "n123456789"


def test_progress_is_the_time_that_was_written() -> None:
    seen: list[float] = []
    words = runner.run(to_null(), on_progress=seen.append, stall_seconds=30)
    assert words.lines == 0
    assert seen[-1] == pytest.approx(2, abs=0.05)


def test_a_failure_ends_with_the_reason_of_ffmpeg(tmp_path: Path) -> None:
    graph = ffmpeg.output(ffmpeg.input(str(tmp_path / "missing.mp4")), "-", format="null")
    with pytest.raises(runner.GaveUp, match=r"^ffmpeg: gave up \(Error opening input: No such file or directory\)"):
        runner.run(graph, stall_seconds=30)


def test_names_are_never_seen_by_a_shell(tmp_path: Path) -> None:
    target = tmp_path / "a $(touch owned) 'b' ; c.mkv"
    runner.run(ffmpeg.output(ffmpeg.input(PATTERN, format="lavfi"), str(target)), stall_seconds=30)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_an_ffmpeg_that_stands_still_is_stopped(tmp_path: Path) -> None:
    """It waits for ever to read from a pipe to which nobody writes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    graph = ffmpeg.output(ffmpeg.input(str(pipe), format="rawvideo", s="64x64"), "-", format="null")
    try:
        with pytest.raises(Interrupted, match="made no progress for 1 s and was stopped"):
            runner.run(graph, stall_seconds=1)
    finally:
        os.close(writer)


def test_blocks_are_whole() -> None:
    size = 64 * 64 * 3
    graph = ffmpeg.output(ffmpeg.input(PATTERN, format="lavfi"), "pipe:1", format="rawvideo", pix_fmt="rgb24")
    assert [len(block) for block in runner.read_blocks(graph, size, stall_seconds=30)] == [size] * 50
    with pytest.raises(Interrupted, match="did not decode everything"):
        list(runner.read_blocks(graph, size * 40, stall_seconds=30))


def test_whoever_stops_reading_stops_ffmpeg() -> None:
    endless = ffmpeg.output(ffmpeg.input("testsrc2=s=64x64", format="lavfi"), "pipe:1", format="rawvideo")
    blocks = runner.read_blocks(endless, 4096, stall_seconds=30)
    next(blocks)
    blocks.close()  # returns only after the process has ended


def test_words_have_neither_folders_nor_numbers() -> None:
    words = runner.StderrLog()
    for line in (
        "[in#0 @ 0x55d6c0329d00] Error opening input: File exists",
        "Error opening input file /home/x/.1a2b.part/v.mov.",
        "[vist#0:0/h264 @ 0x56] [dec:h264 @ 0x57] Decode error rate 1 exceeds maximum 0.666667",
        "[vist#0:0/h264] Task finished with error code: -1145393733 (Error number -1145393733 occurred)",
        "[vost#0:0/libx264] Terminating thread with return code -22 (Invalid argument)",
    ):
        words.hear(line)
    assert words.reason == "Decode error rate 1 exceeds maximum 0.666667"
    assert not re.search(r"0x|/home|11453|-22", str(words))


@pytest.mark.parametrize("script", ["exit 127", "echo nothing", None])
def test_a_broken_ffmpeg_of_the_system_gives_way_to_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text(f"#!/bin/sh\n{script}\n" if script else "no program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(runner, "ffmpeg_binary", runner.ffmpeg_binary.__wrapped__)
    assert not runner.able(str(broken))
    assert runner.ffmpeg_binary() != str(broken)
    assert runner.able(runner.ffmpeg_binary())


@pytest.mark.parametrize(
    ("line", "about_the_picture"),
    [
        ("[eac3 @ 0x55] frame sync error", False),
        ("[aist#0:1/eac3 @ 0x55] [dec:eac3 @ 0x56] Error submitting packet to decoder", False),
        ("[in#0/mpegts @ 0x55] corrupt input packet in stream 1", False),
        ("[in#0/mpegts @ 0x55] corrupt input packet in stream 0", True),
        ("[mpegts @ 0x55] Packet corrupt (stream = 0, dts = 12).", True),
        ("[h264 @ 0x55] error while decoding MB 3 4", True),
        ("[matroska,webm @ 0x55] Element exceeds containing master element", True),
    ],
)
def test_only_what_may_be_about_the_picture_is_a_complaint(line: str, about_the_picture: bool) -> None:
    words = runner.StderrLog()
    words.hear(line)
    assert words.complain(0, "eac3") is about_the_picture
