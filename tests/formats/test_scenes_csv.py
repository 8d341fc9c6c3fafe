"""The scenes CSV, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes, write_scenes


def test_the_contracts_example_to_the_byte(tmp_path: Path) -> None:
    path = write_scenes(tmp_path / "v.csv", [Scene(1, 750), Scene(751, 1500)])
    assert path.read_bytes() == (
        b"No,Timecode In,Timecode Out,Frame In,Frame Out\r\n"
        b"1,00:00:00.000,00:00:29.960,1,750\r\n"
        b"2,00:00:30.000,00:00:59.960,751,1500\r\n"
    )


@given(st.lists(st.integers(1, 500), min_size=1, max_size=50))
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, lengths: list[int]) -> None:
    scenes, first = [], 1
    for length in lengths:
        scenes.append(Scene(first, first + length - 1))
        first += length
    path = tmp_path_factory.mktemp("csv") / "v.csv"
    assert read_scenes(write_scenes(path, scenes)) == scenes


@pytest.mark.parametrize(
    "scenes", [[], [Scene(2, 5)], [Scene(1, 5), Scene(7, 9)], [Scene(1, 0)], [Scene(1, 5), Scene(5, 9)]]
)
def test_what_is_not_contiguous_is_not_written(tmp_path: Path, scenes: list[Scene]) -> None:
    with pytest.raises(BadInput):
        write_scenes(tmp_path / "v.csv", scenes)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "No,Frame In\r\n1,1\r\n", "Frame In,Frame Out\r\n1,x\r\n", "\xff"])
def test_another_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=r"other\.csv"):
        read_scenes(path)
