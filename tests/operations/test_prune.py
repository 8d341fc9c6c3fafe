"""Pruning: what may go, what stays, and that nothing ever loses its last copy."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.operations.prune import RULES, Pruner
from tests.delivery.projects import Project, finalized

NOW = timedelta(0)
MONTH = timedelta(days=30)


def pruner(project: Project, *rules: str, older_than: timedelta = NOW, busy: tuple[str, ...] = ()) -> Pruner:
    return Pruner(project.layout, project.store, older_than, [rule for rule in RULES if rule in (rules or RULES)], busy)


def delivered(home: Path, videos: tuple[str, ...] = ("a.mov",)) -> Project:
    """A delivered project with a real archive, all of it in an installation of its own."""
    project = Project(home, videos=videos, others=("notes.txt", "sub/still.png"))
    with zipfile.ZipFile(project.archive, "w") as archive:
        for path in sorted(file for file in project.folders.extracted.rglob("*") if file.is_file()):
            archive.write(path, path.relative_to(project.folders.extracted))
    facts = {"sha256": sha256_of(project.archive), "bytes": project.archive.stat().st_size}
    write_document(project.folders.received, Received(file=project.archive.name, **facts))  # type: ignore[arg-type]
    extraction = msgspec.structs.replace(project.extraction, archive_sha256=str(facts["sha256"]))
    write_document(project.folders.extraction, extraction)
    finalized(project)
    return project


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("prune") / "home"
    delivered(home)
    shutil.copytree(home, home.with_name("kept"))
    return home


@pytest.fixture
def project(template: Path) -> Iterator[Project]:
    """The delivered project, as new, at the place that its records name."""
    yield fresh(template)


def fresh(home: Path) -> Project:
    shutil.rmtree(home)
    shutil.copytree(home.with_name("kept"), home)
    found = Project.__new__(Project)
    found.__dict__.update(home=home, key="13_Camille_2026-11-21_10-00-00")
    return found


def output(project: Project) -> Path:
    record = DeliveryRecords(project.layout.state).get(project.key)
    assert record is not None
    return Path(record.folder)


def test_the_work_of_a_delivered_project_goes_and_the_rest_stays(project: Project) -> None:
    before = (
        project.archive.read_bytes(),
        sorted(project.layout.archives.rglob("*")),
        sorted(output(project).rglob("*")),
    )
    plan = pruner(project).plan()
    assert [(item.rule, item.path) for item in plan.doomed] == [("work", project.folders.work)]
    assert plan.bytes == sum(path.stat().st_size for path in project.folders.work.rglob("*") if path.is_file())
    assert project.folders.work.is_dir(), "planning removes nothing"
    assert [item.rule for item in pruner(project).remove().doomed] == ["work"]
    assert not project.folders.work.exists()
    assert (
        project.archive.read_bytes(),
        sorted(project.layout.archives.rglob("*")),
        sorted(output(project).rglob("*")),
    ) == (before)
    assert pruner(project).plan().doomed == []


def test_an_archive_goes_while_all_of_it_is_in_the_work_folder_or_the_delivery(project: Project) -> None:
    (item,) = pruner(project, "archives").remove().doomed
    assert item.path == project.archive
    assert not project.archive.exists()
    assert (project.folders.extracted / "a.mov").exists()
    (kept,) = [kept for kept in pruner(project, "work").remove().kept if kept.rule == "work"]
    assert "the work folder has the only copy" in kept.why
    assert project.folders.work.exists()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda project: damage(project.archive), "is not what was received"),
        (lambda project: project.archive.unlink(), "is not there, and the work folder has the only copy"),
        (lambda project: damage(output(project) / "docs/notes.txt"), "lacks or has changed docs/notes.txt"),
        (lambda project: shutil.rmtree(output(project)), "is not there"),
        (
            lambda project: [path.unlink() for path in project.layout.archives.rglob("*_audio.json")],
            "the analysis store does not have v0_audio.json",
        ),
    ],
)
def test_what_is_missing_or_damaged_keeps_the_work(
    project: Project, spoil: Callable[[Project], object], why: str
) -> None:
    spoil(project)
    plan = pruner(project, "work").remove()
    assert plan.doomed == []
    assert why in plan.kept[0].why
    assert project.folders.work.exists()


def test_a_run_a_young_delivery_and_an_undelivered_project_are_left_alone(project: Project) -> None:
    assert pruner(project, busy=(project.key,)).remove().doomed == []
    assert pruner(project, older_than=MONTH).remove().doomed == []
    shutil.rmtree(project.layout.state / "deliveries")
    assert pruner(project).remove().doomed == []
    assert project.folders.work.exists()


def test_a_download_that_nobody_went_on_with_goes(project: Project) -> None:
    old, young = (project.folders.downloads / f".{name}.zip.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half of it")
    long_ago = time.time() - 40 * 86400
    os.utime(old, (long_ago, long_ago))
    refused = project.folders.downloads / "13_Camille.zip.refused"
    refused.write_bytes(b"what came first")
    os.utime(refused, (long_ago, long_ago))
    assert [item.path for item in pruner(project, "downloads", older_than=MONTH).remove().doomed] == [old]
    assert young.exists()
    assert refused.exists(), "nobody knows whether there is another copy"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def reachable(home: Path) -> set[str]:
    """Contents of all files, and of what is in the archives that can be read."""
    found = set()
    for path in home.rglob("*"):
        if path.is_file():
            found.add(_digest(path.read_bytes()))
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    if archive.testzip() is None:
                        found |= {_digest(archive.read(name)) for name in archive.namelist()}
    return found


def precious(project: Project) -> set[str]:
    """What nobody can make again: the received files and the analyses."""
    files = [path for path in project.folders.extracted.rglob("*") if path.is_file()]
    files += [path for kind in ("scenes", "audio", "tracking") for path in project.folders.analysis(kind).glob("*.*")]
    with zipfile.ZipFile(project.archive) as archive:
        members = {_digest(archive.read(name)) for name in archive.namelist()}
    return members | {_digest(path.read_bytes()) for path in files if path.is_file()}


SPOILED = {
    "no archive": lambda project: project.archive.unlink(),
    "a damaged archive": lambda project: project.archive.write_bytes(b"PK?" * 400),
    "no original": lambda project: (project.folders.extracted / "a.mov").unlink(),
    "a changed original": lambda project: damage(project.folders.extracted / "a.mov"),
    "no note in work": lambda project: (project.folders.extracted / "notes.txt").unlink(),
    "no delivery": lambda project: shutil.rmtree(output(project)),
    "a damaged delivery": lambda project: damage(output(project) / "docs" / "notes.txt"),
    "a delivered file is gone": lambda project: (output(project) / "docs" / "sub" / "still.png").unlink(),
    "an analysis is not stored": lambda project: [p.unlink() for p in project.layout.archives.rglob("*_audio.json")],
    "no manifest": lambda project: project.folders.extraction.unlink(),
}


@settings(max_examples=60)
@given(
    spoiled=st.sets(st.sampled_from(sorted(SPOILED)), max_size=3),
    rounds=st.lists(st.sets(st.sampled_from(RULES), min_size=1), min_size=1, max_size=3),
)
def test_never_the_only_copy_of_anything(template: Path, spoiled: set[str], rounds: list[set[str]]) -> None:
    """Whatever is missing or damaged, and in whatever order the rules are used."""
    project = fresh(template)
    wanted = precious(project)
    # What is gone cannot be damaged after that.
    for name in sorted(spoiled, key=lambda name: (name == "no delivery", name.startswith("no "))):
        SPOILED[name](project)
    before = reachable(project.home) & wanted
    for rules in rounds:
        pruner(project, *rules).remove()
        assert before <= reachable(project.home), (spoiled, rounds)


@pytest.mark.parametrize("spoiled", [None, *sorted(SPOILED)])
@pytest.mark.parametrize("order", [("work", "archives"), ("archives", "work")])
def test_no_single_fault_costs_an_only_copy(template: Path, spoiled: str | None, order: tuple[str, str]) -> None:
    """Each fault alone, which chance does not draw with every rule."""
    project = fresh(template)
    wanted = precious(project)
    if spoiled:
        SPOILED[spoiled](project)
    before = reachable(project.home) & wanted
    for rule in order:
        pruner(project, rule).remove()
        assert before <= reachable(project.home)


def test_the_command_says_first_and_does_it_when_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(project.home))
    said = CliRunner().invoke(app, ["prune", "13", "--older-than", "0"]).output
    assert str(project.folders.work) in said
    assert "can be freed; do it with --remove" in said
    assert project.folders.work.exists()
    said = CliRunner().invoke(app, ["prune", "--older-than", "0", "--rule", "work", "--remove"]).output
    assert f"{project.folders.work} is removed" in said
    assert not project.folders.work.exists()
    wrong = CliRunner().invoke(app, ["prune", "--rule", "everything"])
    assert wrong.exit_code == 2
