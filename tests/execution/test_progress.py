"""``progress.json``: how far the stage at work is, for whoever looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.execution.progress import ProgressFile, StageProgress, read_progress


def told(folder: Path) -> StageProgress:
    found = read_progress(folder, "run")
    assert found is not None
    return found


def test_videos_count_by_their_length(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "run", {"long": 90.0, "short": 10.0}, seconds_between_writes=0)
    file.start("scenes_csv", "long", 1, 2)
    assert (told(tmp_path).percent, told(tmp_path).eta_seconds) == (0, None)
    file.advance(0.5)
    assert (told(tmp_path).percent, told(tmp_path).done) == (45, 0)
    assert told(tmp_path).eta_seconds is not None
    file.finish("scenes_csv", "long", "made", 1.0)
    assert (told(tmp_path).percent, told(tmp_path).done) == (90, 1)
    file.start("scenes_csv", "short", 2, 2)
    file.finish("scenes_csv", "short", "made", 1.0)
    assert (told(tmp_path).percent, told(tmp_path).done, told(tmp_path).eta_seconds) == (100, 2, 0)


def test_videos_count_alike_when_lengths_are_not_known(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "run", {"a": 5.0}, seconds_between_writes=0)
    file.start("reduced_json", "a", 1, 4)
    file.finish("reduced_json", "a", "made", 1.0)
    assert told(tmp_path).percent == 25


def test_what_was_reused_says_nothing_about_the_rest(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "run", seconds_between_writes=0)
    file.start("scenes_csv", "a", 1, 2)
    file.finish("scenes_csv", "a", "cached", 0.0)
    file.start("scenes_csv", "b", 2, 2)
    assert (told(tmp_path).percent, told(tmp_path).eta_seconds) == (50, None)


def test_a_stage_begins_at_nothing_after_another(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "run", seconds_between_writes=60)
    for stage in ("scenes_csv", "audio_json"):
        file.start(stage, "a", 1, 1)
        assert (told(tmp_path).stage, told(tmp_path).percent) == (stage, 0)
        file.finish(stage, "a", "made", 1.0)
        assert told(tmp_path).percent == 100


def test_it_is_written_now_and_then(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "run", seconds_between_writes=60)
    file.start("scenes_csv", "a", 1, 1)
    for step in range(100):
        file.advance(step / 100)
    assert told(tmp_path).percent == 0


def test_nothing_that_is_wrong_with_the_file_fails_a_stage(tmp_path: Path) -> None:
    folder = tmp_path / "a file"
    folder.write_text("in the way")
    file = ProgressFile(folder, "run", seconds_between_writes=0)
    file.start("scenes_csv", "a", 1, 1)
    file.advance(float("inf"))
    file.finish("scenes_csv", "a", "made", 1.0)
    assert read_progress(folder, "run") is None


@pytest.mark.parametrize("content", ["", "{", '{"run_id": "another"}'])
def test_a_file_that_says_nothing_of_this_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "progress.json").write_text(content)
    assert read_progress(tmp_path, "run") is None
