"""Processes that die, hang, or are there twice."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from mediaflow_assets.cli.dev import be_the_only_one
from mediaflow_assets.core.errors import Interrupted, Unavailable
from mediaflow_assets.core.files import exclusive
from mediaflow_assets.execution.fanout import Made, Recipe, run_stage
from mediaflow_assets.execution.watchdog import StallSettings, Watched
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings
from tests.execution.test_fanout import CLIPS, Clip, Quiet
from tests.faults.project import Small, make_clip, unfinished

REPOSITORY = Path(__file__).resolve().parents[2]


def wait_for_ffmpeg(parent: psutil.Process) -> psutil.Process:
    """The ffmpeg that a process has started."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in parent.children(recursive=True):
            if "ffmpeg" in child.name() and "film.mov" in " ".join(child.cmdline()):
                return child
        time.sleep(0.005)
    raise AssertionError("no ffmpeg was started")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be in the middle of it."""
    return make_clip(tmp_path_factory.mktemp("film") / "film.mov", seconds=10, rate=30, size="640x360", sound=False)


@pytest.mark.parametrize(
    ("number", "sentence"), [(signal.SIGKILL, "was killed by signal 9"), (signal.SIGSTOP, "made no progress for")]
)
def test_a_killed_and_a_hanging_ffmpeg(tmp_path: Path, film: Path, number: int, sentence: str) -> None:
    settings = VideoSettings().model_copy(update={"stall_seconds": 1, "encoder": "libx264"})
    target = tmp_path / "video" / "film.mp4"

    def strike() -> None:
        wait_for_ffmpeg(psutil.Process()).send_signal(number)

    thread = threading.Thread(target=strike)
    thread.start()
    with pytest.raises(Interrupted, match=sentence):
        convert(film, target, settings)
    thread.join()
    assert list(target.parent.iterdir()) == []
    assert not any("ffmpeg" in child.name() for child in psutil.Process().children(recursive=True))


def test_a_killed_conversion_takes_ffmpeg_with_it(tmp_path: Path, film: Path) -> None:
    """ffmpeg is in a process group of its own, so nothing else would stop it."""
    code = (
        "import sys; from pathlib import Path; from mediaflow_assets.video.convert import convert\n"
        "from mediaflow_assets.video.settings import VideoSettings\n"
        "convert(Path(sys.argv[1]), Path(sys.argv[2]), VideoSettings(quality='high'))"
    )
    process = psutil.Popen([sys.executable, "-c", code, str(film), str(tmp_path / "film.mp4")])
    ffmpeg = wait_for_ffmpeg(process)
    process.kill()
    process.wait()
    psutil.wait_procs([ffmpeg], timeout=30)
    assert not ffmpeg.is_running() or ffmpeg.status() == psutil.STATUS_ZOMBIE
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.slow
def test_a_run_killed_at_any_change_of_the_disk(undisturbed: Small, tmp_path: Path) -> None:
    """kill -9 at moments of which each is the begin or the end of a file; then one run finishes."""
    home = tmp_path / "home"
    with pytest.MonkeyPatch.context() as patch:
        project = undisturbed.copy_to(home, patch)
        project.forget("output", "reports", "archives")
        shutil.copytree(undisturbed.home / "archives", home / "archives")
        shutil.rmtree(project.folders.work)
        (project.folders.downloads / "received.json").unlink()
        chance = random.Random(4)  # noqa: S311 - moments, not secrets
        numbers = [*range(1, 4), *(chance.randint(4, 45) for _ in range(14)), 10_000]
        command = [sys.executable, "-m", "tests.faults.killed_run", home, project.key, *numbers]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, cwd=REPOSITORY, env=dict(os.environ)
        )
        ends = done.stdout.split("\n")[:-1]
        assert ends.count("killed") >= 12, done.stdout + done.stderr
        assert ends[-1] == "ended 0", done.stdout + done.stderr
        assert project.delivered() == undisturbed.delivered()
        assert unfinished(home / "work") + unfinished(home / "output") == []
        for path in project.home.rglob("*.json"):
            json.loads(path.read_bytes())


def hanging(folder: Path, progress: Watched, seconds: float) -> list[str]:
    """A stage of three clips, of which the second hangs; the sentences of what failed."""

    def make(clip: Clip) -> Made:
        if clip.id == "b":
            time.sleep(seconds)
        target = folder / f"{clip.id}.txt"
        target.write_text(clip.content)
        return Made({"text": target})

    def recipe(clip: Clip) -> Recipe:
        return Recipe(stage="upper", code_version="1", inputs={"text": clip.content}, engine="upper")

    with progress:
        report = run_stage(CLIPS, stage="upper", folder=folder, recipe_for=recipe, make=make, progress=progress)
    assert report.outcomes[1].status == ("failed" if seconds else "made")
    return [str(outcome.error) for outcome in report.failed]


def test_a_stage_that_hangs_for_ten_hours_loses_only_its_video(tmp_path: Path) -> None:
    settings = StallSettings(seconds=1, factor=0.1)  # a busy machine may need half a second for any clip
    (sentence,) = hanging(tmp_path, Watched(Quiet(), {"a": 9.0, "b": 2.0, "c": 9.0}, settings), 36_000)
    assert sentence.startswith("upper: b: made no progress for 1 s and was stopped (at ")
    assert "STALL_FACTOR" in sentence
    assert hanging(tmp_path, Watched(Quiet(), {}, StallSettings(seconds=60)), 0) == []


def test_progress_is_a_sign_of_life(tmp_path: Path) -> None:
    progress = Watched(Quiet(), {}, StallSettings(seconds=0.5, factor=0))

    def make(clip: Clip) -> Made:
        for step in range(8):
            time.sleep(0.1)
            progress.advance(step / 8)
        return Made({})

    with progress:
        report = run_stage(
            CLIPS[:1],
            stage="slow",
            folder=tmp_path,
            recipe_for=lambda clip: Recipe(stage="slow", code_version="1", inputs={}, engine="slow"),
            make=make,
            progress=progress,
        )
    assert report.failed == []


def test_a_library_that_never_returns_ends_the_process_with_its_stacks(tmp_path: Path) -> None:
    """A regular expression of exponential time stands for it: no signal reaches Python meanwhile."""
    code = """
