"""Reuse of what is unchanged, and one bad video never loses the others."""

from __future__ import annotations

import errno
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.execution.failures import explain, load_failure
from mediaflow_assets.execution.fanout import Made, Recipe, Report, run_stage
from mediaflow_assets.execution.watchdog import StallSettings, Watched


@dataclass(frozen=True)
class Clip:
    id: str
    content: str

    @property
    def stem(self) -> str:
        return self.id

    @property
    def received_as(self) -> str:
        return f"{self.id}.mp4"


class Quiet:
    def start(self, stage: str, video: str, index: int, total: int) -> None: ...

    def advance(self, fraction: float, note: str = "") -> None: ...

    def finish(self, stage: str, video: str, status: str, seconds: float) -> None: ...


CLIPS = [Clip("a", "one"), Clip("b", "two"), Clip("c", "three")]


def run(
    folder: Path, clips: list[Clip] = CLIPS, version: str = "1", bad: str = "", again: tuple[str, ...] = ()
) -> Report[Clip]:
    def make(clip: Clip) -> Made:
        if clip.id == bad:
            raise BadInput(clip.id, "is bad")
        target = folder / f"{clip.id}.txt"
        target.write_text(clip.content.upper())
        return Made({"text": target}, {"letters": len(clip.content)})

    def recipe(clip: Clip) -> Recipe:
        return Recipe(stage="upper", code_version=version, inputs={"text": clip.content}, engine="upper")

    return run_stage(clips, stage="upper", folder=folder, recipe_for=recipe, make=make, progress=Quiet(), again=again)


def statuses(report: Report[Clip]) -> list[str]:
    return [outcome.status for outcome in report.outcomes]


