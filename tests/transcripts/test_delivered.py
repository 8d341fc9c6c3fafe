"""Words in the delivery: asked for, complete, restored; never waited for when nobody asked."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pysubs2
import pytest

from mediaflow_assets.assets import finalized_project as stage
from mediaflow_assets.delivery.bag import inspect, read_manifest
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.restore import restore_delivery, restore_project
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.formats.transcript_json import read_transcript
from mediaflow_assets.settings import Settings
from mediaflow_assets.tables import open_delivery
from mediaflow_assets.transcripts.delivered import words_writer
from tests.delivery.projects import Project, finalized

TRACKING = "{stem}_tracking.json"
KINDS = ("scenes", "audio", "tracking", "transcripts")
WORDS = ["docs/a_captions.srt", "docs/a_captions.vtt", "docs/a_transcript.json", "docs/a_transcript.txt"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "home", kinds=KINDS)


def test_nothing_is_delivered_that_was_not_asked_for(project: Project) -> None:
    done = finalized(project)
    assert sorted(file.kind for file in done.delivery.files) == ["audio", "scenes", "tracking", "video"]
    assert not [note for note in done.record.notes if "said" in note]


def test_words_come_with_speaker_and_face(project: Project) -> None:
    done = finalized(project, transcript=True, captions=True)
    folder = done.delivery.folder
    assert sorted(set(read_manifest(folder)) & set(WORDS)) == WORDS
    assert inspect(folder).intact
    assert done.record.videos[0].paths["transcript"] == "docs/a_transcript.json"
    document = read_transcript(folder / "docs/a_transcript.json")
    assert [(word.text, word.speaker, word.face) for word in document.words] == [
        ("Bonjour,", "SPEAKER_00", "obj_1"),
        ("c'est", "SPEAKER_00", "obj_1"),
        ("Zoé.", "SPEAKER_00", None),  # the face is silent by then
    ]
    (event,) = pysubs2.load(str(folder / "docs/a_captions.srt"))
    assert event.text == "SPEAKER_00: Bonjour, c'est Zoé."
    assert "NOTE machine transcript, not proof-read" in (folder / "docs/a_captions.vtt").read_text(encoding="utf-8")
    assert "SPEAKER_00: Bonjour, c'est Zoé." in (folder / "docs/a_transcript.txt").read_text(encoding="utf-8")
    (work,) = (project.folders.work / "transcripts").glob("*_transcript.json")
    assert {word.speaker for word in read_transcript(work).words} == {None}, "never stored"
    assert finalized(project, transcript=True, captions=True).delivery.unchanged


@pytest.mark.parametrize(
    ("asked", "found"), [({"transcript": True}, WORDS[2:3]), ({"captions": True}, [WORDS[0], WORDS[1], WORDS[3]])]
)
def test_each_is_asked_for_on_its_own(project: Project, asked: dict[str, bool], found: list[str]) -> None:
    done = finalized(project, **asked)
    assert sorted(set(read_manifest(done.delivery.folder)) & set(WORDS)) == found


def test_tables_of_a_delivery_have_the_words(project: Project) -> None:
    folder = finalized(project, transcript=True).delivery.folder
    words = open_delivery(folder).words
    assert list(words["text"]) == ["Bonjour,", "c'est", "Zoé."]


def test_received_subtitles_keep_their_name(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", kinds=KINDS, others=("a.srt", "a.vtt", "a.txt"))
    done = finalized(project, captions=True)
    assert not done.delivery.renamed
    assert (done.delivery.folder / "docs/a.srt").read_bytes() == b"a.srt"


def test_a_video_without_a_transcript_is_delivered_and_said(tmp_path: Path) -> None:
    project = Project(tmp_path / "home")
    done = finalized(project, captions=True)
    assert sorted(file.kind for file in done.delivery.files) == ["audio", "scenes", "tracking", "video"]
    (note,) = [note for note in done.record.notes if "a.mov" in note]
    assert note.startswith("what is said in a.mov is not delivered: the transcript: is not made")


def test_a_restored_project_has_its_words(project: Project) -> None:
    for kind in (*KINDS, "reduced"):
        for record in (project.folders.work / kind / ".records").glob("*"):
            record.unlink()
    finalized(project, finalize_mode="videos")
    writer = words_writer(DeliverySettings(transcript=True, captions=True))
    records = DeliveryRecords(project.layout.state)
    added = restore_project(records, project.key, project.store, TRACKING, writer)
    folder = project.home / "output" / project.key
    assert [path for path in added if path in WORDS] == WORDS
    assert read_transcript(folder / "docs/a_transcript.json").words[0].face == "obj_1"
    assert inspect(folder).intact
    assert inspect(folder).unexpected == ()
    assert restore_delivery(folder, project.store, TRACKING, writer) == []


def test_a_delivery_restores_its_words_by_itself_when_that_is_set(project: Project) -> None:
    for kind in (*KINDS, "reduced"):
        for record in (project.folders.work / kind / ".records").glob("*"):
            record.unlink()
    done = finalized(project, finalize_mode="videos", restore_archives=True, transcript=True)
    kinds = sorted(file.kind for file in done.delivery.files)
    assert kinds == ["audio", "scenes", "tracking", "transcript", "video"]
    assert not [note for note in done.record.notes if "not" in note]


def test_the_work_folder_stays_while_the_store_lacks_the_words(project: Project) -> None:
    (stored,) = project.store.root.rglob("a_transcript.json")
    stored.unlink()
    done = finalized(project, retention="work")
    assert "the analysis store does not have transcripts/v0_transcript.json" in " ".join(done.removed)


@pytest.mark.parametrize(
    ("environment", "waits"),
    [
        ({}, False),
        ({"SPEECH_TRANSCRIBE": "whisper"}, False),
        ({"DELIVER_CAPTIONS": "on"}, True),
        ({"DELIVER_TRANSCRIPT": "on"}, True),
        ({"RETENTION": "work"}, True),
    ],
)
def test_the_delivery_waits_for_words_only_if_it_has_them_or_clears_up(
    environment: dict[str, str], waits: bool
) -> None:
    settings = Settings.load(env_file=None, environ=environment)
    (asset,) = stage.after_words([stage.finalized_project], settings)
    assert (dg.AssetKey("transcript_json") in asset.asset_deps[stage.finalized_project.key]) is waits
