"""Edit lists: parts of the media, one after the other, as editors on phones write them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.edit_lists import read_shifts
from mediaflow_assets.video.settings import VideoSettings
from tests.video.media import ffmpeg, loudness

Part = tuple[float, float]
"""Start in the media and length, seconds."""


def write_seconds(path: Path, rate: int) -> Path:
    """Ten seconds with a flash and a beep at each full second; B-frames, a keyframe every two seconds."""
    flash = (
        f"color=black:s=96x64:r={rate}:d=10,geq=lum='if(lt(mod(N,{rate}),{max(rate // 12, 1)}),235,16)':cb=128:cr=128"
    )
    beep = "aevalsrc='0.5*sin(6283*t)*lt(mod(t,1),0.08)':s=48000:d=10"
    encoder = ("-c:v", "libx264", "-preset", "fast", "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *encoder, path)
    return path


@pytest.fixture(scope="module")
def every_second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_seconds(tmp_path_factory.mktemp("edits") / "v.mp4", 25)


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        yield kind, content[place + 8 : place + size]
        place += size


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def edited(path: Path, target: Path, parts: Sequence[Part]) -> Path:
    """The same media with another edit list; ``moov`` is last, so nothing that it points to moves."""
    rebuilt = b""
    for kind, content in boxes(path.read_bytes()):
        body = content
        if kind == b"moov":
            scale = struct.unpack_from(">I", dict(boxes(content))[b"mvhd"], 12)[0]
            length = round(sum(length for _, length in parts) * scale)
            body = b"".join(box(*_moved(name, inner, parts, scale, length)) for name, inner in boxes(content))
        rebuilt += box(kind, body)
    target.write_bytes(rebuilt)
    return target


def _moved(kind: bytes, content: bytes, parts: Sequence[Part], scale: int, length: int) -> tuple[bytes, bytes]:
    if kind == b"mvhd":
        return kind, content[:16] + struct.pack(">I", length) + content[20:]
    if kind != b"trak":
        return kind, content
    media = struct.unpack_from(">I", dict(boxes(dict(boxes(content))[b"mdia"]))[b"mdhd"], 12)[0]
    rebuilt = b""
    for name, inner in boxes(content):
        body = inner
        if name == b"tkhd":
            body = inner[:20] + struct.pack(">I", length) + inner[24:]
        if name == b"edts":
            # What the encoder put before the first picture and sample stays before them.
            base = struct.unpack_from(">i", dict(boxes(inner))[b"elst"], 12)[0]
            entries = [
                struct.pack(">IiHH", round(lasts * scale), base + round(start * media), 1, 0) for start, lasts in parts
            ]
            body = box(b"elst", struct.pack(">II", 0, len(entries)) + b"".join(entries))
        rebuilt += box(name, body)
    return kind, rebuilt


def flashes(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        light = [frame.to_ndarray(format="gray").mean() > 100 for frame in container.decode(video=0)]
    return [number / 25 for number in range(1, len(light)) if light[number] and not light[number - 1]]


def beeps(path: Path) -> list[float]:
    """Beginnings of sound after 0.2 s of silence, to 1 ms."""
    loud = loudness(path, 48000)
    blocks = loud[: len(loud) // 48 * 48].reshape(-1, 48).max(axis=1) > 0.1
    times = np.flatnonzero(blocks)
    return [float(time) / 1000 for time, before in zip(times, [-1000, *times], strict=False) if time - before > 200]


def expected(parts: Sequence[Part]) -> list[float]:
    found, start = [], 0.0
    for media, length in parts:
        found += [start + second - media for second in range(11) if media + 0.05 < second < media + length - 0.1]
        start += length
    return found


PARTS: dict[str, list[Part]] = {
    "two": [(1.2, 3.0), (7.3, 2.4)],
    "in packets' midst": [(0.515, 1.33), (3.711, 0.9), (5.43, 1.77)],
    "six": [(0.5, 1.12), (2.3, 1.0), (3.6, 1.0), (4.7, 0.9), (6.1, 1.3), (8.33, 1.07)],
    "backwards": [(6.4, 1.5), (2.4, 1.5), (4.4, 1.5)],
}


@pytest.mark.parametrize("name", PARTS)
def test_picture_and_sound_stay_together_through_edits(every_second: Path, tmp_path: Path, name: str) -> None:
    parts = PARTS[name]
    source = edited(every_second, tmp_path / "v.mp4", parts)
    target = tmp_path / "out" / "v.mp4"
    made = convert(source, target, VideoSettings())
    wanted = expected(parts)
    # The first picture that begins within the list is time 0, and pictures lie on a grid of 40 ms.
    assert flashes(target) == pytest.approx(wanted, abs=0.0401)
    assert beeps(target) == pytest.approx(wanted, abs=0.03)
    assert beeps(target) == pytest.approx(flashes(target), abs=0.03)
    assert abs(made.total_frames / 25 - sum(length for _, length in parts)) <= 0.041
    assert made.missing_seconds == 0
    assert "edit list of several edits" in made.notes


def test_a_single_edit_is_what_ffmpeg_makes_of_it(every_second: Path, tmp_path: Path) -> None:
    assert read_shifts(edited(every_second, tmp_path / "v.mp4", [(1.0, 3.0)]), 0, 1) == {}


@pytest.mark.parametrize(("rate", "start"), [(10, 1.025), (10, 4.035), (25, 1.025), (25, 3.5)])
def test_a_trim_between_two_pictures_moves_neither(tmp_path: Path, rate: int, start: float) -> None:
    """FFmpeg starts such a clip with its first whole picture, and its sound with the edit."""
    whole = write_seconds(tmp_path / "whole.mp4", rate)
    ffmpeg("-ss", str(start), "-i", whole, "-c", "copy", tmp_path / "v.mp4")
    target = tmp_path / "out" / "v.mp4"
    made = convert(tmp_path / "v.mp4", target, VideoSettings())
    if rate == 25:
        assert made.audio == "copied"
    assert not [note for note in made.notes if "sound" in note]
    heard = [beep for beep in beeps(target) if beep > 0.2]
    assert heard == pytest.approx([flash for flash in flashes(target) if flash > 0.2], abs=0.0215)


@given(st.binary(max_size=300))
def test_damaged_headers_are_no_edit_lists(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mp4"
    path.write_bytes(box(b"moov", box(b"mvhd", bytes(20)) + box(b"trak", content)))
    assert read_shifts(path, 0, 1) == {}
