"""The next project of ``mediaflow run`` is converted beside the analysis of this one, where memory allows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from mediaflow_assets.cli import run_ahead
from mediaflow_assets.cli.run_ahead import RunAhead
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.execution.memory import free_memory
from support.installation import Installation


def project(folder: Path, tone: int) -> Path:
    """A project folder with a video of two seconds that has to be encoded."""
    from mediaflow_assets.video.ffmpeg import ffmpeg_binary

    folder.mkdir()
    command = [ffmpeg_binary(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=30:d=2"]
    command += ["-f", "lavfi", "-i", f"sine=frequency={tone}:d=2", "-pix_fmt", "yuv420p", str(folder / "clip.mp4")]
    subprocess.run(command, check=True)
    return folder


@pytest.mark.slow
def test_the_second_project_is_converted_when_its_turn_comes(installation: Installation, tmp_path: Path) -> None:
    one, two, bad = project(tmp_path / "one", 300), project(tmp_path / "two", 400), tmp_path / "bad"
    bad.mkdir()
    (bad / "clip.mp4").write_bytes(b"no video")
    done = installation.mediaflow("run", one, two, bad)
    assert done.returncode == 1, done.stderr
    assert [line.split()[-3] for line in done.stderr.splitlines() if "video_25fps" in line and "clip" in line] == [
        "made",
        "cached",
        "failed",
    ]
    assert done.stdout.count("delivered to") == 2
    assert done.stdout.count("FAILED") == 1
    with installation.instance() as instance:
        assert instance.get_runs_count() == 3


def test_nothing_is_begun_without_memory_or_when_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_ahead, "free_memory", lambda: 1000)
    for settings in (ComputeSettings(run_ahead_memory=1001), ComputeSettings(run_ahead=False, run_ahead_memory=0)):
        with RunAhead(settings) as ahead:
            assert not ahead.begin("project")
            ahead.wait()


def test_a_process_that_is_killed_keeps_nobody_waiting(tmp_path: Path) -> None:
    with RunAhead(ComputeSettings(run_ahead_memory=0)) as ahead:
        assert ahead.begin(str(tmp_path / "nothing"))
        (child,) = psutil.Process().children()
        child.kill()
        ahead.wait()
        assert not ahead.begin(str(tmp_path / "other"))


def test_a_run_that_ends_early_leaves_no_process(tmp_path: Path) -> None:
    with RunAhead(ComputeSettings(run_ahead_memory=0)) as ahead:
        assert ahead.begin(str(tmp_path / "nothing"))
        (child,) = psutil.Process().children()
    assert not child.is_running()


def test_a_container_has_the_memory_of_its_control_group(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("2000000\n")
    (tmp_path / "memory.stat").write_text("anon 1000000\ninactive_file 500000\n")
    assert free_memory(tmp_path) == 1_500_000
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory(tmp_path) > 1_500_000
