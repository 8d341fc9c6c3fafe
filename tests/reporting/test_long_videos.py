"""Exports of videos that are longer than another program allows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mediaflow_assets.reporting.exports import ExportSource, after_effects
from tests.reporting.test_exports import run_script


@pytest.mark.parametrize(("minutes", "left_out"), [(180, 0), (241, 3660)])
def test_after_effects_imports_three_hours_of_a_longer_video_and_says_so(
    tmp_path: Path, minutes: int, left_out: int
) -> None:
    frames = minutes * 1500
    video = SimpleNamespace(stem="long", delivered=Path("/films/long.mp4"), documents={})
    source = SimpleNamespace(
        timeline={"metadata": {"width": 1280, "height": 720}},
        video=video,
        file_name="long.mp4",
        total_frames=frames,
        scenes=[(1, 1000), (1001, frames - 10), (frames - 9, frames)],
        speakers={"SPEAKER_00": [(1, 50), (frames - 9, frames)], "SPEAKER_01": [(frames - 9, frames)]},
        faces={},
    )
    seen = run_script(after_effects.write(cast(ExportSource, source), tmp_path / "long"), exists="/films/long.mp4")
    assert seen["composition"]["about"][4] == 10_800
    assert len(seen["composition"]["markerProperty"]["keys"]) == (2 if left_out else 3)
    assert [layer["kind"] for layer in seen["composition"]["all"]].count("null") == (1 if left_out else 2)
    said = f"the last {left_out} s were not"
    assert [said in text for text in seen["alerts"]] == ([True] if left_out else [])
