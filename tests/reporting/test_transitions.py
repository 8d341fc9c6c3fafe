"""Gradual transitions in the exports of a report."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

from mediaflow_assets.execution.fanout import Recipe, Record
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.reporting.exports import ExportSource, write_exports
from mediaflow_assets.reporting.sources import Document, VideoSource
from mediaflow_assets.reporting.timeline import build_timeline
from tests.delivery.projects import Project

DISSOLVE = {"cut": 20, "kind": "dissolve", "first": 15, "last": 26, "probability": 0.7}


def source(folder: Path, details: dict[str, object]) -> ExportSource:
    """A video of 50 frames with a cut after the twentieth."""
    project = Project(folder / "home")
    master: Master = project.masters[0]
    recipe = Recipe(stage="scenes", code_version="1", inputs={}, engine="test")
    record = Record(recipe=recipe, outputs={}, details=details, seconds=0.0)
    scenes = Document(project.folders.document("scenes", master.id), "project", "2026-11-21T10:00:00+00:00", record)
    video = VideoSource(master.id, master.source_path, master.source_sha256, master, documents={"scenes": scenes})
    return ExportSource("P", video, build_timeline("P", video))


def test_a_dissolve_is_in_the_timeline_and_in_final_cut(tmp_path: Path) -> None:
    written = write_exports(("otio", "fcpxml"), source(tmp_path, {"transitions": [DISSOLVE]}), tmp_path / "exports")
    picture = otio.adapters.read_from_file(str(written["otio"])).tracks[0]
    (found,) = [item for item in picture if isinstance(item, otio.schema.Transition)]
    assert (found.in_offset.value, found.out_offset.value) == (6, 6)
    assert found.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    (other,) = etree.parse(written["fcpxml"]).iter("transition")
    assert (other.get("offset"), other.get("duration")) == ("14/25s", "12/25s")


@pytest.mark.parametrize("details", [{}, {"transitions": [DISSOLVE | {"kind": "cut", "first": 20, "last": 20}]}])
def test_cuts_and_scenes_of_earlier_versions_have_none(tmp_path: Path, details: dict[str, object]) -> None:
    written = write_exports(("otio", "fcpxml"), source(tmp_path, details), tmp_path / "exports")
    assert b"Transition" not in written["otio"].read_bytes()
    assert b"<transition" not in written["fcpxml"].read_bytes()
