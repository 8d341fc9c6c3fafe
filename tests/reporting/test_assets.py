"""Delivery and reports as Dagster shows them: links, paths, checks, the monthly schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mediaflow_assets.assets import finalized_project as finalized
from mediaflow_assets.assets import project_report as reporting
from mediaflow_assets.assets.monthly_report import monthly_report
from mediaflow_assets.definitions import defs
from mediaflow_assets.delivery.finalize import Finalized
from mediaflow_assets.execution.failures import VideoFailure, keep_failure
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.orchestration.dagster_internals import is_waiting
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.report import not_reported
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.schedules import monthly_report_schedule
from tests.delivery.projects import Project

STAGES = [
    finalized.finalized_project,
    finalized.delivery_is_complete,
    finalized.names_are_exact,
    reporting.project_report,
    reporting.every_video_is_reported,
]


def materialize(project: Project, stages: list[Any], **settings: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        config = {"ops": {"finalized_project": {"config": {"settings": settings}}}} if settings else None
        return dg.materialize(
            stages,
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            run_config=config,
            raise_on_error=False,
        )


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, dg.MetadataValue]:
    (event,) = result.asset_materializations_for_node(asset)
    return event.metadata


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


@pytest.fixture
def project(tmp_path: Path, film: Path) -> Project:
    """In the MEDIAFLOW_HOME of the test."""
    made = Project(tmp_path / "home", videos=["a.mov", "b.mov"], film=film)
    write_document(made.folders.downloads / "received.json", Received(file=made.archive.name, sha256="0" * 64, bytes=7))
    return made


def test_the_report_is_linked_with_its_path_beside(project: Project) -> None:
    result = materialize(project, STAGES)
    assert result.success
    assert checks(result) == {
        "delivery_is_complete": True,
        "names_are_exact": True,
        "every_video_is_reported": True,
    }
    facts = metadata(result, "project_report")
    assert facts["link"].value == f"http://127.0.0.1:8099/{project.key}/report.html"
    videos = [
        f"- [{master.source_path[0]}\\.mov]({facts['link'].value.removesuffix('report.html')}{master.id}.html)"
        for master in project.masters
    ]
    assert facts["pages"].value == "\n".join(videos)
    page = Path(str(facts["report"].value))
    assert page == project.folders.reports / "report.html"
    assert page.is_file()
    delivered = metadata(result, "finalized_project")
    assert delivered["folder"].value == str(project.home / "output" / project.key)
    assert delivered["files"].value == 8


def test_a_project_that_was_imported_from_a_folder_is_delivered(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "old" / "13 Camille"
    source.mkdir(parents=True)
    received = Received(file="", sha256="0" * 64, bytes=7, folder=str(source))
    write_document(project.folders.received, received)
    assert materialize(project, STAGES, RETENTION="archive").success
    assert source.is_dir()


def test_a_run_may_change_the_settings_of_delivery(project: Project, tmp_path: Path) -> None:
    result = materialize(project, STAGES, OUTPUT_DIR=str(tmp_path / "elsewhere"), TRACKING_NAME="{stem}.json")
    assert result.success
    assert (tmp_path / "elsewhere" / project.key / "docs/a.json").is_file()


def test_a_project_that_is_not_ready_fails_by_name_and_nothing_is_reported(project: Project) -> None:
    for record in (project.folders.tracking / ".records").glob("v1*"):
        record.unlink()
    result = materialize(project, STAGES, FINALIZE_MODE="strict")
    assert not result.success
    failure = result.failure_data_for_node("finalized_project")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "b.mov (no tracking)" in str(failure.user_failure_data.description)
    assert not project.folders.reports.exists()


def test_a_delivery_that_lost_a_file_stops_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    really = finalized.finalize

    def losing(*arguments: Any) -> Finalized:
        done = really(*arguments)
        (done.delivery.folder / "docs/a.csv").unlink()
        return done

    monkeypatch.setattr(finalized, "finalize", losing)
    result = materialize(project, STAGES)
    assert not result.success
    assert not checks(result)["delivery_is_complete"]
    (check,) = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert check.metadata["missing"].value == "docs/a.csv"
    assert not project.folders.reports.exists()


def test_the_monthly_report(project: Project) -> None:
    job = defs().resolve_job_def("report_month")
    result = job.execute_in_process(partition_key="2026-11-01", resources={"workspace": Workspace()})
    (made,) = result.asset_materializations_for_node("write_monthly_report")
    assert (made.asset_key, made.partition) == (monthly_report.key, "2026-11-01")
    facts = made.metadata
    assert facts["link"].value == "http://127.0.0.1:8099/months/2026-11.html"
    assert (facts["projects"].value, facts["videos"].value) == (1, 2)
    assert (project.layout.reports / "months" / "2026-11.html").is_file()


@pytest.mark.parametrize(("tick", "month"), [((2026, 12, 1), "2026-11-01"), ((2027, 1, 1), "2026-12-01")])
def test_the_schedule_reports_the_month_that_has_ended(tick: tuple[int, int, int], month: str) -> None:
    context = dg.build_schedule_context(scheduled_execution_time=datetime(*tick, 6, tzinfo=UTC))
    request = monthly_report_schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert (request.partition_key, request.run_key) == (month, month)


def test_a_failed_report_fails_its_asset_and_its_check(project: Project) -> None:
    """Also when an earlier report of the video is there."""
    assert materialize(project, STAGES).success
    document = project.folders.tracking / "v0_tracking.json"
    document.write_bytes(document.read_bytes().replace(b'"frame":7,', b'"frame":?,'))
    again = [reporting.project_report, reporting.every_video_is_reported]
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        result = dg.materialize(
            again,
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            run_config={"ops": {"project_report": {"config": {"settings": {"REPORT_LANGUAGE": "en"}}}}},
            raise_on_error=False,
        )
    assert not result.success
    failure = result.failure_data_for_node("project_report")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "1 of 2 videos could not be reported: a.mov: " in str(failure.user_failure_data.description)
    assert (project.folders.reports / "v1.html").is_file()
    source = project_source(project.layout, project.store, project.key)
    assert list(not_reported(project.folders.reports, source)) == ["a.mov"], "what the check goes by"


def test_a_delivery_that_waits_is_reported_by_its_own_step(project: Project) -> None:
    why = VideoFailure(stage="tracking_json", sentence="b.mov: is odd. Ask for it again.", at="")
    keep_failure(project.folders.tracking, "v1", why)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        result = dg.materialize(
            STAGES,
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            raise_on_error=False,
        )
        assert not result.success
        report = instance.get_latest_materialization_event(dg.AssetKey("project_report"))
        assert report is not None
        assert report.asset_materialization is not None
        assert report.asset_materialization.partition == project.key
        assert instance.get_latest_materialization_event(dg.AssetKey("finalized_project")) is None
    failure = result.failure_data_for_node("finalized_project")
    assert failure is not None
    assert is_waiting(failure)
    assert (project.folders.reports / "report.html").is_file()


def test_a_run_may_leave_a_video_out(project: Project) -> None:
    why = VideoFailure(stage="tracking_json", sentence="b.mov: is odd. Ask for it again.", at="")
    keep_failure(project.folders.tracking, "v1", why)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        result = dg.materialize(
            [*STAGES, finalized.nothing_is_left_out],
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            run_config={"ops": {"finalized_project": {"config": {"leave_out": ["b.mov"]}}}},
        )
    assert result.success
    assert "b.mov: is odd" in str(metadata(result, "finalized_project")["left_out"].value)
    assert checks(result)["nothing_is_left_out"] is False
