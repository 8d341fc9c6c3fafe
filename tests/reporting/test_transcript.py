"""The transcript on the page of a video: a click on a word goes there, and the page says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.reporting.transcript import frame_of, paces, turns_of
from tests.delivery.projects import Project, finalized
from tests.reporting.conftest import HOSTILE, Reported, report

KINDS = ("scenes", "audio", "tracking", "transcripts")


@pytest.fixture(scope="module")
def transcribed(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Reported:
    project = Project(tmp_path_factory.mktemp("transcribed") / "home", videos=(HOSTILE,), kinds=KINDS, film=film)
    finalized(project)
    return report(project)


def word(start: float, speaker: str | None, person: str | None = None) -> TranscriptWord:
    return TranscriptWord(start, start + 0.3, "mot", 0.9, speaker, person)


def test_a_paragraph_is_a_turn() -> None:
    words = [word(0, "A"), word(1, "A"), word(2, "B", "Zoé"), word(20, "B", "Zoé"), word(21, None)]
    assert [(turn.name, len(turn.words), turn.first) for turn in turns_of(words)] == [
        ("A", 2, 1),
        ("Zoé", 1, 51),
        ("Zoé", 1, 501),
        ("", 1, 526),
    ]


def test_words_per_minute_are_of_the_speakers_own_speech() -> None:
    words = [word(0, "A"), word(1, "A"), word(2, "B", "Zoé"), word(3, None)]
    found = {pace.name: (pace.words, pace.per_minute) for pace in paces(words, {"A": 2.0, "B": 0.5})}
    assert found == {"A": (2, 60.0), "Zoé": (1, 120.0), "": (1, None)}


@pytest.mark.parametrize(("seconds", "frame"), [(0, 1), (0.039, 1), (0.04, 2), (0.48, 13), (2.0, 51)])
def test_a_time_is_the_frame_that_shows_then(seconds: float, frame: int) -> None:
    assert frame_of(seconds) == frame


def test_the_page_says_in_plain_words_what_it_shows(transcribed: Reported) -> None:
    page = (transcribed.folder / "v0.html").read_text(encoding="utf-8")
    assert "Écrit par une machine et relu par personne" in page
    assert 'href="#t=0.5"' in page
    assert "<b>SPEAKER_00</b>" in page


def test_in_english_too(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=KINDS)
    page = report(project, language="en").folder / "v0.html"
    assert "Written by a machine and not proof-read" in page.read_text(encoding="utf-8")


def test_a_video_without_words_has_no_transcript(tmp_path: Path) -> None:
    page = report(Project(tmp_path / "home")).folder / "v0.html"
    assert "transcript-title" not in page.read_text(encoding="utf-8")


def position(browser: Chrome) -> int:
    return int(browser.find_element(By.ID, "timeline").get_attribute("aria-valuenow") or 0)


@pytest.mark.browser
def test_a_click_on_a_word_goes_there(browser: Chrome, transcribed: Reported) -> None:
    page = (transcribed.folder / "v0.html").as_uri()
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(page)
    first, _, third = browser.find_elements(By.CSS_SELECTOR, "#transcript a[data-frame]")
    third.click()
    assert position(browser) == 33
    assert third.get_attribute("aria-current") == "true"
    assert "unsure" in (third.get_attribute("class") or "").split()
    first.click()
    assert position(browser) == 13
    assert third.get_attribute("aria-current") is None
    browser.find_element(By.ID, "next").click()
    assert position(browser) == 21
    first.click()
    assert position(browser) == 13, "the same word a second time"
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"


@pytest.mark.browser
def test_a_link_to_a_moment_opens_there(browser: Chrome, transcribed: Reported) -> None:
    page = (transcribed.folder / "v0.html").as_uri()
    browser.get("about:blank")
    browser.get(f"{page}#t=0.48")
    assert position(browser) == 13
    assert browser.find_element(By.ID, "now").text == "00:00:00.480"
    browser.get("about:blank")
    browser.get(f"{page}#t=nonsense")
    assert position(browser) == 1
