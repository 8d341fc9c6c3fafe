"""What is said holds for the documents of any engine: by appearance and voice, never by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.json_stream import read_frames
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.tracking_boxes import read_box_frames
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.journal import Journal
from mediaflow_assets.review.present import Present, review_of
from mediaflow_assets.review.record import record, undo
from mediaflow_assets.review.state import fold
from mediaflow_assets.review.streams import (
    reviewed_audio,
    reviewed_boxes,
    reviewed_scenes,
    reviewed_segments,
    reviewed_tracking,
    reviewed_words,
)
from mediaflow_assets.review.wishes import (
    CutWish,
    DropWish,
    IgnoreWish,
    KeepWish,
    LinkWish,
    MergeWish,
    NameWish,
    SpeaksWish,
    SplitWish,
    Wish,
    WordWish,
)
from tests.review.films import TOTAL, VIDEO, Place, left, present, right

ALL = range(1, TOTAL + 1)
TWO = {"obj_1": (ALL, left), "obj_2": (ALL, right)}
TURNS = {"SPEAKER_00": [(1, 60), (120, 150)], "SPEAKER_01": [(70, 110)]}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "archives", tmp_path / "state", VIDEO)


def say(journal: Journal, documents: Present, *wishes: Wish) -> Review:
    record(journal, documents, wishes, by="camille", via="cli")
    return now(journal, documents)


def now(journal: Journal, documents: Present) -> Review:
    return review_of(documents, fold(journal.versions()))


def seen(documents: Present, review: Review | None) -> dict[int, dict[str, int]]:
    """Frame to id and left edge of each object, as delivered."""
    frames = reviewed_tracking(read_frames(documents.documents["tracking"], "frames"), review)
    return {frame["frame"]: {item["id"]: item["bbox_xmin"] for item in frame["tracked_objects"]} for frame in frames}


def who_is(review: Review, documents: Present) -> dict[int, dict[str, str | None]]:
    """Frame to ``left`` or ``right`` and the name that the face there has in what is delivered."""
    found: dict[int, dict[str, str | None]] = {}
    for frame, objects in seen(documents, review).items():
        for name, x in objects.items():
            side = "left" if abs(x - left(frame)[0]) <= abs(x - right(frame)[0]) else "right"
            found.setdefault(frame, {})[side] = review.names.get(name)
    return found


def wobble(place: Place) -> Place:
    """As another engine sees it."""

    def moved(frame: int) -> tuple[int, int, int, int]:
        x, y, width, height = place(frame)
        shift = 3 if frame % 2 else -3
        return x + shift, y - shift, width + shift, height - shift

    return moved


def heard(documents: Present, review: Review) -> dict[int, list[str]]:
    frames = reviewed_audio(read_frames(documents.documents["audio"], "frames_analysis"), review)
    return {frame["frame"]: frame["audio_info"]["active_speaker_labels"] for frame in frames}


def test_names_stay_with_the_faces_when_another_engine_tracks_again(journal: Journal, tmp_path: Path) -> None:
    first = present(tmp_path / "a", TWO)
    review = say(journal, first, NameWish(who="obj_1", name="Camille"), NameWish(who="obj_2", name="Zoé"))
    assert [(one.name, one.faces, one.faces_frames) for one in review.people] == [
        ("Camille", ("obj_1",), 200),
        ("Zoé", ("obj_2",), 200),
    ]
    assert who_is(review, first)[100] == {"left": "Camille", "right": "Zoé"}

    again = present(
        tmp_path / "b",
        {
            # Ids swapped, one face in three parts, and an id that begins as one and goes on as the other.
            "obj_1": ([*range(1, 50)], wobble(right)),
            "obj_2": ([*range(1, 80)], wobble(left)),
            "obj_3": ([*range(50, 130)], wobble(right)),
            "obj_4": ([*range(80, 130)], wobble(left)),
            "obj_5": (ALL[129:], lambda n: wobble(left)(n) if n < 160 else wobble(right)(n)),
            "obj_6": (ALL[129:], lambda n: wobble(right)(n) if n < 160 else wobble(left)(n)),
        },
    )
    found = who_is(now(journal, again), again)
    assert all(names == {"left": "Camille", "right": "Zoé"} for names in found.values())
    assert len(found) == TOTAL


def test_what_is_not_found_is_listed_and_not_applied(journal: Journal, tmp_path: Path) -> None:
    say(journal, present(tmp_path / "a", TWO), NameWish(who="obj_1", name="Camille"))
    for name, documents, result in (
        ("gone", {"obj_1": (ALL, right)}, "gone"),
        ("look", {"obj_1": (range(1, 81), left)}, "look"),
        ("partly", {"obj_1": (range(1, 151), left)}, "partly"),
    ):
        review = now(journal, present(tmp_path / name, documents))
        assert [edit.result for edit in review.edits] == [result]
        assert bool(review.people) == (result == "partly")
    key = review.edits[0].id
    near = present(tmp_path / "near", {"obj_1": (range(1, 81), left)})
    assert say(journal, near, KeepWish(edit=key)).edits[0].result == "applied"
    assert say(journal, near, DropWish(edit=key)).people == ()


def test_another_length_applies_nothing_and_lists_everything(journal: Journal, tmp_path: Path) -> None:
    say(journal, present(tmp_path / "a", TWO), NameWish(who="obj_1", name="Camille"), CutWish(frame=50))
    review = now(journal, present(tmp_path / "b", {"obj_1": (range(1, 181), left)}, total=180))
    assert [edit.result for edit in review.edits] == ["look", "look"]
    assert "200 frames" in review.edits[0].why
    assert review.people == ()
    assert review.scenes is None


def test_a_split_and_what_is_said_of_the_new_one(journal: Journal, tmp_path: Path) -> None:
    swapped = {
        "obj_1": (ALL, lambda n: left(n) if n < 100 else right(n)),
        "obj_2": (ALL, lambda n: right(n) if n < 100 else left(n)),
    }
    documents = present(tmp_path, swapped)
    say(journal, documents, NameWish(who="obj_1", name="Camille"))
    review = say(journal, documents, SplitWish(who="obj_1", first=100), SplitWish(who="obj_2", first=100))
    assert set(seen(documents, review)[150]) == {"obj_3", "obj_4"}
    assert review.names == {"obj_1": "Camille"}
    review = say(journal, documents, NameWish(who="obj_3", name="Zoé"))
    assert review.names == {"obj_1": "Camille", "obj_3": "Zoé"}
    review = say(journal, documents, MergeWish(who=("obj_4",), into="obj_1"))
    review = say(journal, documents, MergeWish(who=("obj_3",), into="obj_2"))
    found = who_is(review, documents)
    assert all(names == {"left": "Camille", "right": "Zoé"} for names in found.values())
    assert set(seen(documents, review)[150]) == {"obj_1", "obj_2"}


def test_undoing_a_split_leaves_what_was_said_of_the_part(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO)
    say(journal, documents, NameWish(who="obj_1", name="Camille"))
    say(journal, documents, SplitWish(who="obj_1", first=100))
    split = journal.head
    say(journal, documents, NameWish(who="obj_3", name="Zoé"))
    undo(journal, split, by="a", via="cli")
    found = who_is(now(journal, documents), documents)
    assert found[50]["left"] == "Camille"
    assert found[150]["left"] == "Zoé"


def test_a_merge_puts_no_id_twice_in_a_frame_and_the_larger_box_wins(journal: Journal, tmp_path: Path) -> None:
    parts = {"obj_1": (range(1, 106), left), "obj_2": (range(100, 201), lambda n: (400, 50, 200, 200))}
    documents = present(tmp_path, parts)
    review = say(journal, documents, MergeWish(who=("obj_2",), into="obj_1"))
    found = seen(documents, review)
    assert all(set(objects) == {"obj_1"} for objects in found.values())
    assert found[102] == {"obj_1": 400}
    assert "100" in review.edits[0].why
    assert review.people[0].faces_frames == TOTAL


def test_two_who_are_seen_side_by_side_are_not_one_person(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="side by side in frame 1"):
        say(journal, present(tmp_path, TWO), MergeWish(who=("obj_2",), into="obj_1"))
    assert journal.versions() == []


def test_who_is_ignored_is_not_delivered(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS)
    review = say(journal, documents, IgnoreWish(who="obj_2"), IgnoreWish(who="obj_1", first=10, last=20))
    found = seen(documents, review)
    assert [len(found[n]) for n in (9, 10, 20, 21)] == [1, 0, 0, 1]
    review = say(journal, documents, IgnoreWish(who="SPEAKER_01"))
    assert heard(documents, review)[80] == []


def test_voices_are_found_by_their_turns(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path / "a", TWO, TURNS)
    say(journal, documents, NameWish(who="SPEAKER_00", name="Camille"), LinkWish(voice="SPEAKER_00", face="obj_1"))
    swapped = {"SPEAKER_00": [(71, 110)], "SPEAKER_01": [(2, 61)], "SPEAKER_02": [(121, 149)]}
    again = present(tmp_path / "b", TWO, swapped)
    review = now(journal, again)
    (camille,) = review.people
    assert (camille.name, set(camille.voices), camille.faces) == ("Camille", {"SPEAKER_01", "SPEAKER_02"}, ("obj_1",))
    assert camille.voice_frames == 60 + 29


def test_a_voice_is_merged_into_another(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS)
    review = say(journal, documents, MergeWish(who=("SPEAKER_01",), into="SPEAKER_00"))
    assert {label for labels in heard(documents, review).values() for label in labels} == {"SPEAKER_00"}
    segments = reviewed_segments(read_audio_head(documents.documents["audio"]).segments, review)
    assert {segment.speaker for segment in segments} == {"SPEAKER_00"}


def test_who_speaks_in_a_span_wins_over_the_analysis(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS, voices={"obj_1": "SPEAKER_00"})
    say(journal, documents, LinkWish(voice="SPEAKER_00", face="obj_1"), LinkWish(voice="SPEAKER_01", face="obj_2"))
    review = say(
        journal,
        documents,
        SpeaksWish(who="obj_2", first=10, last=20),
        SpeaksWish(who=None, first=30, last=40, value=False),
    )
    labels = heard(documents, review)
    assert [labels[n] for n in (9, 10, 20, 21, 35)] == [
        ["SPEAKER_00"],
        ["SPEAKER_01"],
        ["SPEAKER_01"],
        ["SPEAKER_00"],
        [],
    ]
    spoken = {
        frame.frame: [box.id for box in frame.tracked_objects if box.is_speaking]
        for frame in reviewed_boxes(read_box_frames(documents.documents["tracking"]), review)
    }
    assert [spoken[n] for n in (9, 15, 35, 80)] == [["obj_1"], ["obj_2"], [], ["obj_2"]]
    full = {
        frame["frame"]: {
            item["id"]: (item["is_speaking"], item["speaking_sources"]["audio"]["active_speakers"])
            for item in frame["tracked_objects"]
        }
        for frame in reviewed_tracking(read_frames(documents.documents["tracking"], "frames"), review)
    }
    assert full[15] == {"obj_1": (False, []), "obj_2": (True, ["SPEAKER_01"])}
    assert full[9]["obj_1"] == (True, ["SPEAKER_00"])
    segments = reviewed_segments(read_audio_head(documents.documents["audio"]).segments, review)
    assert [(round(s.start * 25), round(s.end * 25), s.speaker) for s in segments[:4]] == [
        (0, 9, "SPEAKER_00"),
        (9, 20, "SPEAKER_01"),
        (20, 29, "SPEAKER_00"),
        (40, 60, "SPEAKER_00"),
    ]


def test_somebody_without_a_voice_gets_a_label_when_heard(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS)
    review = say(journal, documents, SpeaksWish(who="obj_2", first=160, last=170))
    assert heard(documents, review)[165] == ["SPEAKER_02"]
    assert review.people[0].voices == ("SPEAKER_02",)


def test_cuts_are_added_moved_and_removed(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, scenes=[(1, 50), (51, 100), (101, 200)])
    review = say(journal, documents, CutWish(frame=51, value=False), CutWish(frame=103), CutWish(frame=150))
    assert reviewed_scenes(read_scenes(documents.documents["scenes"]), review) == [
        Scene(1, 102),
        Scene(103, 149),
        Scene(150, 200),
    ]
    moved = present(tmp_path / "b", TWO, scenes=[(1, 52), (53, 200)])
    assert now(journal, moved).scenes == [(1, 102), (103, 149), (150, 200)]


def test_a_corrected_word_survives_a_new_transcription(journal: Journal, tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS)
    said = [WordWish(start=1.0, end=1.5, text="Camille", was="camion"), WordWish(start=2.0, end=2.2, text="")]
    review = say(journal, documents, *said)
    again = [
        TranscriptWord(0.5, 0.9, "bonjour", 0.9),
        TranscriptWord(1.05, 1.2, "ca", 0.3),
        TranscriptWord(1.2, 1.45, "mille", 0.3),
        TranscriptWord(2.0, 2.2, "euh", 0.3),
    ]
    assert [word.text for word in reviewed_words(again, review)] == ["bonjour", "Camille"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (NameWish(who="obj_9", name="x"), "obj_1, obj_2"),
        (NameWish(who="obj_1", name="x" * 81), "81 characters"),
        (NameWish(who="obj_1", name="a\u202eb"), "direction"),
        (NameWish(who="obj_1", name="a\nb"), "control"),
        (SpeaksWish(who="obj_1", first=10, last=201), "200"),
        (SplitWish(who="obj_1", first=1), "frames 1 to 200"),
        (CutWish(frame=1), "cannot begin"),
        (LinkWish(voice="obj_1", face="obj_2"), "not a voice"),
        (WordWish(start=2, end=1, text="x"), "no time"),
        (KeepWish(edit="nothing"), "no correction"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    journal: Journal, tmp_path: Path, wish: Wish, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        say(journal, present(tmp_path, TWO, TURNS), CutWish(frame=20), wish)
    assert journal.versions() == []


def test_without_a_review_the_streams_are_the_documents(tmp_path: Path) -> None:
    documents = present(tmp_path, TWO, TURNS)
    for path, key, stream in (
        (documents.documents["tracking"], "frames", reviewed_tracking),
        (documents.documents["audio"], "frames_analysis", reviewed_audio),
    ):
        assert list(stream(read_frames(path, key), None)) == list(read_frames(path, key))
