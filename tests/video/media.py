"""Videos of known truth, made frame by frame."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.video.ffmpeg import ffmpeg_binary

SIZE = (96, 64)
LEVELS = (40, 200, 90, 150, 60, 220, 120, 180)
"""Grey of the shots, in turn."""
CLOCK = Fraction(1, 180_000)
"""Ticks in which every usual rate is exact."""


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([ffmpeg_binary(), "-v", "error", "-y", *map(str, arguments)], check=True)


def times_at(rate: Fraction, frames: int) -> list[Fraction]:
    return [Fraction(frame) / rate for frame in range(frames)]


def write_shots(path: Path, times: Sequence[Fraction], starts: Sequence[int], rate: Fraction) -> Path:
    """Grey pictures at ``times`` that change their grey at the frames ``starts``; lossless H.264."""
    width, height = SIZE
    with av.open(str(path), "w") as container:
        options = {"qp": "0", "preset": "ultrafast", "bf": "0"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = CLOCK
        shot = 0
        for number, time in enumerate(times):
            shot += number in starts
            picture = np.full((height, width, 3), LEVELS[shot % len(LEVELS)], np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(time / CLOCK), CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def first_frames(path: Path) -> tuple[list[int], int]:
    """Where the grey of a video changes (frames from 0), and its number of frames."""
    means = [float(picture.mean()) for picture in pictures(path)]
    return [number for number in range(1, len(means)) if abs(means[number] - means[number - 1]) > 15], len(means)


def pictures(path: Path) -> Iterable[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray")


def stamps(path: Path) -> list[Fraction]:
    """Times of the pictures in their order."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def loudness(path: Path, rate: int = 8000) -> NDArray[np.float32]:
    """Absolute samples of the first sound track on the file's own clock, from 0 s."""
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0"]
    raw = subprocess.run([*command, "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"], check=True, capture_output=True)
    return np.abs(np.frombuffer(raw.stdout, np.float32))


def beeps(path: Path, rate: int = 8000) -> list[float]:
    """Seconds at which sound begins after silence."""
    blocks = rate // 200
    loud = loudness(path, rate)
    level = loud[: len(loud) // blocks * blocks].reshape(-1, blocks).max(axis=1) > 0.05
    return [float(index) / 200 for index in np.flatnonzero(level & ~np.roll(level, 1))]


def nullsoft_video(path: Path, frames: int) -> Path:
    """An NSV file at 25 fps as its encoder writes it: no sound, and the sync header before each picture."""
    source = path.with_suffix(".m4v")
    made = ("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25", "-frames:v", str(frames))
    ffmpeg(*made, "-c:v", "mpeg4", "-bf", "0", source)
    with av.open(str(source), format="m4v") as container:
        packets = [bytes(packet) for packet in container.demux(video=0)]
    coded = [packet for packet in packets if b"\0\0\1\xb6" in packet]  # not the end of the sequence
    sync = b"NSVsXVIDNONE" + struct.pack("<HHBh", 176, 144, 25, 0)
    body = b"".join(sync + (len(picture) << 4).to_bytes(3, "little") + b"\0\0" + picture for picture in coded)
    size = 28
    header = b"NSVf" + struct.pack("<6I", size, size + len(body), frames * 40, 0, 0, 0)
    path.write_bytes(header + body)
    return path
