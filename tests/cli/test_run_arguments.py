"""What ``mediaflow run`` is told: names of projects, and what is to be made anew; wrong words are said at once."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from mediaflow_assets.cli import app
from mediaflow_assets.cli.local_run import LocalRunner
from mediaflow_assets.cli.run import AGAIN
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.definitions import defs
from tests.delivery.projects import Project


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["run", *arguments])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What the runner is asked for; it does nothing."""
    calls: list[tuple[object, ...]] = []

    def note(self: LocalRunner, what: str, *arguments: object, last: bool) -> None:
        calls.append((self._registered(what).project, arguments[2]))  # who it is, and what is made anew
        raise BadInput("x", "nothing is run here")

    monkeypatch.setattr(LocalRunner, "run", note)
    return calls


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "home", videos=["a.mov", "b.mov"])


@pytest.mark.parametrize("name", ["13", "13 camille", "CAMILLE"])
def test_a_project_is_found_by_what_people_call_it(
    project: Project, asked: list[tuple[object, ...]], name: str
) -> None:
    run(name)
    assert asked == [(project.key, {})]


def test_stages_and_videos_are_made_anew(project: Project, asked: list[tuple[object, ...]]) -> None:
    run("13", "--again", "tracking_json")
    run("13", "--again", "tracking_json", "--video", "b.mov")
    run("13", "--video", "b.mov")
    run("13", "--force")
    assert [anew for _, anew in asked] == [
        {"tracking_json": ["*"]},
        {"tracking_json": ["b.mov"]},
        {stage: ["b.mov"] for stage in AGAIN},
        {stage: ["*"] for stage in AGAIN},
    ]


def test_the_stages_that_can_be_told_so_have_the_field() -> None:
    job = defs().resolve_job_def("process_project")
    told = {"ops": {stage: {"config": {"again": ["b.mov"]}} for stage in AGAIN}}
    assert dg.validate_run_config(job, told)


@pytest.mark.parametrize(
    "arguments",
    [
        ["13", "--again", "finalized_project"],
        ["nobody"],
        ["nobody", "neither"],
        ["13", "13", "--video", "a.mov"],
    ],
)
def test_wrong_words_are_wrong_usage(project: Project, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_two_projects_of_one_name_are_named(project: Project) -> None:
    Project(project.home, key="13_Camille_2026-12-01_10-00-00", name="13 Camille", content="2")
    refused = run("camille")
    assert "fits 2 projects" in str(refused.exception)
