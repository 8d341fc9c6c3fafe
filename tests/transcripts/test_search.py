"""Search over what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.formats.audio_json import AudioHead, write_audio
from mediaflow_assets.formats.transcript_json import LanguageSpan, Transcript, TranscriptWord, write_transcript
from mediaflow_assets.transcripts.passages import newest_transcript, stored_passages
from mediaflow_assets.transcripts.search_index import Hit, build_index, search
from mediaflow_assets.transcripts.string_out import write_string_out


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
    assert newest_transcript(store) > 0
    assert list(stored_passages(store)) == []
    write_audio(folder / "broken_audio.json", AudioHead(video_filename="a.mp4", total_frames=1), [[]])
    (found,) = stored_passages(store)
    assert (found.text, found.first, found.probability, found.language) == ("Bonjour, Zoé.", 25, 0.8, "fr")
