from __future__ import annotations

import io
from fractions import Fraction
from itertools import groupby, pairwise

import av
import numpy as np
import pytest

from mediaflow_assets.sample.camera import draw_film
from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import B_ROLL, SILENT, Film, Shot


def _short(film: Film, **changes: object) -> Film:
    shots = tuple(Shot(12, shot.backdrop, shot.actors) for shot in film.shots[:2])
    return film._replace(shots=shots, **changes)


def test_the_same_film_gives_the_same_bytes() -> None:
    film = _short(B_ROLL)
    assert encode_film(film) == encode_film(film)


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_rate_and_frames_are_exact(rate: Fraction) -> None:
    with av.open(io.BytesIO(encode_film(_short(SILENT, rate=rate)))) as container:
        stream = container.streams.video[0]
        times = [frame.pts * frame.time_base for frame in container.decode(stream)]
    assert stream.average_rate == rate
    assert times[0] == 0
    assert [after - before for before, after in pairwise(times)] == [1 / rate] * 23


def test_pictures_stay_crisp() -> None:
    film = _short(SILENT)
    with av.open(io.BytesIO(encode_film(film))) as container:
        decoded = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    for seen, drawn in zip(decoded, draw_film(film), strict=True):
        assert _psnr(seen, drawn) > 30


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_sound_lasts_as_long_as_the_picture_and_lies_beside_it_in_the_file() -> None:
    film = _short(B_ROLL)
    with av.open(io.BytesIO(encode_film(film))) as container:
        audio, video = container.streams.audio[0], container.streams.video[0]
        assert float(audio.duration * audio.time_base) == pytest.approx(float(film.frames / film.rate), abs=0.03)
        order = [packet.stream.type for packet in container.demux(audio, video) if packet.size]
    runs = [len(list(run)) for _, run in groupby(order)]
    assert max(runs) <= 8
