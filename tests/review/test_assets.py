"""Corrections in the graph: what they change in a delivery, and what they leave alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest

from mediaflow_assets.assets import corrections as said
from mediaflow_assets.assets import finalized_project as finalized
from mediaflow_assets.assets import project_report as reporting
from mediaflow_assets.assets import reduced_json as reduced
from mediaflow_assets.assets import reframe_json as reframed
from mediaflow_assets.assets import review_json as reviewed
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.restore import restore_project
from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.restored import corrections_of
from mediaflow_assets.reporting.reviewed import journal_of, presents, review_now
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.record import record, undo
from mediaflow_assets.review.state import fold
from mediaflow_assets.review.wishes import CutWish, LinkWish, NameWish, Wish, WordWish
from tests.delivery.projects import Project

STAGES = [
    said.corrections,
    said.journal_is_whole,
    reviewed.review_json,
    reviewed.corrections_hold,
    reviewed.review_matches_documents,
    reduced.reduced_json,
    reduced.review_is_applied,
    reframed.reframe_json,
    reframed.reframe_keys_valid,
    finalized.finalized_project,
    finalized.delivery_is_complete,
    reporting.project_report,
]
HOSTILE = 'O\'Hara "Zoé" </script> =1+1'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "home", videos=["a.mov", "b.mov"], others=["notes.txt"])
    return received(made)


def received(made: Project) -> Project:
    write_document(made.folders.downloads / "received.json", Received(file=made.archive.name, sha256="0" * 64, bytes=7))
    return made


def apply(project: Project, **settings: str) -> dg.ExecuteInProcessResult:
    config: dict[str, Any] = {"reframe_json": {"config": {"settings": {"REFRAME_ASPECTS": "none"}}}}
    if settings:
        config["finalized_project"] = {"config": {"settings": settings}}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        result = dg.materialize(
            STAGES,
            instance=instance,
            partition_key=project.key,
            resources={"workspace": Workspace()},
            run_config={"ops": config},
        )
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations() if not check.passed} == {}
    return result


def say(project: Project, *wishes: Wish, video: int = 0) -> None:
    present = presents(project.layout, project.store, project.key)[video]
    record(journal_of(project.layout, present.video), present, wishes, by="camille", via="cli")


def take_back(project: Project, video: int = 0) -> None:
    undo(journal_of(project.layout, project.masters[video].source_sha256), by="camille", via="cli")


def delivered(project: Project) -> dict[str, str]:
    docs = project.home / "output" / project.key / "docs"
    return {path.name: sha256_of(path) for path in sorted(docs.rglob("*")) if path.is_file()}


def people(project: Project, name: str = "a") -> list[dict[str, Any]]:
    path = project.home / "output" / project.key / "docs" / f"{name}_people.json"
    found: list[dict[str, Any]] = json.loads(path.read_bytes())["people"]
    return found


def machine(project: Project) -> dict[str, tuple[str, int]]:
    """Content and time of every document and record of the machines."""
    folders = [project.folders.analysis(kind) for kind in ("scenes", "audio", "tracking")] + [project.folders.video]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path): (sha256_of(path), path.stat().st_mtime_ns) for path in files}


def test_without_corrections_nothing_is_there_that_was_not_before(project: Project) -> None:
    result = apply(project)
    assert sorted(delivered(project)) == [
        *("a.csv", "a.mp4", "a_audio.json", "a_tracking.json"),
        *("b.csv", "b.mp4", "b_audio.json", "b_tracking.json", "notes.txt"),
    ]
    assert not project.folders.review.exists()
    kept = load_record(project.folders.reduced, "v0")
    assert kept is not None
    assert set(kept.recipe.inputs) == {"tracking", "audio"}
    (reused,) = result.asset_materializations_for_node("reduced_json")
    assert reused.metadata["reused"].value == 2, "records of before there were corrections are good"
    written = json.loads((project.layout.state / "deliveries" / project.key / "delivery.json").read_bytes())
    assert "review" not in written
    (event,) = result.asset_materializations_for_node("review_json")
    assert event.metadata["state"].value == "nobody corrected anything"


def test_a_name_reaches_the_delivery_and_no_document_of_the_machines_changes(project: Project) -> None:
    apply(project)
    before, untouched = delivered(project), machine(project)
    say(project, NameWish(who="obj_1", name=HOSTILE), LinkWish(voice="SPEAKER_00", face="obj_1"))
    apply(project)
    assert machine(project) == untouched
    after = delivered(project)
    assert {name for name in after if after[name] != before.get(name)} == {"a_people.json"}
    (person,) = people(project)
    assert person == {
        "id": "person-1",
        "name": HOSTILE,
        "faces": ["obj_1"],
        "voices": ["SPEAKER_00"],
        "first": 1,
        "last": 40,
        "frames_seen": 40,
        "frames_speaking": 20,
    }
    page = (project.folders.reports / "v0.html").read_text("utf-8")
    assert HOSTILE not in page
    assert "&lt;/script&gt; =1+1" in page
    exports = project.folders.reports / "exports" / "v0"
    script = next(exports.glob("*.jsx")).read_text("ascii")
    assert json.dumps(HOSTILE) in script
    timeline = next(exports.glob("*.otio")).read_text("utf-8")
    assert {marker["name"] for marker in json.loads(timeline)["tracks"]["markers"]} == {HOSTILE}
    record_ = DeliveryRecords(project.layout.state).get(project.key)
    assert record_ is not None
    assert list(record_.applied) == ["v0"]


def test_undo_gives_back_the_very_bytes(project: Project) -> None:
    apply(project)
    before = delivered(project)
    say(project, NameWish(who="obj_1", name="Camille"))
    say(project, CutWish(frame=30), CutWish(frame=21, value=False))
    apply(project)
    docs = project.home / "output" / project.key / "docs"
    assert read_scenes(docs / "a.csv") == [Scene(1, 29), Scene(30, 50)]
    take_back(project)
    take_back(project)
    apply(project)
    assert delivered(project) == before
    record_ = DeliveryRecords(project.layout.state).get(project.key)
    assert record_ is not None
    assert record_.applied == {}


def test_a_video_that_is_sent_again_is_named_from_the_start(project: Project, tmp_path: Path) -> None:
    say(project, NameWish(who="obj_1", name="Camille"))
    again = received(Project(tmp_path / "home", videos=["a.mov"], key="14_again_2026-11-22_10-00-00", name="14 again"))
    apply(again)
    assert [person["name"] for person in people(again)] == ["Camille"]


def test_a_new_analysis_keeps_the_name_and_lists_what_it_does_not_have(project: Project) -> None:
    say(project, NameWish(who="obj_1", name="Camille"), NameWish(who="SPEAKER_00", name="Camille"))
    project.analyse(project.masters[0], "audio", engine="other", label="SPEAKER_05")
    apply(project)
    (person,) = people(project)
    assert (person["name"], person["voices"]) == ("Camille", ["SPEAKER_05"])


def test_nothing_older_than_the_review_is_delivered(project: Project) -> None:
    apply(project)
    say(project, NameWish(who="obj_1", name="Camille"))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(projects.name), [project.key])
        resources = {"workspace": Workspace()}
        dg.materialize(
            [said.corrections, reviewed.review_json],
            instance=instance,
            partition_key=project.key,
            resources=resources,
        )
        stale = dg.materialize(
            [finalized.finalized_project],
            instance=instance,
            partition_key=project.key,
            resources=resources,
        )
    # The former reduced documents are of no review any more: only what does not depend on it is delivered.
    assert stale.success
    assert "a_tracking.json" not in delivered(project)


def test_a_damaged_journal_holds_its_video_and_says_so(project: Project) -> None:
    say(project, NameWish(who="obj_1", name="Camille"))
    path = journal_of(project.layout, project.masters[0].source_sha256).path
    path.write_bytes(path.read_bytes().replace(b"Camille", b"Camilla"))
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
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks["journal_is_whole"] is False
    sentences = [
        event.step_failure_data.user_failure_data.description
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.user_failure_data
    ]
    assert any("line 1 was changed" in str(sentence) for sentence in sentences)


@pytest.mark.parametrize("retention", ["work", "archive"])
def test_a_project_without_work_files_is_amended(project: Project, retention: str) -> None:
    apply(project, RETENTION=retention)
    assert not project.folders.video.exists()
    before = delivered(project)
    say(project, NameWish(who="obj_1", name="Camille"), CutWish(frame=30))
    apply(project, RETENTION=retention)
    assert [person["name"] for person in people(project)] == ["Camille"]
    changed = {name for name, digest in delivered(project).items() if before.get(name) != digest}
    assert changed == {"a_people.json", "a.csv"}
    source = project_source(project.layout, project.store, project.key)
    review = review_now(project.layout, source, source.video("a.mov"))
    assert review is not None
    assert review.names == {"obj_1": "Camille"}
    take_back(project)
    apply(project, RETENTION=retention)
    assert delivered(project) == before


def test_what_is_restored_from_the_store_has_the_names(project: Project) -> None:
    say(project, NameWish(who="obj_1", name="Camille"))
    apply(project)
    folder = project.home / "output" / project.key
    expected = delivered(project)
    records = DeliveryRecords(project.layout.state)
    known = records.get(project.key)
    assert known is not None
    listed = (folder / "manifest-sha256.txt").read_text()
    gone = ("docs/a_people.json", "docs/a_tracking.json", "docs/a_audio.json", "docs/a.csv")
    for path in gone:
        (folder / path).unlink()
    kept = "".join(line for line in listed.splitlines(keepends=True) if not line.rstrip().endswith(gone))
    (folder / "manifest-sha256.txt").write_text(kept)
    restore_project(records, project.key, project.store, "{stem}_tracking.json", None, corrections_of(project.layout))
    assert delivered(project) == expected


def test_a_deleted_journal_is_as_if_nobody_corrected_anything(project: Project) -> None:
    apply(project)
    before = delivered(project)
    say(project, NameWish(who="obj_1", name="Camille"))
    apply(project)
    shutil.rmtree(project.layout.archives / "corrections")
    apply(project)
    assert delivered(project) == before


def test_the_state_survives_a_rename_and_back(project: Project) -> None:
    journal = journal_of(project.layout, project.masters[0].source_sha256)
    say(project, NameWish(who="obj_1", name="Camille"))
    first = fold(journal.versions()).digest
    say(project, NameWish(who="obj_1", name="Zoé"))
    assert fold(journal.versions()).digest != first
    say(project, NameWish(who="obj_1", name="Camille"))
    assert fold(journal.versions()).digest == first
    assert msgspec.json.decode(journal.path.read_bytes().splitlines()[0])["format"] == "mediaflow-corrections/1"


def test_words_and_captions_have_names_and_the_corrected_words(tmp_path: Path) -> None:
    made = received(Project(tmp_path / "home", kinds=("scenes", "audio", "tracking", "transcripts")))
    settings = {"DELIVER_TRANSCRIPT": "on", "DELIVER_CAPTIONS": "on"}
    apply(made, **settings)
    before = delivered(made)
    say(
        made,
        NameWish(who="obj_1", name="Camille"),
        LinkWish(voice="SPEAKER_00", face="obj_1"),
        WordWish(start=0.5, end=0.8, text="Bonsoir,", was="Bonjour,"),
    )
    apply(made, **settings)
    docs = made.home / "output" / made.key / "docs"
    words = json.loads((docs / "a_transcript.json").read_bytes())["words"]
    assert [(word["text"], word.get("person"), word.get("face")) for word in words[:2]] == [
        ("Bonsoir,", "Camille", "obj_1"),
        ("c'est", "Camille", "obj_1"),
    ]
    assert "<v Camille>Bonsoir," in (docs / "a_captions.vtt").read_text("utf-8")
    take_back(made)
    apply(made, **settings)
    assert delivered(made) == before
