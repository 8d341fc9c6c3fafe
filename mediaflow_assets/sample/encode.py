"""Encodes a film as H.264 with AAC sound, in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

import av
import numpy as np

from mediaflow_assets.sample.camera import draw_film
from mediaflow_assets.sample.sound import Track, record
from mediaflow_assets.sample.storyboard import HEIGHT, WIDTH, Film

_X264 = {"crf": "18", "preset": "veryfast", "threads": "2"}
"""The number of threads is fixed because x264's output depends on it."""
_AAC_RATE = 48000
"""Cameras record at 48 kHz."""
_AAC_BITS = 128_000


def encode_film(film: Film) -> bytes:
    """The film as an MP4 or MOV file, whichever its path's suffix says."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=PurePosixPath(film.path).suffix.removeprefix(".")) as container:
        video = container.add_stream("libx264", rate=film.rate, options=_X264)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=_AAC_RATE, layout="stereo", bit_rate=_AAC_BITS) if film.sound else None
        pieces = _pieces(record(film.sound, float(film.frames / film.rate)), film) if film.sound else None
        for index, picture in enumerate(draw_film(film)):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, 1 / film.rate
            container.mux(video.encode(frame))
            if audio is not None and pieces is not None:
                container.mux(audio.encode(next(pieces)))
        container.mux(video.encode(None))
        if audio is not None:
            container.mux(audio.encode(None))
    return buffer.getvalue()


def _pieces(track: Track, film: Film) -> Iterator[av.AudioFrame]:
    """The track in one piece per source frame, so that sound and picture interleave in the file."""
    edges = [round(index * track.rate / film.rate) for index in range(film.frames + 1)]
    for start, end in pairwise(edges):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(track.samples[None, start:end]), "s16", "mono")
        frame.sample_rate, frame.pts = track.rate, start
        yield frame
