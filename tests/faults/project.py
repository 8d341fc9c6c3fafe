"""A small project in a folder of its own, and how to run stages of it in this process."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders
from mediaflow_assets.definitions import defs
from mediaflow_assets.jobs import process_project
from mediaflow_assets.orchestration.dagster_internals import reason
from mediaflow_assets.video.ffmpeg import ffmpeg_binary

STAGES = (
    "source_archive extracted_archive video_25fps scenes_csv audio_json tracking_json "
    "corrections review_json reduced_json reframe_json finalized_project project_report"
).split()
ENVIRONMENT = {
    # The lightest engine, and no reserve: the disks of these tests are small.
    "SPEECH_ENGINE": "onnx_local",
    "MIN_FREE_BYTES": "0",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    success: bool
    problems: dict[str, str]
    """Stage to the sentence that the user sees."""


class Small:
    """One ``MEDIAFLOW_HOME`` with one project, which this process's environment points to."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        patch.setenv("MEDIAFLOW_HOME", str(home))
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)

    def copy_to(self, home: Path, patch: pytest.MonkeyPatch) -> Small:
        """A second installation with the same content, without Dagster's database."""
        shutil.copytree(self.home, home, ignore=shutil.ignore_patterns("dagster"))
        return Small(home, patch)

    @property
    def key(self) -> str:
        (origin,) = (self.home / "downloads").glob("*/origin.json")
        return origin.parent.name

    @property
    def folders(self) -> ProjectFolders:
        return Layout(FolderSettings(home=self.home)).project(self.key)

    @property
    def output(self) -> Path:
        return self.home / "output" / self.key

    def run(self, *stages: str, key: str | None = None) -> Outcome:
        """Materialize some stages, or all of them, as a run does."""
        key = key or self.key
        with dg.DagsterInstance.ephemeral() as instance, pytest.MonkeyPatch.context() as patch:
            # Nobody waits half a minute between two attempts of a stage.
            patch.setattr(dg.RetryPolicy, "calculate_delay", lambda policy, attempt: 0)
            instance.add_dynamic_partitions("projects", [key])
            result = (
                defs()
                .resolve_job_def(process_project.name)
                .execute_in_process(
                    instance=instance,
                    partition_key=key,
                    asset_selection=[dg.AssetKey(stage) for stage in stages or STAGES],
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                    raise_on_error=False,
                )
            )
            problems = {
                str(event.step_key): reason(event.step_failure_data)
                for event in result.all_events
                if event.is_step_failure
            }
            return Outcome(result.success, problems)

    def forget(self, *folders: str) -> None:
        """Remove what stages made: names of work folders, or ``output``, ``archives``."""
        for name in folders:
            place = self.home / name if name in ("output", "archives", "reports") else self.folders.work / name
            shutil.rmtree(place)

    def delivered(self) -> dict[str, str]:
        """Every delivered file with its SHA-256; empty when nothing is delivered."""
        return content(self.output / "docs")


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder with its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def unfinished(home: Path) -> list[Path]:
    """Temporary files and folders that somebody left."""
    marks = (".part", "incoming", "unpack", "replaced")
    return [path for path in home.rglob(".*") if any(mark in path.name for mark in marks)]


def make_clip(
    path: Path, *, seconds: float = 1.2, rate: Fraction | int = 25, size: str = "160x120", sound: bool = True
) -> Path:
    """A short video with a moving picture and a tone."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]
    if sound:
        sources += ["-f", "lavfi", "-i", "sine=frequency=300"]
    command = [
        ffmpeg_binary(),
        "-v",
        "error",
        "-y",
        *sources,
        "-t",
        str(seconds),
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        str(path),
    ]
    subprocess.run(command, check=True)
    return path
