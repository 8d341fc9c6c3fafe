"""Every export is read by a library that is not ours and says what the documents say.

The project has 50 frames, cut after 20; SPEAKER_00 from 0.4 to 1.2 s, heard in frames 11 to 30;
one face in frames 1 to 40, whose centre is at x = 300 + frame.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dukpy
import opentimelineio as otio
import pysubs2
import pytest
import rdflib
from lxml import etree
from motmetrics.io import loadtxt
from pyannote.database.util import load_rttm

from mediaflow_assets.reporting.exports.after_effects_parts import PANEL_FILE
from tests.reporting.conftest import HOSTILE, Reported

pytestmark = pytest.mark.parametrize("video", ["v0", "v1"])
DM = rdflib.Namespace("http://ns.adobe.com/xmp/1.0/DynamicMedia/")


def only(folder: Path, ending: str) -> Path:
    """The export with an ending; names may hold what globs take for patterns."""
    (path,) = [path for path in folder.rglob("*") if path.name.endswith(ending)]
    return path


def frames(span: Any) -> tuple[int, int]:
    """Start and length of an OpenTimelineIO range in frames at 25 per second."""
    return span.start_time.rescaled_to(25).to_frames(), span.duration.rescaled_to(25).to_frames()


def media(reported: Reported, video: str) -> str:
    """URL of the delivered video."""
    name = {"v0": "docs/interview.mp4", "v1": f"docs/sub/{Path(HOSTILE).stem}.mp4"}[video]
    path = reported.project.home / "output" / reported.project.key / name
    assert path.is_file()
    return path.as_uri()


def test_opentimelineio(reported: Reported, video: str) -> None:
    timeline = otio.adapters.read_from_file(str(only(reported.exports(video), ".otio")))
    scenes, sound = timeline.tracks
    assert [frames(clip.source_range) for clip in scenes] == [(0, 20), (20, 30)]
    assert {clip.media_reference.target_url for clip in scenes} == {media(reported, video)}
    assert [frames(clip.source_range) for clip in sound] == [(0, 50)]
    markers = [(marker.name, *frames(marker.marked_range)) for marker in timeline.tracks.markers]
    assert markers == [("obj_1", 0, 40), ("SPEAKER_00", 10, 20)]


def test_edit_decision_list(reported: Reported, video: str) -> None:
    timeline = otio.adapters.read_from_file(str(only(reported.exports(video), ".edl")), rate=25)
    assert [frames(clip.source_range) for clip in timeline.find_clips()] == [(0, 20), (20, 30)]


def test_final_cut_pro_xml(reported: Reported, video: str) -> None:
    path = only(reported.exports(video), ".fcpxml")
    document = etree.parse(path)
    assert document.find(".//media-rep").get("src") == media(reported, video)
    assert [(marker.get("value"), marker.get("start")) for marker in document.iter("marker")] == [
        ("obj_1", "0/25s"),
        ("SPEAKER_00", "10/25s"),
    ]
    (timeline,) = otio.adapters.read_from_file(str(path)).find_children(descended_from_type=otio.schema.Timeline)
    assert [clip.duration().rescaled_to(25).to_frames() for clip in timeline.find_clips()] == [20, 30]


def test_rttm(reported: Reported, video: str) -> None:
    ((_, speech),) = load_rttm(only(reported.exports(video), ".rttm")).items()
    assert [(turn.start, round(turn.end, 3), label) for turn, _, label in speech.itertracks(yield_label=True)] == [
        (0.4, 1.2, "SPEAKER_00")
    ]


@pytest.mark.parametrize("ending", [".vtt", ".srt"])
def test_subtitles(reported: Reported, video: str, ending: str) -> None:
    (cue,) = pysubs2.load(str(only(reported.exports(video), ending)))
    assert (cue.start, cue.end) == (400, 1200)
    assert "SPEAKER_00" in cue.text


def test_mot_challenge(reported: Reported, video: str) -> None:
    boxes = loadtxt(only(reported.exports(video), "gt.txt"), fmt="mot15-2D")
    assert list(boxes.index.names) == ["FrameId", "Id"]
    assert [int(frame) for frame in boxes.index.get_level_values("FrameId")] == list(range(1, 41))
    first = boxes.iloc[0]
    # motmetrics gives pixels from 0, as our documents do.
    assert (first["X"], first["Y"], first["Width"], first["Height"]) == (251, 60, 100, 120)


def test_xmp(reported: Reported, video: str) -> None:
    packet = only(reported.exports(video), ".xmp").read_bytes()
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    # XMP is RDF inside one element more (XMP specification, part 1, 7.3).
    graph = rdflib.Graph().parse(data=etree.tostring(etree.fromstring(packet)[0]), format="xml")
    found = {}
    for track, name in graph.subject_objects(DM.trackName):
        assert str(graph.value(track, DM.frameRate)) == "f25"
        found[str(name)] = [
            tuple(str(graph.value(marker, DM[key])) for key in ("name", "startTime", "duration"))
            for marker in rdflib.container.Seq(graph, graph.value(track, DM.markers)).items()
        ]
    assert found == {
        "Scenes": [("Scene 1", "0", "20"), ("Scene 2", "20", "30")],
        "Speakers": [("SPEAKER_00", "10", "20")],
        "Faces": [("obj_1", "0", "40")],
    }


def run_script(script: Path, exists: str) -> dict[str, Any]:
    """What the script did in the stand-in for After Effects."""
    objects = (Path(__file__).parent / "after_effects.js").read_text(encoding="utf-8")
    text = script.read_text(encoding="ascii")
    seen: dict[str, Any] = dukpy.evaljs([objects, text, "seen"], script=str(script), exists=exists)
    return seen


def test_after_effects(reported: Reported, video: str) -> None:
    script = only(reported.exports(video), ".jsx")
    film = unquote(urlsplit(media(reported, video)).path)
    seen = run_script(script, exists=film)
    comp = seen["composition"]
    assert comp["about"] == [Path(film).stem, 1280, 720, 1, 2, 25]
    assert comp["opened"]
    assert [(time, value["comment"], value["duration"]) for time, value in comp["markerProperty"]["keys"]] == [
        (0, "Scene 1", 0.8),
        (0.8, "Scene 2", 1.2),
    ]
    face, speaker, footage = comp["all"]
    assert footage["kind"] == film
    assert (speaker["name"], [(time, value["duration"]) for time, value in speaker["markers"]["keys"]]) == (
        "SPEAKER_00",
        [(0.4, 0.8)],
    )
    # The footage is twice as large as the video that was analysed.
    keys = [[(n - 1) / 25, [(300 + n) * 2, 240]] for n in range(1, 41)]
    assert (face["name"], face["inPoint"], face["outPoint"], face["position"]["keys"]) == ("obj_1", 0, 1.6, keys)
    assert seen["undo"] == [f"mediaflow: {Path(film).stem}", "end"]
    assert seen["dialogs"] == []


def test_after_effects_finds_the_video_beside_the_script_or_asks(reported: Reported, video: str) -> None:
    script = only(reported.exports(video), ".jsx")
    name = Path(unquote(urlsplit(media(reported, video)).path)).name
    beside = f"{script.parent}/{name}"
    assert run_script(script, exists=beside)["composition"]["all"][-1]["kind"] == beside
    nowhere = run_script(script, exists="")
    assert nowhere["composition"] is None
    assert nowhere["dialogs"] == [name]


@pytest.mark.parametrize("name", [".jsx", PANEL_FILE])
def test_after_effects_scripts_are_ecmascript_3(reported: Reported, video: str, name: str) -> None:
    """What the engine of the other tests lets pass and ExtendScript does not."""
    folder = reported.exports(video) if name == ".jsx" else reported.exports("after_effects")
    text = only(folder, name).read_text(encoding="ascii")
    literal = r'//[^\n]*|"(?:\\.|[^"\\\n])*"|(?<=[=(,])(\s*)/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[gim]*'
    code = re.sub(literal, '""', text)
    assert not re.search(r",\s*[\]}]", code), "a comma before a closing bracket"
    assert not re.search(r"[.{,]\s*(boolean|class|default|delete|enum|export|import|in|native|new|this)\b\s*:?", code)
    newer = r"`|=>|\.\.\.|\?\?|\?\.|\*\*|\b(let|const|class|async|await|yield|super|of|get|set)\b"
    assert not re.search(newer, code), re.search(newer, code)
