"""Frame-by-frame documents: streamed out, streamed in, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.json_stream import read_frames, read_head, read_typed_frames, write_frames

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


class Item(msgspec.Struct):
    frame: int
    note: str = ""


@given(st.lists(st.builds(Item, st.integers(0, 10**9), st.text()), max_size=5))
def test_lines_and_any_other_layout_give_the_same_structs(
    tmp_path_factory: pytest.TempPathFactory, items: list[Item]
) -> None:
    folder = tmp_path_factory.mktemp("json")
    write_frames(folder / "lines.json", {"frames ": 1, "head": "}"}, "frames", items, expected=len(items))
    document = {"metadata": {"frames": []}, "frames": msgspec.to_builtins(items)}
    (folder / "indented.json").write_text(json.dumps(document, indent=2))
    (folder / "one line.json").write_text(json.dumps(document))
    for path in folder.iterdir():
        assert list(read_typed_frames(path, "frames", Item)) == items, path.name


def test_no_truncation_of_a_document_goes_unnoticed(tmp_path: Path) -> None:
    whole = tmp_path / "whole.json"
    write_frames(whole, {"metadata": {}}, "frames", [Item(1), Item(2)], expected=2)
    content = whole.read_bytes()
    broken = tmp_path / "broken.json"
    for length in range(len(content) - len(b"]}\n")):
        broken.write_bytes(content[:length])
        with pytest.raises(BadInput, match=r"broken\.json"):
            list(read_typed_frames(broken, "frames", Item))


def test_a_frame_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    write_frames(path, {}, "frames", [Item(1), {"frame": "two"}], expected=2)
    with pytest.raises(BadInput, match="frame 2 is not what it should be"):
        list(read_typed_frames(path, "frames", Item))


@pytest.mark.parametrize("text", ["", "{", '{"frames": [1, 2', '{"other": []}', "[]"])
def test_what_is_not_complete_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"broken\.json"):
        list(read_frames(path, "frames"))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Materialize"):
        list(read_frames(tmp_path / "absent.json", "frames"))