import re, sys
from pathlib import Path
from mediaflow_assets.execution import watchdog
from mediaflow_assets.core.files import write_atomic
from tests.execution.test_fanout import Quiet
watchdog._GRACE = watchdog._REARM = 0.5
with watchdog.Watched(Quiet(), {}, watchdog.StallSettings(seconds=0.5)) as progress:
    progress.start("scenes_csv", "film", 1, 1)
    def never_returns():
        re.match(r"(a+)+$", "a" * 64 + "b")
    never_returns()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=REPOSITORY, check=False
    )
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert "never_returns" in done.stderr


def test_a_second_mediaflow_dev_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two daemons on one folder would start the same runs; the first one keeps working."""
    home = tmp_path / "home" / "dagster"
    home.mkdir(parents=True)
    holder = "import time; from pathlib import Path; from mediaflow_assets.cli.dev import be_the_only_one\n"
    holder += f"be_the_only_one(Path({str(home)!r})); import os, sys\n"
    holder += "os.execv(sys.executable, [sys.executable, '-c', 'print(1, flush=True); import time; time.sleep(60)'])"
    first = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE)
    assert first.stdout is not None
    assert first.stdout.readline() == b"1\n"
    done = subprocess.run(
        [sys.executable, "-m", "mediaflow_assets.cli", "dev"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        1,
        f"{home}: is in use by another mediaflow dev. Use that one, or stop it first.\n",
    )
    first.kill()
    first.communicate()
    be_the_only_one(home)  # free at once
    with pytest.raises(Unavailable):
        be_the_only_one(home)


def test_two_runs_on_one_project(project: Small, undisturbed: Small) -> None:
    """The second one stops at the first stage that the other is writing, and loses nothing."""
    project.forget("video", "output")
    held = threading.Event()
    release = threading.Event()

    def other() -> None:
        with exclusive(project.folders.video):
            held.set()
            release.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(60)
    outcome = project.run("video_25fps")
    release.set()
    thread.join()
    assert outcome.problems == {
        "video_25fps": f"{project.folders.video}: is being written by another run. Wait for that run, or stop it."
    }
    assert project.run().problems == {}
    assert project.delivered() == undisturbed.delivered()
