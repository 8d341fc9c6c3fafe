"""Whom the register proposes beside the people of the review page: shown when it is on, a name if somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from mediaflow_assets.cast.person import CastPerson, VoiceVector
from mediaflow_assets.cast.register import CastRegister
from support.servers import wait_for
from tests.server.conftest import Serve, Served
from tests.server.films import KEY, VIDEO, Film

ANNA = "Anna <b>Énault</b>"
NOW = "2026-11-21T10:00:00+00:00"
VOICES: dict[str, tuple[float, ...]] = {
    "SPEAKER_00": (1.0, 0.0, 0.0),
    "SPEAKER_01": (0.0, 1.0, 0.0),
    "SPEAKER_02": (0.0, 0.0, 1.0),
}


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Without a picture only voices are compared; Anna's and nobody else's is remembered."""
    film = Film(tmp_path / "home", 900, voices=VOICES)
    voice = VoiceVector(video="0" * 64, engine="", values=(0.95, 0.31, 0.0))
    person = CastPerson(id="a1", name=ANNA, created_at=NOW, learned_at=NOW, by="camille", voices=(voice,))
    register = CastRegister(film.layout.state, 0)
    with register.writing():
        register.save(person)
    return film


def proposals(served: Served, film: Film) -> list[dict[str, object]]:
    answer = served.ask(f"/api/cast/{film.sha256}?project={KEY}")
    assert answer.status == 200, answer.body
    found: list[dict[str, object]] = answer.json["proposals"]
    return found


def test_nobody_is_proposed_while_it_is_off(film: Film, serve: Serve) -> None:
    assert proposals(serve(film.home), film) == []


def test_a_proposal_is_no_name(film: Film, serve: Serve) -> None:
    served = serve(film.home, CAST="on")
    assert [(one["who"], one["name"]) for one in proposals(served, film)] == [("SPEAKER_00", ANNA)]
    seen = served.ask(f"/api/review/{film.sha256}?project={KEY}").json
    assert seen["versions"] == [] and seen["review"] is None
    edits = {"edits": [{"op": "name", "who": "SPEAKER_00", "name": "Somebody Else"}]}
    said = served.post(f"/api/corrections/{film.sha256}?project={KEY}", edits, if_match=f'"{seen["head"]}"')
    assert said.status == 201
    assert proposals(served, film) == []


@pytest.mark.browser
def test_a_click_names_whom_it_is_proposed_for(film: Film, serve: Serve, browser: Chrome) -> None:
    served = serve(film.home, CAST="on")
    browser.get(f"{served.url}p/{KEY}/review/{VIDEO}")
    wait_for("the proposal", lambda: browser.find_elements(By.CSS_SELECTOR, "#people .proposed"), 120)
    (chip,) = browser.find_elements(By.CSS_SELECTOR, "#people .proposed")
    assert chip.text.startswith(ANNA) and chip.text.endswith("?")
    assert served.ask(f"/api/review/{film.sha256}?project={KEY}").json["versions"] == []
    chip.click()

    def named() -> list[str]:
        review = served.ask(f"/api/review/{film.sha256}?project={KEY}").json["review"]
        return [person["name"] for person in review["people"]] if review else []

    wait_for("the name", lambda: named() == [ANNA], 120)
    wait_for("the chip to go", lambda: not browser.find_elements(By.CSS_SELECTOR, "#people .proposed"), 120)
