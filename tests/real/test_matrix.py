"""What encoders write, made and judged: a part of ``support/media/matrix.py``, at least one of each container.

``python -m benchmarks.real.matrix`` judges all of it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from pathlib import Path

import pytest

from support.media.judge import judge
from support.media.matrix import CONTAINERS, Combination, combinations, part

PART = part(64, seed=1)


@pytest.mark.parametrize("one", PART, ids=lambda one: one.name)
def test_is_converted_in_time_or_refused_in_words(tmp_path: Path, one: Combination) -> None:
    assert judge(one, tmp_path) == []


def test_the_matrix_is_large_and_no_file_is_in_it_twice() -> None:
    every = combinations()
    assert len(every) >= 500
    assert len(set(every)) == len(every)


def test_every_value_of_every_axis_is_met_in_its_container() -> None:
    met: dict[str, list[Combination]] = defaultdict(list)
    for one in combinations():
        met[one.container].append(one)
    for name, kind in CONTAINERS.items():
        some = met[name]
        assert {(one.picture, one.sound) for one in some} == set(product(kind.pictures, kind.sounds))
        if len(some) < 40:  # a small container cannot hold every value of six axes
            continue
        assert {one.rate for one in some} == set(kind.rates)
        assert {one.start for one in some} == set(kind.starts)
        assert {one.clock for one in some} == set(kind.clocks)
        assert {one.edits for one in some} == set(kind.edits)
        assert {one.delay for one in some} == {0.0, *kind.delays}
        assert {one.b_frames for one in some} == {0, 2, 3}
