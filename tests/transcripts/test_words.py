"""From pieces to believed words, from words to speakers, faces, captions."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.transcripts.attribution import with_faces, with_speakers
from mediaflow_assets.transcripts.captions import GAP, LINE, cues, too_fast, write_srt, write_text, write_webvtt
from mediaflow_assets.transcripts.languages import longest_turns, windows_of_one_language
from mediaflow_assets.transcripts.transcribe import longest_repetition
from mediaflow_assets.transcripts.windows import MAX_WINDOW, digest, speech_windows
from mediaflow_assets.transcripts.words import Passage, Piece, believed, clipped, whole_words

SEGMENTS = st.lists(
    st.builds(
        lambda start, length, who: Segment(start, start + length, who),
        st.floats(0, 300),
        st.floats(0.1, 80),
        st.sampled_from("AB"),
    ),
    max_size=20,
)


def word(start: float, end: float, text: str = "mot", speaker: str | None = None) -> TranscriptWord:
    return TranscriptWord(start, end, text, 0.9, speaker)


def passage(*texts: str, no_speech: float = 0.0, log: float = -0.2, compression: float = 1.2) -> Passage:
    pieces = tuple(Piece(index * 0.5, index * 0.5 + 0.4, text, 0.9 - index / 10) for index, text in enumerate(texts))
    return Passage(pieces, no_speech, log, compression)


def test_french_pieces_are_one_word_with_the_least_probability() -> None:
    (first, second) = whole_words([passage(" c", "'est", " vrai")], "fr")
    assert (first.text, first.start, first.end, first.probability) == ("c'est", 0.0, 0.9, 0.8)
    assert second.text == "vrai"


def test_punctuation_alone_is_no_word() -> None:
    assert [one.text for one in whole_words([passage(" …", " Oui", "!", " -")], "fr")] == ["Oui!"]


def test_what_is_no_speech_and_what_repeats_itself_is_dropped_and_counted() -> None:
    said = passage(" oui")
    kept, dropped = believed([said, passage(" Ah", no_speech=0.6, log=-0.9), passage(" très", compression=3.0)])
    assert kept == [said]
    assert (dropped.no_speech, dropped.repetition) == (1, 1)


def test_what_nobody_can_say_so_fast_is_dropped() -> None:
    pieces = tuple(Piece(0.0 if index == 0 else 0.6, 0.68, f" mot{index}", 0.2) for index in range(9))
    kept, dropped = believed([Passage(pieces, 0.4, -1.7, 0.9)])
    assert not kept
    assert dropped.no_speech == 1
    assert believed([Passage(pieces[:4], 0.4, -0.2, 0.9)])[0], "four words may be one cry"


def test_words_stay_in_their_speech_and_in_order() -> None:
    placed = clipped([word(0.2, 1.4), word(1.3, 1.31)], [Segment(1.0, 2.0, "A")])
    assert [(one.start, one.end) for one in placed] == [(0.95, 1.4), (1.3, 1.34)]


def test_a_word_goes_to_the_speaker_it_overlaps_most_else_to_the_nearest() -> None:
    segments = [Segment(0, 2, "A"), Segment(1.8, 4, "B"), Segment(10, 11, "A")]
    said = with_speakers([word(1.5, 1.9), word(1.85, 2.6), word(4.6, 4.9), word(7, 7.4), word(9.5, 9.8)], segments)
    assert [one.speaker for one in said] == ["A", "B", "B", None, "A"]


def test_a_tie_goes_on_with_the_speaker_before() -> None:
    segments = [Segment(0, 3, "A"), Segment(1, 3, "B")]
    assert [one.speaker for one in with_speakers([word(0.2, 0.5), word(1.5, 2.0)], segments)] == ["A", "A"]


def test_a_word_is_said_by_the_face_that_speaks_in_most_of_its_frames() -> None:
    faces = {frame: [("obj_1", ["A"]), ("obj_2", [])] for frame in range(1, 11)}
    first, second = with_faces([word(0.0, 0.4, speaker="A"), word(2.0, 2.4, speaker="A")], faces)
    assert (first.face, second.face) == ("obj_1", None)


@given(SEGMENTS)
def test_windows_hold_all_speech_in_order_without_overlap(segments: list[Segment]) -> None:
    windows = speech_windows(segments, 400.0)
    assert all(0 <= start < end <= 400 for start, end in windows)
    assert all(one[1] <= other[0] for one, other in pairwise(windows))
    assert all(end - start <= MAX_WINDOW + 0.6 for start, end in windows)
    for one in segments:
        middle = (one.start + min(one.end, 400)) / 2
        assert any(start - 0.06 <= middle <= end + 0.06 for start, end in windows)


def test_windows_do_not_depend_on_who_speaks_nor_on_milliseconds() -> None:
    one = [Segment(1.0, 5.0, "A"), Segment(5.5, 9.0, "B")]
    other = [Segment(1.002, 3.0, "A"), Segment(2.9, 4.998, "C"), Segment(5.503, 9.001, "C")]
    assert digest(speech_windows(one, 20)) == digest(speech_windows(other, 20))


def test_a_window_never_mixes_two_languages() -> None:
    segments = [Segment(0, 5, "A"), Segment(5.5, 9, "B"), Segment(9.5, 12, "A")]
    spans = windows_of_one_language([(0.0, 12.2)], segments, {"A": ("fr", 0.9), "B": ("en", 0.8)})
    assert [(span.start, span.end, span.language) for span in spans] == [
        (0.0, 5.5, "fr"),
        (5.5, 9.5, "en"),
        (9.5, 12.2, "fr"),
    ]


def test_a_speaker_is_judged_by_the_longest_turns() -> None:
    turns = longest_turns([Segment(0, 1, "A"), Segment(2, 8, "A"), Segment(10, 13, "A"), Segment(20, 20.5, "B")])
    assert turns == {"A": [(2, 8), (10, 13)], "B": [(20, 20.5)]}


def test_repetitions_are_counted() -> None:
    assert longest_repetition([word(0, 1, text) for text in "je suis très".split() * 6]) == 6
    assert longest_repetition([word(0, 1, text) for text in "il fait beau à Paris".split()]) == 1


WORDS = st.lists(
    st.tuples(st.floats(0.05, 1.5), st.text("abcdéè", min_size=1, max_size=14), st.sampled_from(["A", "B"])),
    min_size=1,
    max_size=60,
)


@given(WORDS)
def test_cues_have_lines_that_fit_and_never_overlap(said: list[tuple[float, str, str]]) -> None:
    words, clock = [], 0.0
    for length, text, speaker in said:
        words.append(word(clock, clock + length * 0.8, text, speaker))
        clock += length
    made = cues(words)
    assert all(len(line) <= LINE for cue in made for line in cue.lines)
    assert all(1 <= len(cue.lines) <= 2 for cue in made)
    assert [text for cue in made for line in cue.lines for text in line.split()] == [one.text for one in words]
    assert all(cue.first < cue.last for cue in made)
    assert all(one.first <= other.first for one, other in pairwise(made))


def test_a_cue_stands_a_little_longer_and_leaves_two_frames() -> None:
    first, second = cues([word(1.0, 1.4, "Oui.", "A"), word(2.0, 2.4, "Non.", "B")])
    assert (first.first, first.last) == (25, 47)
    assert second.first - first.last >= GAP


def test_no_line_ends_with_an_article() -> None:
    texts = "nous avons regardé ensemble toute la soirée la grande image de la mer".split()
    (cue, *_) = cues([word(index * 0.3, index * 0.3 + 0.25, text, "A") for index, text in enumerate(texts)])
    assert cue.lines[0].split()[-1] not in {"la", "de"}


def test_files_name_speakers_escape_text_and_say_what_they_are(tmp_path: Path) -> None:
    made = cues([word(0.0, 0.5, "a<b", "R&D"), word(2.0, 2.5, "c", "R&D"), word(4.0, 4.5, "d", "B")])
    vtt = write_webvtt(tmp_path / "v.vtt", made).read_text(encoding="utf-8")
    assert vtt.startswith("WEBVTT\n\nNOTE machine transcript, not proof-read\n\n00:00:00.000 --> ")
    assert "<v R&amp;D>a&lt;b</v>" in vtt
    srt = write_srt(tmp_path / "v.srt", made).read_text(encoding="utf-8")
    assert [line for line in srt.splitlines() if ": " in line] == ["R&D: a<b", "B: d"]
    text = write_text(tmp_path / "v.txt", [word(61.0, 61.5, "oui", "A"), word(62, 63, "non", "A")]).read_text()
    assert "[00:01:01.000] A: oui non" in text


@pytest.mark.parametrize("frame", [0, 1, 24, 25, 90_000])
def test_times_are_exact_to_the_frame(tmp_path: Path, frame: int) -> None:
    import pysubs2

    made = cues([word(frame / FPS, frame / FPS + 1, "mot", "A")])
    (event,) = pysubs2.load(str(write_srt(tmp_path / "v.srt", made)))
    assert event.start * FPS == frame * 1000


def test_what_is_said_too_fast_is_counted_and_kept() -> None:
    made = cues([word(index * 0.05, index * 0.05 + 0.04, "vitesse", "A") for index in range(6)])
    assert too_fast(made) >= 1
    assert sum(len(line.split()) for cue in made for line in cue.lines) == 6
