"""Search over what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.transcripts.search_index import Hit, build_index, search


def hit(text: str, project: str = "13 Camille", at: str = "2026-11-01", person: str = "Hélène") -> Hit:
    return Hit(project, at, "interview.mp4", "ab" * 32, 25, 75, "SPEAKER_00", person, "obj_1", "fr", 0.9, text)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "search.sqlite"
    passages = [
        hit("Dans la forêt, l'été dernier"),
        hit("Une œuvre au cœur de Paris", project="14 Zoé", at="2026-11-20", person=""),
        hit('il a dit "oui" sans OR ni NOT', at="2026-11-10"),
    ]
    assert build_index(path, passages) == 3
    return path


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("foret", 1),
        ("l'ete", 1),
        ("oeuvre", 1),
        ("coeur", 1),
        ("œuvr", 1),
        ('"oui" OR', 1),
        ("NEAR(", 0),
        ("dernier forêt", 1),
        ("forêt cœur", 0),
        ("'; DROP TABLE cue; --", 0),
        ("", 0),
        ("***", 0),
    ],
)
def test_what_a_user_types_is_words(index: Path, typed: str, found: int) -> None:
    assert len(list(search(index, typed))) == found


def test_hits_are_narrowed(index: Path) -> None:
    assert not list(search(index, "foret", person="Bob"))
    assert list(search(index, "foret", person="Hél"))
    assert not list(search(index, "oeuvre", project="Camille"))
    assert not list(search(index, "foret", since="2026-11-15"))


def test_a_new_index_replaces_the_old_one(index: Path) -> None:
    build_index(index, [hit("autre chose")])
    assert not list(search(index, "foret"))
    assert list(search(index, "chose"))


def test_the_newest_delivery_comes_first(index: Path) -> None:
    build_index(index, [hit("oui", at="2026-11-01"), hit("oui", at="2026-11-03"), hit("oui", at="2026-11-02")])
    assert [one.delivered_at for one in search(index, "oui")] == ["2026-11-03", "2026-11-02", "2026-11-01"]
