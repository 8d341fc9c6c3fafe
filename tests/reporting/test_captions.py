"""Captions in the exports of a report, read back by other programs' libraries."""

from __future__ import annotations

from pathlib import Path

import dukpy
import opentimelineio as otio
import pysubs2
import pytest
from lxml import etree

from mediaflow_assets.reporting.exports import ExportSource, write_exports
from mediaflow_assets.reporting.sources import Document, VideoSource
from mediaflow_assets.reporting.timeline import build_timeline
from support.fcpxml import problems
from tests.delivery.projects import Project

KINDS = ("scenes", "audio", "tracking", "transcripts")


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    project = Project(tmp_path / "home", kinds=KINDS)
    (master,) = project.masters
    documents = {
        kind: Document(project.folders.document(kind, master.id), "project", "2026-11-21T10:00:00+00:00")
        for kind in KINDS
    }
    video = VideoSource(master.id, master.source_path, master.source_sha256, master, documents=documents)
    source = ExportSource("P", video, build_timeline("P", video))
    return write_exports(("otio", "fcpxml", "vtt", "srt", "aftereffects"), source, tmp_path / "exports")


def test_opentimelineio_has_captions_as_markers(written: dict[str, Path]) -> None:
    timeline = otio.adapters.read_from_file(str(written["otio"]))
    (caption,) = [one for one in timeline.tracks.markers if one.metadata["mediaflow"]["kind"] == "caption"]
    assert caption.name == "Bonjour, c'est Zoé."
    assert caption.metadata["mediaflow"]["speaker"] == "SPEAKER_00"
    assert (caption.marked_range.start_time.value, caption.marked_range.end_time_exclusive().value) == (12, 50)


def test_final_cut_has_captions_that_its_structure_allows(written: dict[str, Path]) -> None:
    document = etree.parse(written["fcpxml"])
    assert problems(document) == ""
    (caption,) = document.iter("caption")
    assert caption.findtext("text") == "SPEAKER_00: Bonjour, c'est Zoé."
    assert (caption.get("offset"), caption.get("duration")) == ("12/25s", "38/25s")
    assert caption.get("role") == "SRT?captionFormat=SRT.fr"
    assert caption.getparent().get("start") in {"0s", "0/25s", "0/1s"}, "the clip in which it begins"


def test_opentimelineio_still_reads_the_final_cut_file(written: dict[str, Path]) -> None:
    found = otio.adapters.read_from_file(str(written["fcpxml"]), adapter_name="fcpx_xml")
    (timeline,) = found.find_children(descended_from_type=otio.schema.Timeline)
    tracks = [track for track in timeline.tracks if any(track.find_clips())]
    (scenes,) = [track for track in tracks if len(list(track.find_clips())) == 2]
    assert [clip.duration().rescaled_to(25).to_frames() for clip in scenes.find_clips()] == [20, 30]


@pytest.mark.parametrize("name", ["vtt", "srt"])
def test_subtitles_have_the_words_of_the_transcript(written: dict[str, Path], name: str) -> None:
    (cue,) = pysubs2.load(str(written[name]))
    assert (cue.start, cue.end) == (480, 2000)
    assert "Bonjour, c'est Zoé." in cue.text
    assert "SPEAKER_00" in written[name].read_text(encoding="utf-8")


def test_after_effects_has_a_text_layer_for_each_speaker(written: dict[str, Path], tmp_path: Path) -> None:
    objects = (Path(__file__).parent / "after_effects.js").read_text(encoding="utf-8")
    script = written["aftereffects"]
    exists = str(script.parent / "a.mp4")
    seen = dukpy.evaljs([objects, script.read_text(encoding="ascii"), "seen"], script=str(script), exists=exists)
    (layer,) = [layer for layer in seen["composition"]["all"] if layer["kind"] == "text"]
    assert layer["name"] == "captions SPEAKER_00"
    said = [(round(time * 25), text["text"]) for time, text in layer["text"]["keys"]]
    assert said == [(0, ""), (12, "Bonjour, c'est Zoé.")]
