"""A delivered project with a real film, and its reports."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from mediaflow_assets.execution.progress import LogProgress
from mediaflow_assets.reporting.report import ProjectReport, write_project_report
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.reporting.sources import project_source
from tests.delivery.projects import FRAMES, Project, finalized

HOSTILE = "l'été 100%41 \"$(x)` <b>&amp; ]]> 日本.mov"
"""A file name that means something to shells, HTML, XML and scripts."""


@dataclass(frozen=True)
class Reported:
    """A project and what was written about it."""

    project: Project
    report: ProjectReport

    @property
    def folder(self) -> Path:
        return self.project.folders.reports

    def exports(self, video: str = "v0") -> Path:
        """Folder with the exports of a video."""
        return self.folder / "exports" / video


def report(project: Project, **settings: object) -> Reported:
    """Write the reports of a project."""
    source = project_source(project.layout, project.store, project.key)
    chosen = ReportSettings.model_validate(settings)
    progress = LogProgress(logging.getLogger("test"))
    return Reported(project, write_project_report(project.folders.reports, source, chosen, project.store, progress))


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 frames at 25 per second: 20 red ones, then blue ones."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(1, FRAMES + 1):
            picture = np.zeros((360, 640, 3), np.uint8)
            picture[:, :, 0 if number <= 20 else 2] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Reported:
    """Two videos, one with a hostile name, delivered and reported with every export; read only."""
    home = tmp_path_factory.mktemp("reported") / "home"
    project = Project(home, videos=["interview.mov", f"sub/{HOSTILE}"], film=film, name="13 <i>Camille</i>")
    finalized(project)
    return report(project, exports="otio,edl,fcpxml,rttm,vtt,srt,mot,xmp,aftereffects")