def test_an_unchanged_video_is_not_made_again(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert statuses(first) == ["made"] * 3
    assert statuses(second) == ["cached"] * 3
    assert first.data_version == second.data_version
    assert [outcome.details for outcome in second.outcomes] == [{"letters": 3}, {"letters": 3}, {"letters": 5}]


@pytest.mark.parametrize(("again", "made"), [(("b.mp4",), "b"), (("b", "c"), "bc"), (("*",), "abc"), (("x",), "")])
def test_what_is_asked_for_again_is_made_again(tmp_path: Path, again: tuple[str, ...], made: str) -> None:
    run(tmp_path)
    report = run(tmp_path, again=again)
    assert [outcome.video.id for outcome in report.outcomes if outcome.status == "made"] == list(made)


def test_only_what_changed_is_made_again(tmp_path: Path) -> None:
    run(tmp_path)
    changed = [CLIPS[0], replace(CLIPS[1], content="new"), CLIPS[2]]
    assert statuses(run(tmp_path, changed)) == ["cached", "made", "cached"]
    assert statuses(run(tmp_path, changed, version="2")) == ["made"] * 3


def test_a_damaged_or_missing_output_is_made_again(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "a.txt").write_text("Xne")
    (tmp_path / "b.txt").unlink()
    assert statuses(run(tmp_path)) == ["made", "made", "cached"]
    assert (tmp_path / "a.txt").read_text() == "ONE"


def test_a_touched_output_with_the_same_content_is_kept(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "a.txt").touch()
    assert statuses(run(tmp_path)) == ["cached"] * 3


def test_a_damaged_record_proves_nothing(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / ".records" / "a.json").write_text("{")
    assert statuses(run(tmp_path)) == ["made", "cached", "cached"]


def test_one_bad_video_loses_only_itself(tmp_path: Path) -> None:
    report = run(tmp_path, bad="b")
    assert statuses(report) == ["made", "failed", "made"]
    assert [explain(outcome.error) for outcome in report.failed if outcome.error] == ["b: is bad."]
    assert statuses(run(tmp_path)) == ["cached", "made", "cached"]


def test_a_crash_of_a_library_is_that_videos_row(tmp_path: Path) -> None:
    def make(clip: Clip) -> Made:
        raise ZeroDivisionError("in a library")

    report = run_stage(
        CLIPS[:1],
        stage="upper",
        folder=tmp_path,
        recipe_for=lambda clip: Recipe(stage="s", code_version="1", inputs={}, engine="e"),
        make=make,
        progress=Quiet(),
    )
    (outcome,) = report.failed
    assert outcome.error is not None
    assert explain(outcome.error) == "ZeroDivisionError: in a library"


def test_an_interrupt_is_not_swallowed(tmp_path: Path) -> None:
    def make(clip: Clip) -> Made:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stage(
            CLIPS[:1],
            stage="upper",
            folder=tmp_path,
            recipe_for=lambda clip: Recipe(stage="s", code_version="1", inputs={}, engine="e"),
            make=make,
            progress=Quiet(),
        )


def test_a_recipe_does_not_depend_on_the_order_of_its_parts() -> None:
    one = Recipe(stage="s", code_version="1", inputs={"a": "1", "b": "2"}, engine="e", parameters={"x": 1, "y": 2})
    other = Recipe(stage="s", code_version="1", inputs={"b": "2", "a": "1"}, engine="e", parameters={"y": 2, "x": 1})
    assert one.digest == other.digest


def test_what_a_stand_in_made_does_not_answer_again(tmp_path: Path) -> None:
    clip = CLIPS[:1]
    asked = Recipe(stage="upper", code_version="1", inputs={}, engine="real")
    engine = "stand-in"

    def make(_: Clip) -> Made:
        target = tmp_path / "a.txt"
        target.write_text(engine)
        return Made({"text": target}, recipe=msgspec.structs.replace(asked, engine=engine))

    def once() -> list[str]:
        report = run_stage(
            clip, stage="upper", folder=tmp_path, recipe_for=lambda _: asked, make=make, progress=Quiet()
        )
        return statuses(report)

    assert once() == ["made"]
    engine = "real"
    assert once() == ["made"]
    assert once() == ["cached"]


def test_why_a_video_failed_is_kept_until_it_is_made(tmp_path: Path) -> None:
    run(tmp_path, bad="b")
    failure = load_failure(tmp_path, "b")
    assert failure is not None
    assert failure.stage == "upper"
    assert failure.sentence.startswith("b.mp4: is bad. ")
    assert load_failure(tmp_path, "a") is None
    run(tmp_path)
    assert load_failure(tmp_path, "b") is None


def test_a_video_that_was_made_before_and_fails_now_has_failed(tmp_path: Path) -> None:
    run(tmp_path)
    report = run(tmp_path, version="2", bad="b")
    assert statuses(report) == ["made", "failed", "made"]
    assert load_failure(tmp_path, "b") is not None


def test_a_damaged_failure_still_is_one(tmp_path: Path) -> None:
    run(tmp_path, bad="b")
    (tmp_path / ".failures" / "b.json").write_text("{")
    failure = load_failure(tmp_path, "b")
    assert failure is not None
    assert "Run it again" in failure.sentence


@pytest.mark.parametrize(
    "fault",
    [Unavailable("model x", "is missing", "Fetch it"), OSError(errno.ENOSPC, "No space left on device", "b.txt")],
)
def test_a_fault_of_the_machine_is_no_fault_of_a_video(tmp_path: Path, fault: Exception) -> None:
    def make(clip: Clip) -> Made:
        if clip.id == "b":
            raise fault
        target = tmp_path / f"{clip.id}.txt"
        target.write_text(clip.content)
        return Made({"text": target})

    seen: list[Report[Clip]] = []
    with pytest.raises(Unavailable, match="2 of 3 videos are done and will not be redone"):
        run_stage(
            CLIPS,
            stage="upper",
            folder=tmp_path,
            recipe_for=lambda clip: Recipe(stage="s", code_version="1", inputs={}, engine="e"),
            make=make,
            progress=Quiet(),
            on_report=seen.append,
        )
    assert statuses(seen[0]) == ["made", "failed", "made"], "the others were tried, and told of"
    assert load_failure(tmp_path, "b") is None


def test_the_watchdog_may_strike_when_a_video_is_done(tmp_path: Path) -> None:
    """Between the end of the work and the end of the watch are a few instructions."""

    class Late(Quiet):
        struck = False

        def finish(self, stage: str, video: str, status: str, seconds: float) -> None:
            if video == "b" and not self.struck:
                self.struck = True
                raise Interrupted("b", "made no progress")

    def make(clip: Clip) -> Made:
        target = tmp_path / f"{clip.id}.txt"
        target.write_text(clip.content)
        return Made({"text": target})

    report = run_stage(
        CLIPS,
        stage="upper",
        folder=tmp_path,
        recipe_for=lambda clip: Recipe(stage="s", code_version="1", inputs={}, engine="e"),
        make=make,
        progress=Late(),
    )
    assert statuses(report) == ["made"] * 3


def test_a_signal_that_comes_after_the_video_is_finished_interrupts_nobody() -> None:
    settings = StallSettings(seconds=0.01, factor=0)
    with Watched(Quiet(), {}, settings) as watched:
        watched.start("stage", "a", 1, 1)
        watched.finish("stage", "a", "made", 0.0)
        signal.raise_signal(signal.SIGUSR1)
    with Watched(Quiet(), {}, settings) as watched, pytest.raises(Interrupted, match="made no progress"):
        watched.start("stage", "b", 1, 1)
        time.sleep(600)
