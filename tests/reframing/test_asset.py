"""The asset as Dagster runs it, on a project with made documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.assets import finalized_project as finalized
from mediaflow_assets.assets import reframe_json as reframed
from mediaflow_assets.delivery.readiness import reframed_documents
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.formats.reframe_json import read_reframing, write_reframing
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace
from tests.delivery.projects import FRAMES, Project
from tests.reframing.films import write_film

CHECKS = [
    reframed.reframe_keys_valid,
    reframed.every_video_is_reframed,
    reframed.reframe_faces_in_frame,
    reframed.reframe_speaker_in_frame,
    reframed.reframe_calm,
    reframed.reframe_enlargement,
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        for _ in range(FRAMES):
            yield np.full((360, 640, 3), 120, np.uint8)

    film = write_film(tmp_path / "film.mp4", pictures())
    made = Project(tmp_path / "home", videos=["a.mov", "b.mov"], film=film)
    write_document(made.folders.downloads / "received.json", Received(file=made.archive.name, sha256="0" * 64, bytes=7))
    return made


def materialize(project: Project, stages: list[Any], **settings: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        return dg.materialize(
            stages,
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            run_config={"ops": {"reframe_json": {"config": {"settings": settings}}}},
            raise_on_error=False,
        )


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


def test_documents_are_made_checked_and_delivered(project: Project) -> None:
    stages = [reframed.reframe_json, *CHECKS, finalized.finalized_project]
    result = materialize(project, stages, REFRAME_ASPECTS="9:16,1:1")
    assert result.success
    passed = checks(result)
    assert passed.pop("reframe_enlargement") is False, "360 lines are enlarged more than five times"
    assert all(passed.values()), passed
    docs = project.home / "output" / project.key / "docs"
    for name in ("a_reframe_9x16.json", "a_reframe_1x1.json", "b_reframe_9x16.json"):
        assert read_reframing(docs / name).total_frames == FRAMES
    document = read_reframing(docs / "a_reframe_9x16.json")
    assert document.inputs.keys() == {"scenes", "audio", "tracking"}
    assert document.segments[0].speakers == ("SPEAKER_00",)
    (event,) = result.asset_materializations_for_node("reframe_json")
    assert event.metadata["made"].value == 2


def test_what_is_unchanged_is_used_again_and_a_setting_makes_it_anew(project: Project) -> None:
    def made(**settings: str) -> object:
        (event,) = materialize(project, [reframed.reframe_json], **settings).asset_materializations_for_node(
            "reframe_json"
        )
        return event.metadata["made"].value

    assert [made(), made(), made(REFRAME_STYLE="calm")] == [2, 0, 2]


def test_none_switches_it_off_and_nothing_is_delivered(project: Project) -> None:
    assert materialize(project, [reframed.reframe_json]).success
    result = materialize(project, [reframed.reframe_json, finalized.finalized_project], REFRAME_ASPECTS="none")
    assert result.success
    assert not list((project.home / "output" / project.key / "docs").glob("*_reframe_*"))


def test_without_tracking_nothing_is_made_and_the_rest_is_delivered(project: Project) -> None:
    for record in (project.folders.tracking / ".records").glob("*"):
        record.unlink()
    result = materialize(project, [reframed.reframe_json, finalized.finalized_project])
    assert result.success
    docs = project.home / "output" / project.key / "docs"
    assert (docs / "a.csv").is_file()
    assert not list(docs.glob("*_reframe_*"))


def test_a_document_that_breaks_its_contract_stops_the_delivery(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    from mediaflow_assets.reframing import reframe as module

    really = write_reframing

    def broken(path: Path, document: Any) -> Path:
        return really(path, msgspec.structs.replace(document, keyframes=document.keyframes[1:]))

    monkeypatch.setattr(module, "write_reframing", broken)
    result = materialize(project, [reframed.reframe_json, *CHECKS, finalized.finalized_project])
    assert not result.success
    assert checks(result)["reframe_keys_valid"] is False
    assert not (project.home / "output" / project.key).exists()


def test_a_preview_is_for_the_report_and_a_full_video_is_delivered(project: Project) -> None:
    stages = [reframed.reframe_json, finalized.finalized_project]
    docs = project.home / "output" / project.key / "docs"
    assert materialize(project, stages, REFRAME_VIDEO="preview", REFRAME_ASPECTS="1:1").success
    assert not (docs / "a_reframe_1x1.mp4").exists()
    source = project_source(project.layout, project.store, project.key).video("a.mov")
    assert (source.reframings.keys(), source.previews.keys()) == ({"1x1"}, {"1x1"})
    assert materialize(project, stages, REFRAME_VIDEO="full", REFRAME_ASPECTS="1:1").success
    assert (docs / "a_reframe_1x1.mp4").is_file()


def test_tracking_made_anew_leaves_no_old_re_framing(project: Project) -> None:
    materialize(project, [reframed.reframe_json])
    (master, *_) = project.masters
    assert reframed_documents(project.folders, master)
    project.analyse(master, "tracking", label="SPEAKER_07")
    assert not reframed_documents(project.folders, master)
