"""Small films made for a test."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.timebase import FPS


def write_film(path: Path, pictures: Iterable[NDArray[np.uint8]], *, tone: bool = False) -> Path:
    """A film at 25 fps of ``(height, width, 3)`` RGB pictures, with a 440 Hz tone on request."""
    with av.open(str(path), "w") as container:
        stream = None
        sound = container.add_stream("aac", rate=48_000) if tone else None
        count = 0
        for picture in pictures:
            if stream is None:
                stream = container.add_stream("libx264", rate=FPS, options={"crf": "10", "preset": "ultrafast"})
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            count += 1
        assert stream is not None
        container.mux(stream.encode())
        if sound is not None:
            time = np.arange(count * 48_000 // FPS) / 48_000
            for start in range(0, len(time), 1024):
                wave = (0.2 * np.sin(2 * np.pi * 440 * time[start : start + 1024])).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(wave[None, :], format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
                container.mux(sound.encode(frame))
            container.mux(sound.encode())
    return path
