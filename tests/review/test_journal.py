"""The journal: nothing said is lost, nothing said by two at once is mixed, nothing damaged is believed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.edits import ROOT_VERSION, Base, Cut
from mediaflow_assets.review.journal import Journal, StaleParent, journals
from mediaflow_assets.review.record import carry_in, undo
from mediaflow_assets.review.state import NOTHING, fold
from tests.review.films import VIDEO

BASE = Base(video="cd" * 32, total_frames=200)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "archives", tmp_path / "state", VIDEO)


def say(journal: Journal, frame: int, parent: str | None = None) -> str:
    return journal.append(base=BASE, by="camille", via="cli", edits=[Cut(id="e1", frame=frame)], parent=parent).version


def test_each_version_names_the_one_before(journal: Journal) -> None:
    assert journal.head == ROOT_VERSION
    first = say(journal, 10)
    second = say(journal, 20)
    assert [(one.version, one.parent) for one in journal.versions()] == [(first, ROOT_VERSION), (second, first)]
    assert list(journals(journal.path.parents[2])) == [journal.path]


def test_a_stale_parent_is_refused_with_the_newest_version(journal: Journal) -> None:
    first = say(journal, 10)
    second = say(journal, 20, parent=first)
    with pytest.raises(StaleParent) as refused:
        say(journal, 30, parent=first)
    assert refused.value.head == second
    assert "camille" in refused.value.sentence
    assert len(journal.versions()) == 2


def test_of_eight_writers_at_once_one_wins(journal: Journal) -> None:
    first = say(journal, 10)
    results: list[str] = []

    def write(frame: int) -> None:
        try:
            results.append(
                say(Journal(journal.path.parents[2], journal.path.parents[3] / "state", VIDEO), frame, first)
            )
        except StaleParent:
            results.append("")

    writers = [threading.Thread(target=write, args=(20 + number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(bool(result) for result in results) == 1
    assert len(journal.versions()) == 2


def test_half_a_line_at_the_end_does_not_count_and_the_next_write_repairs_it(journal: Journal) -> None:
    first = say(journal, 10)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + b'{"format": "mediaflow-corr')
    assert [one.version for one in journal.versions()] == [first]
    say(journal, 20)
    assert journal.path.read_bytes().startswith(whole)
    assert [one.edits[0].frame for one in journal.versions()] == [10, 20]  # type: ignore[union-attr]


@pytest.mark.parametrize("damage", [b'"frame":10', b'"by":"camille"'])
def test_a_changed_line_is_not_believed(journal: Journal, damage: bytes) -> None:
    say(journal, 10)
    data = journal.path.read_bytes()
    assert damage in data
    journal.path.write_bytes(data.replace(damage, damage[:-2] + b"9" + damage[-1:]))
    with pytest.raises(BadInput, match="line 1"):
        journal.versions()


def test_a_journal_of_another_video_is_refused(journal: Journal, tmp_path: Path) -> None:
    say(journal, 10)
    other = Journal(tmp_path / "archives", tmp_path / "state", "ef" * 32)
    other.path.parent.mkdir(parents=True)
    other.path.write_bytes(journal.path.read_bytes())
    with pytest.raises(BadInput, match="another video"):
        other.versions()
    with pytest.raises(BadInput, match="another video"):
        carry_in(other, journal.versions(), by="x")
    with pytest.raises(BadInput, match="SHA-256"):
        Journal(tmp_path, tmp_path, "../../etc/passwd")


def test_undo_gives_the_digest_of_before_and_redo_that_of_after(journal: Journal) -> None:
    digests = [fold(journal.versions()).digest]
    for frame in (10, 20):
        say(journal, frame)
        digests.append(fold(journal.versions()).digest)
    assert digests[0] == NOTHING
    undo(journal, by="a", via="cli")
    assert fold(journal.versions()).digest == digests[1]
    undo(journal, by="a", via="cli")
    assert fold(journal.versions()).digest == NOTHING
    undo(journal, by="a", via="cli", redo=True)
    assert fold(journal.versions()).digest == digests[1]
    undo(journal, by="a", via="cli", redo=True)
    assert fold(journal.versions()).digest == digests[2]
    with pytest.raises(BadInput, match="nothing to do again"):
        undo(journal, by="a", via="cli", redo=True)


def test_an_exported_journal_is_imported_once(journal: Journal, tmp_path: Path) -> None:
    say(journal, 10)
    say(journal, 20)
    undo(journal, by="a", via="cli")
    other = Journal(tmp_path / "elsewhere", tmp_path / "state", VIDEO)
    assert len(carry_in(other, journal.versions(), by="b")) == 3
    assert fold(other.versions()).digest == fold(journal.versions()).digest
    assert carry_in(other, journal.versions(), by="b") == []
