"""Exports of videos that are longer than another program allows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mediaflow_assets.formats.timeline_json import Timeline, VideoFacts
from mediaflow_assets.reporting.exports import ExportSource, after_effects
from tests.reporting.test_exports import run_script


@pytest.mark.parametrize(("minutes", "parts"), [(180, 1), (241, 2)])
def test_after_effects_gets_a_longer_video_in_parts(tmp_path: Path, minutes: int, parts: int) -> None:
    frames = minutes * 1500
    video = SimpleNamespace(stem="long", delivered=Path("/films/long.mp4"), documents={})
    source = SimpleNamespace(
        timeline=Timeline(metadata=VideoFacts(width=1280, height=720)),
        video=video,
        file_name="long.mp4",
        total_frames=frames,
        scenes=[(1, 1000), (1001, frames - 10), (frames - 9, frames)],
        speakers={"SPEAKER_00": [(1, 50), (frames - 9, frames)], "SPEAKER_01": [(frames - 9, frames)]},
        faces={},
        reframings=[],
        cues=[],
        names={},
    )
    seen = run_script(after_effects.write(cast(ExportSource, source), tmp_path / "long"), exists="/films/long.mp4")
    comps = seen["all"]
    assert len(comps) == parts
    assert [comp["about"][4] <= 10_800 for comp in comps] == [True] * parts
    assert sum(comp["about"][4] for comp in comps) == pytest.approx(frames / 25)
    # The second scene is in both parts, the last turns are in the second alone.
    assert sum(len(comp["markerProperty"]["keys"]) for comp in comps) == 3 + (parts - 1)
    nulls = [[layer["name"] for layer in comp["all"] if layer["kind"] == "null"] for comp in comps]
    assert nulls[-1] == ["SPEAKER_01", "SPEAKER_00"], "a new layer is above the others"
    assert nulls[0] == (["SPEAKER_00"] if parts == 2 else nulls[-1])
    last = comps[-1]["all"][0]["markers"]["keys"][-1]
    assert last[0] == pytest.approx(comps[-1]["about"][4] - 0.4)
