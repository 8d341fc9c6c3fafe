"""Reduced documents are the golden ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediaflow_assets.delivery.reduce import reduce_audio, reduce_tracking
from mediaflow_assets.errors import BadInput

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
