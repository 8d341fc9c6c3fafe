"""With a real daemon: what people say is in the delivery in the end, whatever was going on when they said it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.reviewed import journal_of, presents
from mediaflow_assets.review.record import record, undo
from mediaflow_assets.review.wishes import NameWish
from support.installation import Installation
from support.servers import dagster_dev, wait_for
from tests.delivery.projects import Project, finalized
from tests.review.test_assets import delivered

pytestmark = pytest.mark.slow
QUICK = {"REVIEW_WAIT": "0", "REFRAME_ASPECTS": "none"}


def a_project(home: Path, number: int) -> Project:
    made = Project(home, videos=[f"film{number}.mov"], key=f"{number}_p_2026-11-21_10-00-00", name=f"{number} p")
    write_document(made.folders.downloads / "received.json", Received(file=made.archive.name, sha256="0" * 64, bytes=7))
    finalized(made)
    return made


def say(project: Project, name: str) -> None:
    (present,) = presents(project.layout, project.store, project.key)
    record(
        journal_of(project.layout, present.video), present, [NameWish(who="obj_1", name=name)], by="camille", via="cli"
    )


def names(project: Project) -> list[Any]:
    found = list((project.home / "output" / project.key / "docs").glob("*_people.json"))
    return [person["name"] for path in found for person in json.loads(path.read_bytes())["people"]]


def runs(instance: dg.DagsterInstance, key: str) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(tags={"dagster/partition": key})))


def test_what_is_said_is_delivered_in_the_end(installation: Installation) -> None:
    first, second, untouched = (a_project(installation.home, number) for number in (1, 2, 3))
    before = delivered(first)
    assert installation.mediaflow("prepare").returncode == 0
    with installation.instance() as instance:
        instance.add_dynamic_partitions(str(projects.name), [first.key, second.key, untouched.key])
    say(second, "said before anything ran")
    with dagster_dev(installation, **QUICK):
        wait_for("what was said before", lambda: names(second) == ["said before anything ran"])
        say(first, "Camille")
        with installation.instance() as instance:
            wait_for("a run of it", lambda: runs(instance, first.key))
        say(first, "Zoé")  # while its run is under way
        wait_for("what was said last", lambda: names(first) == ["Zoé"])
        with installation.instance() as instance:
            wait_for("the end of all runs", lambda: all(run.is_finished for run in instance.get_runs()))
            assert len(runs(instance, first.key)) <= 2
            assert runs(instance, untouched.key) == []
    # Everything stands still, and somebody changes his mind.
    for _ in range(2):
        undo(journal_of(first.layout, first.masters[0].source_sha256), by="camille", via="cli")
    with dagster_dev(installation, **QUICK):
        wait_for("what was there before", lambda: delivered(first) == before)
        with installation.instance() as instance:
            wait_for("the end of all runs", lambda: all(run.is_finished for run in instance.get_runs()))
            every = instance.get_runs()
    assert {run.status for run in every} == {dg.DagsterRunStatus.SUCCESS}
    assert {run.job_name for run in every} == {"apply_corrections"}
    assert len(every) <= 4
