"""What a reader goes between: projects, videos, months; and what a project says of all its videos."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.reporting.month import write_month_report
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.scenes.transitions import TRANSITIONS
from tests.delivery.projects import Project, finalized
from tests.reporting.conftest import Reported, report


@pytest.fixture
def project(tmp_path: Path, film: Path) -> Project:
    made = Project(tmp_path / "home", videos=("a.mov", "b.mov", "c.mov"), film=film)
    finalized(made)
    return made


def links(page: Path) -> dict[str, str]:
    """Text of each link without its markup, to its target."""
    found = re.findall(r'<a [^>]*href="([^"#]+)"[^>]*>(.*?)</a>', page.read_text(encoding="utf-8"), re.DOTALL)
    return {re.sub(r"<[^>]+>", "", text).strip(): href for href, text in found}


def leads(page: Path, text: str) -> Path:
    """The file that a link of a page leads to; it exists."""
    target = (page.parent / unquote(links(page)[text])).resolve()
    assert target.is_file(), (page, text)
    return target


def test_every_page_leads_to_the_next_and_back(project: Project) -> None:
    done = report(project)
    root = done.folder.parent
    start = root / "index.html"
    home = leads(start, "13 Camille")
    assert home == (done.folder / "report.html").resolve()
    assert leads(home, "Tous les rapports") == start.resolve()
    first = leads(home, "a.mov")
    assert leads(first, "13 Camille") == home
    second = leads(first, "b.mov →")
    assert leads(second, "← a.mov") == first
    third = leads(second, "c.mov →")
    assert not [text for text in links(third) if text.endswith("→")]
    assert links(home)[str(project.home / "output" / project.key)].startswith("file:///")


def test_the_month_leads_to_its_projects_and_they_to_it(project: Project) -> None:
    done = report(project)
    month = done.folder.parent / "months" / "2026-11.html"
    write_month_report(month, "2026-11", project.store, ReportSettings())
    page = leads(month, "13 Camille")
    assert page == (done.folder / "report.html").resolve()
    again = report(project)
    assert leads(again.folder / "report.html", "novembre 2026") == month.resolve()
    assert leads(month, "Tous les rapports").name == "index.html"


def test_a_month_does_not_lead_to_a_report_that_is_not_there(project: Project, tmp_path: Path) -> None:
    month = tmp_path / "reports" / "months" / "2026-11.html"
    write_month_report(month, "2026-11", project.store, ReportSettings())
    assert "13 Camille" not in links(month)


def test_each_video_of_a_project_has_a_small_picture(project: Project) -> None:
    page = (report(project).folder / "report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') == 3


def change_records(project: Project, kind: str, **changes: object) -> None:
    """Another way in which the documents of a kind were made."""
    for master in project.masters:
        folder = project.folders.analysis(kind)
        record = load_record(folder, master.id)
        assert record is not None
        recipe = msgspec.structs.replace(record.recipe, parameters=changes.get("parameters", {}))
        details = {**record.details, **changes.get("details", {})}  # type: ignore[dict-item]
        changed = msgspec.structs.replace(record, recipe=recipe, details=details)
        write_atomic(folder / ".records" / f"{master.id}.json", msgspec.json.encode(changed))


def speakers(done: Reported) -> tuple[str, str]:
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    found = re.search(r"<dt>Locuteurs</dt><dd>(\d+)<small>([^<]*)</small>", page)
    assert found
    return found[1], found[2]


def test_people_are_counted_once_when_voices_were_compared(project: Project) -> None:
    assert speakers(report(project)) == ("3", "comptés vidéo par vidéo, 3 segments de parole")
    change_records(project, "audio", parameters={"project_labels": True})
    assert speakers(report(project)) == ("1", "dans tout le projet, 3 segments de parole")


def test_transitions_are_shown_with_kind_and_length(project: Project) -> None:
    dissolve = {"cut": 20, "kind": "dissolve", "first": 15, "last": 26, "probability": 0.9}
    change_records(project, "scenes", details={TRANSITIONS: [dissolve]})
    done = report(project)
    page = (done.folder / "v0.html").read_text(encoding="utf-8")
    assert "fondu enchaîné\u202f: 12 images" in page
    assert '<div class="lane transitions"' in page
    timeline = msgspec.json.decode((done.folder / "v0_timeline.json").read_bytes())
    assert timeline["scenes"]["transitions"] == [dissolve]


def test_a_cut_is_no_transition_to_speak_of(project: Project) -> None:
    cut = {"cut": 20, "kind": "cut", "first": 20, "last": 20, "probability": 0.9}
    change_records(project, "scenes", details={TRANSITIONS: [cut]})
    page = (report(project).folder / "v0.html").read_text(encoding="utf-8")
    assert '<div class="lane transitions"' not in page


def test_times_are_in_the_zone_that_is_set(project: Project) -> None:
    page = (report(project, timezone="Europe/Paris").folder / "report.html").read_text(encoding="utf-8")
    assert "Reçu le 21 novembre 2026, 11:00 CET" in page
