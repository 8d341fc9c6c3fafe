"""Rendered re-framings: the right part of the picture, without trembling, with its sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reframing.playback import crops_of
from mediaflow_assets.reframing.render import render, target_of
from mediaflow_assets.video.decode import rgb_frames
from support.drawn_documents import Drawn, during, planned, still
from tests.reframing.films import write_film

WIDTH, HEIGHT, LENGTH = 640, 360, 100


def _ruler() -> NDArray[np.uint8]:
    """A picture whose red says the column and whose green says the row."""
    column, row = np.meshgrid(np.linspace(30, 225, WIDTH), np.linspace(30, 225, HEIGHT))
    return np.stack([column, row, np.full_like(row, 128)], axis=2).astype(np.uint8)


def _film(path: Path, length: int = LENGTH, *, tone: bool = True) -> Path:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        for _ in range(length):
            yield _ruler()

    return write_film(path, pictures(), tone=tone)


def _moving() -> Drawn:
    return Drawn("obj_1", lambda frame: 150 + 3.0 * frame, size=50, y=180)


def test_each_frame_shows_its_crop(tmp_path: Path) -> None:
    document = planned([_moving()], LENGTH, size=(WIDTH, HEIGHT))
    film = render(_film(tmp_path / "film.mp4"), document, tmp_path / "out.mp4")
    size = target_of(document, "preview")
    crops = crops_of(document)
    frames = list(rgb_frames(film))
    assert len(frames) == LENGTH
    assert frames[0].shape == (size.height, size.width, 3)
    middle = slice(size.height // 2 - 40, size.height // 2 + 40), slice(size.width // 2 - 40, size.width // 2 + 40)
    for index in range(0, LENGTH, 7):
        red, green = (float(frames[index][*middle, channel].mean()) for channel in (0, 1))
        x, y, width, height = crops[index]
        assert (red - 30) / 195 * WIDTH == pytest.approx(x + width / 2, abs=12), index
        assert (green - 30) / 195 * HEIGHT == pytest.approx(y + height / 2, abs=12), index


def test_a_slow_pan_does_not_tremble(tmp_path: Path) -> None:
    edge = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    edge[:, 300:] = 210
    film = write_film(tmp_path / "film.mp4", (edge for _ in range(LENGTH)))
    document = planned([Drawn("obj_1", lambda frame: 200 + 1.6 * frame, size=50, y=180)], LENGTH, size=(WIDTH, HEIGHT))
    crops = crops_of(document)
    moving = np.flatnonzero(np.abs(np.diff(crops[:, 0])) > 0)
    assert len(moving) > 20
    rendered = render(film, document, tmp_path / "out.mp4")
    places = []
    for frame in rgb_frames(rendered):
        row = frame[frame.shape[0] // 2, :, 1].astype(float)
        left = int(np.argmax(row > 125))
        places.append(left - (row[left] - 125) / max(row[left] - row[left - 1], 1.0))
    scale = target_of(document, "preview").width / crops[:, 2]
    wanted = (300 - crops[:, 0]) * scale
    error = np.array(places) - wanted
    assert np.std(error[moving[0] : moving[-1]]) < 0.35


def test_sound_is_copied(tmp_path: Path) -> None:
    film = _film(tmp_path / "film.mp4")
    render(film, planned([_moving()], LENGTH, size=(WIDTH, HEIGHT)), tmp_path / "out.mp4")

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert packets(tmp_path / "out.mp4") == packets(film)


def test_a_split_screen_shows_one_above_the_other(tmp_path: Path) -> None:
    one = Drawn("obj_1", still(100), lambda frame: frame // 25 % 2 == 0, size=40, y=180)
    other = Drawn("obj_2", still(540), lambda frame: frame // 25 % 2 == 1, size=40, y=180)
    document = planned([one, other], LENGTH, size=(WIDTH, HEIGHT), split="auto")
    assert document.panels
    film = render(_film(tmp_path / "film.mp4", tone=False), document, tmp_path / "out.mp4")
    frame = list(rgb_frames(film))[document.panels[0].first]
    half = frame.shape[0] // 2
    upper, lower = frame[half // 2, frame.shape[1] // 2, 0], frame[half + half // 2, frame.shape[1] // 2, 0]
    assert int(lower) - int(upper) > 40


def test_what_is_fitted_is_whole_on_a_ground(tmp_path: Path) -> None:
    people = [Drawn("obj_1", still(100), size=40, y=180), Drawn("obj_2", still(540), size=40, y=180)]
    document = planned(people, LENGTH, size=(WIDTH, HEIGHT), too_wide="fit")
    assert {segment.layout for segment in document.segments} == {"fit"}
    film = render(_film(tmp_path / "film.mp4", tone=False), document, tmp_path / "out.mp4")
    frame = next(rgb_frames(film))
    middle = frame[frame.shape[0] // 2, :, 0].astype(int)
    assert middle[5] < 45 and middle[-5] > 210
    assert 10 < frame[20].mean() < 160


def test_another_video_is_refused(tmp_path: Path) -> None:
    document = planned([Drawn("obj_1", still(300), during((1, 9)))], LENGTH, size=(WIDTH, HEIGHT))
    with pytest.raises(BadInput, match="100 frames"):
        render(_film(tmp_path / "film.mp4", LENGTH - 1, tone=False), document, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
