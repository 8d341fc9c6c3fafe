"""A backfill of several projects in one run, asked for on the command line and done by a real daemon."""

from __future__ import annotations

import zipfile
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.formats.manifest import Masters, read_document
from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import SILENT
from support.installation import Installation
from support.servers import dagster_dev, wait_for

pytestmark = pytest.mark.slow

NAMES = ["30 Camille", "31 Camille", "32 Camille"]


@pytest.fixture
def three_projects(installation: Installation, tmp_path: Path) -> Installation:
    """An installation in which three small projects are done."""
    film = encode_film(SILENT)
    archives = []
    for name in NAMES:
        archives.append(tmp_path / f"{name}.zip")
        with zipfile.ZipFile(archives[-1], "w") as package:
            package.writestr(f"{name}.mov", film)
            package.writestr("note.txt", name)
    done = installation.mediaflow("run", *archives)
    assert done.returncode == 0, done.stdout + done.stderr
    return installation


def threshold(installation: Installation, key: str) -> float:
    """With which the scenes of a project's only video were found."""
    folders = installation.project(key)
    (video,) = read_document(folders.video / "manifest.json", Masters).videos
    record = load_record(folders.scenes, video.id)
    assert record is not None
    return float(record.recipe.parameters["threshold"])


def test_one_run_for_all_and_a_failing_project_does_not_spoil_the_others(three_projects: Installation) -> None:
    one_run = {"BACKFILL_PROJECTS_PER_RUN": "0"}
    keys = three_projects.projects
    assert len(keys) == len(NAMES)
    with dagster_dev(three_projects, **one_run), three_projects.instance() as instance:
        before = {run.run_id for run in instance.get_runs()}

        def ask(*arguments: str) -> dg.DagsterRun:
            asked = three_projects.mediaflow("backfill", "--all", "--from", "scenes_csv", *arguments, **one_run)
            assert asked.returncode == 0, asked.stderr

            def done() -> list[dg.DagsterRun]:
                return [run for run in instance.get_runs() if run.run_id not in before and run.is_finished]

            wait_for("the run", done)
            (run,) = done()
            before.add(run.run_id)
            return run

        run = ask("--set", "SCENES_THRESHOLD=0.45")
        assert run.status == dg.DagsterRunStatus.SUCCESS
        for stage in ("scenes_csv", "reduced_json", "project_report"):
            made = instance.fetch_materializations(dg.AssetKey(stage), limit=3).records
            assert {record.run_id for record in made} == {run.run_id}
            assert sorted(str(record.partition_key) for record in made) == keys
        assert [threshold(three_projects, key) for key in keys] == [0.45, 0.45, 0.45]

        (three_projects.project(keys[1]).video / "manifest.json").unlink()
        run = ask("--set", "SCENES_THRESHOLD=0.55")
        assert run.status == dg.DagsterRunStatus.FAILURE
        made = instance.fetch_materializations(dg.AssetKey("scenes_csv"), limit=2).records
        assert {record.run_id for record in made} == {run.run_id}
        assert sorted(str(record.partition_key) for record in made) == [keys[0], keys[2]]
        status = three_projects.project(keys[1]).downloads / "status.json"
        wait_for("the alert", lambda: status.exists() and "1 of 3 projects failed" in status.read_text())
