"""Frame-by-frame documents: streamed out, streamed in, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.json_stream import read_frames, read_head, write_frames

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(min_size=1).filter(lambda key: key != "frames"), values, max_size=4),
    st.lists(values, max_size=5),
)
def test_what_is_written_is_plain_json_and_streams_back(
    tmp_path_factory: pytest.TempPathFactory, head: dict[str, Any], frames: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("json") / "d.json"
    write_frames(path, head, "frames", iter(frames), expected=len(frames))
    assert json.loads(path.read_bytes()) == {**head, "frames": frames}
    assert list(read_frames(path, "frames")) == frames
    assert read_head(path, "frames") == head


def test_indented_documents_of_others_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "legacy.json"
    path.write_text(json.dumps({"metadata": {"fps": 25}, "frames": [{"frame": 1}]}, indent=2))
    assert list(read_frames(path, "frames")) == [{"frame": 1}]
    assert read_head(path, "frames") == {"metadata": {"fps": 25}}


def test_a_wrong_number_of_frames_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="2 frames instead of 3"):
        write_frames(tmp_path / "d.json", {}, "frames", [1, 2], expected=3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", '{"frames": [1, 2', '{"other": []}', "[]"])
def test_what_is_not_complete_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"broken\.json"):
        list(read_frames(path, "frames"))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Materialize"):
        list(read_frames(tmp_path / "absent.json", "frames"))
