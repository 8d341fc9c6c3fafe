from __future__ import annotations

from pathlib import Path

import pysubs2

from mediaflow_assets.formats.audio_json import Segment, Word
from mediaflow_assets.speech.exports import write_exports

SEGMENTS = [Segment(0.5, 2.0, "SPEAKER_00"), Segment(3661.25, 3662.0, "SPEAKER_01")]
WORDS = [
    Word(0.5, 0.9, "{Hello}", "SPEAKER_00"),
    Word(1.0, 2.0, "a<b", "SPEAKER_00"),
    Word(3661.25, 3662.0, "yes", "SPEAKER_01"),
]


def test_rttm_has_ten_fields(tmp_path: Path) -> None:
    rttm, *_ = write_exports(tmp_path / "v", SEGMENTS, [], name="my holiday film")
    assert rttm.read_text().splitlines() == [
        "SPEAKER my_holiday_film 1 0.500 1.500 <NA> <NA> SPEAKER_00 <NA> <NA>",
        "SPEAKER my_holiday_film 1 3661.250 0.750 <NA> <NA> SPEAKER_01 <NA> <NA>",
    ]


def test_an_unknown_speaker_has_ten_fields_too(tmp_path: Path) -> None:
    rttm, *_ = write_exports(tmp_path / "v", [Segment(2.0, 3.0, ""), Segment(4.0, 5.0, "Anna B")], [], name="v")
    lines = rttm.read_text().splitlines()
    assert [len(line.split()) for line in lines] == [10, 10]
    assert lines[0] == "SPEAKER v 1 2.000 1.000 <NA> <NA> <NA> <NA> <NA>"


def test_a_label_cannot_break_a_voice_tag(tmp_path: Path) -> None:
    label = "Anna <b> & \n B>"
    _, vtt, _ = write_exports(tmp_path / "v", [Segment(0, 1, label)], [Word(0, 1, "yes", label)], name="v")
    assert "<v Anna &lt;b&gt; &amp; B&gt;>yes\n" in vtt.read_text()


def test_subtitles_of_turns(tmp_path: Path) -> None:
    _, vtt, srt = write_exports(tmp_path / "v", SEGMENTS, [], name="v")
    assert vtt.read_text().startswith("WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n<v SPEAKER_00>SPEAKER_00\n")
    assert "01:01:01,250 --> 01:01:02,000\nSPEAKER_01" in srt.read_text()


def test_subtitles_of_words(tmp_path: Path) -> None:
    _, vtt, srt = write_exports(tmp_path / "v", SEGMENTS, WORDS, name="v")
    assert "<v SPEAKER_00>{Hello} a&lt;b\n" in vtt.read_text()
    events = pysubs2.load(str(srt))
    assert [(event.start, event.end) for event in events] == [(500, 2000), (3661250, 3662000)]
    assert events[1].plaintext == "SPEAKER_01: yes"


def test_nothing_said(tmp_path: Path) -> None:
    rttm, vtt, srt = write_exports(tmp_path / "v", [], [], name="v")
    assert (rttm.read_text(), vtt.read_text(), srt.read_text().strip()) == ("", "WEBVTT\n", "")
