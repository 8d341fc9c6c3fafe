"""Reduced documents are the golden ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.reduce import reduce_audio, reduce_tracking

Golden = Callable[[str], list[dict[str, Any]]]


def test_tracking(golden: Golden, tmp_path: Path) -> None:
    source, target = tmp_path / "full.json", tmp_path / "reduced.json"
    for case in golden("reduce_video_json"):
        source.write_text(json.dumps(case["input"]))
        reduce_tracking(source, target, len(case["output"]["frames_analysis"]))
        assert json.loads(target.read_bytes()) == case["output"]


def test_audio(golden: Golden, tmp_path: Path) -> None:
    source, target = tmp_path / "full.json", tmp_path / "reduced.json"
    for case in golden("reduce_audio_json"):
        source.write_text(json.dumps(case["input"]))
        if "error" in case["output"]:
            with pytest.raises(BadInput):
                reduce_audio(source, target, 1)
            continue
        reduce_audio(source, target, len(case["output"]["frames_analysis"]))
        assert json.loads(target.read_bytes()) == case["output"]


def test_a_reduced_document_is_not_reduced_again(tmp_path: Path) -> None:
    reduced = tmp_path / "reduced.json"
    reduced.write_text('{"frames_analysis": [{"frame": 1, "tracked_objects": []}]}')
    with pytest.raises(BadInput, match="frames"):
        reduce_tracking(reduced, tmp_path / "again.json", 1)
    assert not (tmp_path / "again.json").exists()


@pytest.mark.parametrize(
    "document",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"frames": [{"frame": 1, "tracked_objects": []}',
        '{"frames": [{"frame": 1, "tracked_objects": []}]}',
        '{"frames": [{"frame": 1, "tracked_objects": 5}, {"frame": 2, "tracked_objects": []}]}',
        '{"frames": [1, 2]}',
    ],
)
def test_anything_else_is_an_error_and_leaves_nothing(tmp_path: Path, document: str) -> None:
    """Of a video with two frames; the replaced application wrote an empty document over the full one."""
    source, target = tmp_path / "full.json", tmp_path / "reduced.json"
    source.write_text(document)
    with pytest.raises(BadInput):
        reduce_tracking(source, target, 2)
    assert source.read_text() == document
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full.json"]


def test_reducing_again_gives_the_same_file(golden: Golden, tmp_path: Path) -> None:
    case = golden("reduce_video_json")[0]
    source = tmp_path / "full.json"
    source.write_text(json.dumps(case["input"]))
    written = []
    for name in ("one.json", "two.json"):
        reduce_tracking(source, tmp_path / name, len(case["output"]["frames_analysis"]))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert json.loads(source.read_text()) == case["input"]
