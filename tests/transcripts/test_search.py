"""Search over what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.transcript_json import LanguageSpan, Transcript, TranscriptWord, write_transcript
from mediaflow_assets.transcripts.passages import searchable, stored_transcripts
from mediaflow_assets.transcripts.search_index import Hit, search, update_index
from mediaflow_assets.transcripts.string_out import write_string_out
from tests.delivery.projects import Project


def hit(text: str, project: str = "13 Camille", at: str = "2026-11-01", person: str = "Hélène") -> Hit:
    return Hit(project, at, "interview.mp4", "ab" * 32, 25, 75, "SPEAKER_00", person, "obj_1", "fr", 0.9, text)


@dataclass(frozen=True)
class Said:
    """Passages that are there already."""

    hits: tuple[Hit, ...]
    name: str = "one"
    stamp: str = "1"

    def passages(self) -> Iterator[Hit]:
        yield from self.hits


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "search.sqlite"
    passages = (
        hit("Dans la forêt, l'été dernier"),
        hit("Une œuvre au cœur de Paris", project="14 Zoé", at="2026-11-20", person=""),
        hit('il a dit "oui" sans OR ni NOT', at="2026-11-10"),
    )
    assert update_index(path, [Said(passages)]) == 1
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


def test_what_is_in_a_filter_is_text(index: Path) -> None:
    assert not list(search(index, "foret", person="%"))
    assert not list(search(index, "foret", project="_"))
    assert list(search(index, "foret", person="obj_1")), "a face is somebody too"


def test_only_what_changed_is_read_again(index: Path) -> None:
    first = Said((hit("Dans la forêt"),), name="one", stamp="1")
    assert update_index(index, [first]) == 0, "its stamp says that it is the same"
    other = Said((hit("autre chose", at="2026-10-01"),), name="other")
    assert update_index(index, [first, other]) == 1
    assert list(search(index, "foret"))
    assert list(search(index, "chose"))
    assert update_index(index, [Said((hit("Dans la mer"),), stamp="2"), other]) == 1
    assert not list(search(index, "foret"))
    assert [one.text for one in search(index, "dans")] == ["Dans la mer"]
    assert update_index(index, [other]) == 0, "what is gone is forgotten"
    assert not list(search(index, "dans"))


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_index_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "search.sqlite"
    path.write_bytes(content)
    assert update_index(path, [Said((hit("oui"),))]) == 1
    assert list(search(path, "oui"))


def test_the_newest_delivery_comes_first(index: Path) -> None:
    days = ("2026-11-01", "2026-11-03", "2026-11-02")
    update_index(index, [Said((hit("oui", at=day),), name=day) for day in days])
    assert [one.delivered_at for one in search(index, "oui")] == ["2026-11-03", "2026-11-02", "2026-11-01"]


@pytest.mark.parametrize("suffix", [".otio", ".edl"])
def test_a_string_out_is_read_by_other_programs(tmp_path: Path, suffix: str) -> None:
    import opentimelineio as otio

    hits = [hit("oui"), hit("non")]
    path = write_string_out(tmp_path / f"hits{suffix}", hits, lambda one: f"/videos/{one.video}", handle=1.0)
    timeline = otio.adapters.read_from_file(str(path), **({"rate": 25} if suffix == ".edl" else {}))
    clips = list(timeline.find_clips())
    assert [clip.source_range.start_time.to_frames() for clip in clips] == [0, 0]
    assert [clip.source_range.duration.to_frames() for clip in clips] == [100, 100]


def test_everything_in_the_store_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "archives" / "13 Camille 2026-11-01_10-00-00" / ("ab" * 32)
    folder.mkdir(parents=True)
    words = (TranscriptWord(1.0, 1.4, "Bonjour,", 0.9), TranscriptWord(1.5, 2.0, "Zoé.", 0.8))
    spans = (LanguageSpan(0.8, 2.2, "fr", 1.0, "set"),)
    document = Transcript(
        video_filename="a.mp4",
        total_frames=100,
        engine="whisper",
        model="whisper-base",
        model_sha256="00",
        language="fr",
        languages=spans,
        windows=((0.8, 2.2),),
        words=words,
    )
    write_transcript(folder / "a_transcript.json", document)
    (folder / "broken_audio.json").write_text("{")
    store = AnalysisStore(tmp_path / "archives", tmp_path / "state")
    (source,) = stored_transcripts(store)
    assert list(source.passages()) == [], "the damaged one beside it says nothing of speakers"
    before = source.stamp
    write_audio(folder / "broken_audio.json", AudioHead(video_filename="a.mp4", total_frames=100), [[]] * 100)
    (source,) = stored_transcripts(store)
    assert source.stamp != before
    (found,) = search(searchable(store, tmp_path / "state"), "zoe")
    assert (found.text, found.first, found.probability, found.language) == ("Bonjour, Zoé.", 25, 0.8, "fr")


def test_passages_have_speaker_and_face(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=("scenes", "audio", "tracking", "transcripts"))
    index = searchable(project.store, project.layout.state)
    (found,) = search(index, "bonjour", person="speaker_00")
    assert (found.face, found.speaker, found.project) == ("obj_1", "SPEAKER_00", project.key)
    assert list(search(index, "bonjour", person="obj_1"))
    assert not list(search(index, "bonjour", person="obj_2"))
