"""Damaged media and archives: nothing but our own errors; ``python -m benchmarks.real_fuzz`` tries thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.real_fuzz import tried
from support.media.damage import DAMAGES, archives, films

SEEDS = ["mp4 h264 aac usual", "mkv h264 opus usual", "avi mjpeg pcm_s16le usual", "ts mpeg2video mp2 usual"]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    folder = tmp_path_factory.mktemp("seeds")
    media = films(folder / "films", SEEDS)
    return media, archives(folder / "archives", media[0])[::3]


@pytest.mark.timeout(600)
def test_nothing_but_our_own_errors(tmp_path: Path, seeds: tuple[list[Path], list[Path]]) -> None:
    media, packed = seeds
    numbers = range(len(DAMAGES) * (len(media) + len(packed)))
    assert len(numbers) >= 40
    rows = list(tried(media, packed, numbers, tmp_path))
    assert {row.damage for row in rows} == set(DAMAGES)
    assert [row for row in rows if row.wrong] == []


def test_the_seeds_are_sound(tmp_path: Path, seeds: tuple[list[Path], list[Path]]) -> None:
    media, packed = seeds
    whole = {"whole": lambda data, other, chance: data}
    outcomes = [row.outcome for row in tried(media, packed, range(len(media) + len(packed)), tmp_path, whole)]
    assert outcomes == ["converted"] * len(media) + ["extracted"] * len(packed)
