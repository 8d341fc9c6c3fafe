"""What of an archive was neither opened nor read is on the project's page and at the end of ``mediaflow run``."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mediaflow_assets.cli.local_run import ProjectOutcome
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.formats.manifest import Extraction, Origin, PassedOver, write_document
from mediaflow_assets.reporting.pages import write_project_page
from mediaflow_assets.reporting.sources import ProjectSource
from mediaflow_assets.reporting.texts import Language

PASSED = (
    PassedOver(path="card_A.zip", kind="archive"),
    PassedOver(path="card_B.zip", kind="archive", reason="is encrypted"),
    PassedOver(path="A001.mlv", kind="video"),
)


@pytest.mark.parametrize(("language", "label"), [("fr", "Archives non ouvertes"), ("en", "Archives not opened")])
def test_the_page_of_the_project_names_them(language: Language, label: str, tmp_path: Path) -> None:
    project = ProjectSource("p", "P", "P", datetime(2026, 11, 29, tzinfo=UTC), (), passed_over=PASSED)
    page = write_project_page(tmp_path / "report.html", project, (), language).read_text()
    assert label in page
    for said in ("card_A.zip", "card_B.zip (is encrypted)", "A001.mlv"):
        assert said in page
    nothing = dataclasses.replace(project, passed_over=())
    assert label not in write_project_page(tmp_path / "report.html", nothing, (), language).read_text()


def test_the_last_lines_of_a_run_name_them(tmp_path: Path) -> None:
    folders = Layout(FolderSettings(home=tmp_path)).project("p")
    extraction = Extraction(project="p", archive="a.zip", archive_sha256="", videos=(), passed_over=PASSED)
    write_document(folders.extraction, extraction)
    origin = Origin(
        project="p", name="P", kind="file", registered_at="2026-11-29T10:00:00+00:00", identity="i", filename="a"
    )
    summary = ProjectOutcome(origin, folders, None).summary()
    assert "2 archives inside were not opened: card_A.zip, card_B.zip (is encrypted)" in summary
    assert "1 file looks like a video and was not read: A001.mlv" in summary
