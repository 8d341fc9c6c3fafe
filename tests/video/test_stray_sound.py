"""Sound whose last stamp is damaged: it is left out and said, and the silence before it is not made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.timeline import SoundTimes

RATE = 48000


def film(path: Path, stray: float) -> Path:
    """Four seconds of picture and tone, and a tenth of a second of tone at ``stray`` seconds."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 64
        sound = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for number in range(100):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 2 * number, np.uint8), format="rgb24")
            frame.pts = number
            container.mux(picture.encode(frame))
        tone = (9000 * np.sin(np.arange(RATE // 10) * 0.06)).astype(np.int16)[None]
        for start in [*(number / 10 for number in range(40)), stray]:
            block = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            block.sample_rate, block.time_base, block.pts = RATE, Fraction(1, RATE), round(start * RATE)
            container.mux(sound.encode(block))
        for stream in (picture, sound):
            container.mux(stream.encode(None))
    return path


def test_sound_far_after_the_end_is_left_out_and_said(tmp_path: Path) -> None:
    made = convert(film(tmp_path / "v.mkv", 3000.0), tmp_path / "m.mp4", VideoSettings(encoder="libx264"))
    assert made.total_frames == 100
    assert any("is left out" in note and "after the last picture" in note for note in made.notes)
    with av.open(str(tmp_path / "m.mp4")) as master:
        assert float(master.streams.audio[0].duration * master.streams.audio[0].time_base) == pytest.approx(
            4.0, abs=0.1
        )


@pytest.mark.parametrize(("end", "limit"), [(4, None), (60, None), (3000, 4 + 4 + 60)])
def test_only_what_cannot_be_meant_is_out_of_bounds(end: int, limit: int | None, tmp_path: Path) -> None:
    from mediaflow_assets.video.source import read_source
    from mediaflow_assets.video.timeline import read_times

    path = film(tmp_path / "v.mkv", 3.9)
    pictures, _ = read_times(path, read_source(path))
    assert pictures is not None
    times = SoundTimes(Fraction(0), Fraction(4), 0.0, Fraction(0), Fraction(4), Fraction(end))
    assert times.limit(pictures) == limit
