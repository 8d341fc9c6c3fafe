"""A delivery waits for a bad video, or goes without it, and takes it in when it is good again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.bad_videos import BadVideo, bad_videos, with_inputs
from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.delivery.leave_out import (
    DeliveryWaits,
    decide,
    leave_out,
    names_to_leave_out,
    take_in,
)
from mediaflow_assets.delivery.readiness import full_documents
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.execution.failures import VideoFailure, forget_failure, keep_failure
from tests.delivery.projects import Project, finalized

VIDEOS = ["a.mov", "sub/b [v2].mov"]
WHY = "sub/b [v2].mov: has no face. Ask for the file again."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "home", videos=VIDEOS, others=["photo.jpg"])


def fail(project: Project, stage: str = "tracking", video: str = "v1") -> None:
    keep_failure(project.folders.work / stage, video, VideoFailure(stage=f"{stage}_json", sentence=WHY, at=""))


def delivered(project: Project) -> set[str]:
    docs = project.home / "output" / project.key / "docs"
    return {path.relative_to(docs).as_posix() for path in docs.rglob("*.mp4")}


def test_a_video_that_failed_is_left_out_of_what_comes_after(project: Project) -> None:
    fail(project, "scenes")
    good, bad = project.masters
    assert [video.path for video in bad_videos(project.folders)] == [VIDEOS[1]]
    ready, left_out = with_inputs(project.folders, ("scenes", "audio"))
    assert ready == [good]
    assert [(video.stage, video.sentence) for video in left_out] == [("scenes_csv", WHY)]
    assert "scenes" not in full_documents(project.folders, bad), "the former document is of a former time"
    assert with_inputs(project.folders, ("audio",))[0] == [good, bad]


def test_the_delivery_waits_and_says_how_to_go_on(project: Project) -> None:
    fail(project)
    before = project.sources()
    with pytest.raises(DeliveryWaits) as waits:
        finalized(project)
    assert WHY in waits.value.sentence
    assert f'mediaflow leave-out {project.key} "sub/b [v2].mov"' in waits.value.sentence
    assert "1 of 2 videos" in waits.value.sentence
    assert delivered(project) == set()
    assert project.sources() == before


@pytest.mark.parametrize("name", ["sub/b [v2].mov", "b [v2].mov", "b [v2]", "v1"])
def test_a_person_lets_it_go_without(project: Project, name: str) -> None:
    fail(project)
    leave_out(project.folders, [name])
    done = finalized(project)
    assert delivered(project) == {"a.mp4"}
    assert [video.path for video in done.record.left_out] == ["sub/b [v2].mov"]
    assert done.record.notes[0] == f"left out: tracking_json: {WHY}"
    info = (done.delivery.folder / "bag-info.txt").read_text(encoding="utf-8")
    assert f"External-Description: left out: tracking_json: {WHY}\n" in info
    assert inspect(done.delivery.folder).intact
    assert DeliveryRecords(project.layout.state).get(project.key) == done.record


def test_a_rule_lets_it_go_without(project: Project) -> None:
    fail(project)
    assert finalized(project, on_bad_video="leave_out").record.without.endswith(WHY)
    assert delivered(project) == {"a.mp4"}


def test_what_is_good_again_is_taken_in(project: Project) -> None:
    fail(project)
    leave_out(project.folders, ["v1"])
    finalized(project)
    forget_failure(project.folders.tracking, "v1")
    done = finalized(project)
    assert delivered(project) == {"a.mp4", "sub/b [v2].mp4"}
    assert done.record.left_out == ()


def test_it_can_be_undone(project: Project) -> None:
    fail(project)
    leave_out(project.folders, ["v1", "other"])
    assert take_in(project.folders, ["v1"]) == ("other",)
    with pytest.raises(DeliveryWaits):
        finalized(project)
    with pytest.raises(BadInput, match="is not left out"):
        take_in(project.folders, ["v1"])
    take_in(project.folders, [])
    assert names_to_leave_out(project.folders) == ()


def test_a_rule_takes_nothing_back_that_was_delivered(project: Project) -> None:
    """An engine that fails today is no reason to lose what it made last month; people may decide otherwise."""
    finalized(project)
    fail(project)
    with pytest.raises(DeliveryWaits):
        finalized(project, on_bad_video="leave_out")
    assert delivered(project) == {"a.mp4", "sub/b [v2].mp4"}
    leave_out(project.folders, ["v1"])
    finalized(project, on_bad_video="leave_out")
    assert delivered(project) == {"a.mp4"}


def test_nothing_is_delivered_when_nothing_is_good(project: Project) -> None:
    for video in ("v0", "v1"):
        fail(project, "video", video)
    with pytest.raises(BadInput, match="no video at all"):
        finalized(project, on_bad_video="leave_out")


names = st.sampled_from(["a.mp4", "a", "sub/a.mp4", "v0", "b.mp4", "v1", "nobody"])
bad = st.lists(st.sampled_from(["a.mp4", "sub/a.mp4", "b.mp4"]), unique=True)


@given(bad, st.lists(names), st.sampled_from(["hold", "leave_out"]), st.sets(st.sampled_from(["v0", "v1", "v2"])))
def test_each_bad_video_is_left_out_or_waited_for(
    paths: list[str], said: list[str], rule: str, there: set[str]
) -> None:
    ids = {"a.mp4": "v0", "b.mp4": "v1", "sub/a.mp4": "v2"}
    videos = [BadVideo(ids[path], path, "0" * 64, "video_25fps", f"{path}: is bad.") for path in paths]
    decision = decide(videos, said, rule, there)
    assert sorted([*decision.left_out, *decision.waits_for], key=lambda video: video.path) == sorted(
        videos, key=lambda video: video.path
    )
    if rule == "hold" and not said:
        assert decision.left_out == ()
    for video in decision.waits_for:
        assert video.path not in said
        assert rule == "hold" or video.id in there
