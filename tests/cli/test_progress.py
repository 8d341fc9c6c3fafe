"""What ``mediaflow run`` shows while it works: names as they are, and a sign of life without a terminal."""

from __future__ import annotations

import pytest

from mediaflow_assets.cli.progress import TerminalProgress
from mediaflow_assets.execution.progress import WATCHER


def test_names_with_brackets_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress() as progress:
        assert WATCHER.get() is progress
        progress.say("79 Camille [v2]")
        progress.start("scenes_csv", "clip [final]", 1, 1)
        progress.finish("scenes_csv", "clip [final]", "made", 1.5)
        progress.finish("video_25fps", "[red]odd[/]", "failed", 0.5)
    assert WATCHER.get() is None
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "79 Camille [v2]"
    assert "clip [final]" in lines[1]
    assert "made" in lines[1]
    assert "[red]odd[/]" in lines[2]


def test_without_a_terminal_there_is_a_line_now_and_then(capfd: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress(seconds_between_lines=0.0) as progress:
        progress.start("scenes_csv", "long [v2]", 1, 2)
        progress.advance(0.0)
        progress.advance(0.25)
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("  scenes_csv  long [v2]  1/2  25%, about ")
    assert line.endswith(" s left")


def test_lines_are_a_minute_apart(capfd: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress() as progress:
        progress.start("scenes_csv", "long", 1, 1)
        for step in range(100):
            progress.advance(step / 100)
    assert capfd.readouterr().err == ""
