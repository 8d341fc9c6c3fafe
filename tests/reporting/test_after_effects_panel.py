"""The panel for After Effects: it reads a delivery, builds compositions, and keeps what a hand did to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dukpy
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.formats.reframe_json import Reframing, write_reframing
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.reporting.exports.after_effects_parts import PANEL_FILE, part, write_panel
from mediaflow_assets.transcripts.captions import cues, write_webvtt
from support.drawn_documents import Drawn, during, planned, still

HERE = Path(__file__).parent
LENGTH = 300
DOCS = "/deliveries/13 Camille/docs"
NAME = "l'été 100%41"


def document(aspect: str = "9:16", **settings: Any) -> Reframing:
    one = Drawn("obj_1", still(400), during((1, 150)))
    return planned([one, Drawn("obj_2", still(1500), during((151, LENGTH)))], LENGTH, aspect=aspect, **settings)


def delivery(folder: Path, *documents: Reframing, people: Any = None, words: list[TranscriptWord] | None = None) -> Any:
    """Path to text of what was delivered."""
    files = {f"{DOCS}/{NAME}.mp4": ""}
    for made in documents or (document(), document("1:1")):
        label = made.aspect.replace(":", "x")
        path = write_reframing(folder / "reframe.json", made)
        files[f"{DOCS}/{NAME}_reframe_{label}.json"] = path.read_text(encoding="utf-8")
    if people is not None:
        files[f"{DOCS}/{NAME}_people.json"] = json.dumps({"people": people, "edits_to_look_at": 0})
    if words is not None:
        path = write_webvtt(folder / "captions.vtt", cues(words))
        files[f"{DOCS}/{NAME}_captions.vtt"] = path.read_text(encoding="utf-8")
    return files


def host(folder: Path, files: Any, steps: str, *, docked: bool = False, chosen: str = "/deliveries/13 Camille") -> Any:
    """What there is after some steps; ``ui`` is the panel."""
    objects = (HERE / "after_effects.js").read_text(encoding="utf-8")
    script = write_panel(folder / PANEL_FILE).read_text(encoding="ascii")
    start = "var ui = new Panel(); panelOf.call(ui);" if docked else "panelOf.call({}); var ui = seen.windows[0];"
    body = script.replace("(function (host)", "var panelOf = function () { (function (host)", 1).replace(
        "}(this));", "}(this)); };"
    )
    helpers = """
        function control(text) {
            var found = null;
            function look(box) {
                for (var i = 0; i < box.children.length; i += 1) {
                    var one = box.children[i];
                    if (one.text.indexOf(text) === 0 && /button|checkbox/.test(one.type)) { found = one; }
                    look(one);
                }
            }
            look(ui);
            return found;
        }
        function status() { return ui.children[ui.children.length - 1].text; }
        function layer(comp, name) {
            for (var i = 1; i <= comp.numLayers; i += 1) { if (comp.layer(i).name === name) { return comp.layer(i); } }
        }
    """
    code = [objects, body, start, helpers, steps, "seen.status = status(); seen"]
    return dukpy.evaljs(code, script="", files=files, folder=chosen)


BUILD = "control('Choose').onClick(); control('Build').onClick();"


def layers(comp: Any) -> dict[str, Any]:
    return {layer["name"] or "footage": layer for layer in comp["all"]}


@pytest.mark.parametrize("docked", [False, True])
def test_it_opens_as_a_window_and_docked(tmp_path: Path, docked: bool) -> None:
    seen = host(tmp_path, {}, "seen.panel = ui;", docked=docked)
    assert seen["panel"]["laidOut"] is True if docked else seen["panel"]["shown"] is True
    assert seen["status"] == "Choose the folder of a delivered project."
    assert seen["all"] == []


def test_a_delivery_becomes_a_comp_for_each_aspect(tmp_path: Path) -> None:
    seen = host(tmp_path, delivery(tmp_path), BUILD)
    assert seen["alerts"] == []
    assert seen["status"] == "2 of 2 re-framings are built."
    assert [comp["about"][:3] for comp in seen["all"]] == [[f"{NAME} 9x16", 1080, 1920], [f"{NAME} 1x1", 1080, 1080]]
    assert seen["imported"] == [f"{DOCS}/{NAME}.mp4"]
    assert seen["undo"] == ["mediaflow", "end"]
    tall = layers(seen["all"][0])
    assert {"nudge", "obj_1", "obj_2"} <= set(tall)
    assert [marker["comment"] for _, marker in tall["footage"]["markers"]["keys"]] == [
        "obj_1 (speaks)",
        "obj_2 (speaks)",
    ]
    said = [(time * 25, text["text"]) for time, text in tall["obj_2"]["text"]["keys"]]
    start = document().segments[1].first
    assert said == [(0, ""), (start - 1, "obj_2")]


def test_only_what_is_ticked_is_built(tmp_path: Path) -> None:
    steps = """control('Choose').onClick(); control('9:16').value = false; control('Names').value = false;
        control('Markers').value = false; control('Build').onClick();"""
    (comp,) = host(tmp_path, delivery(tmp_path), steps)["all"]
    assert comp["about"][1:3] == [1080, 1080]
    assert set(layers(comp)) == {"footage", "nudge"}
    assert layers(comp)["footage"]["markers"]["keys"] == []


def test_only_selected_videos_are_built(tmp_path: Path) -> None:
    files = delivery(tmp_path)
    files |= {path.replace("/docs/", "/docs/sub/"): text for path, text in files.items()}
    steps = """control('Choose').onClick(); var list = ui.children[1]; list.selection = [list.items[1]];
        control('Build').onClick();"""
    seen = host(tmp_path, files, steps)
    assert seen["imported"] == [f"{DOCS}/sub/{NAME}.mp4"]
    assert len(seen["all"]) == 2


def test_people_have_their_names_and_captions_their_speakers(tmp_path: Path) -> None:
    people = [
        {"id": "person-1", "name": 'Léa <&> "d\'Été"', "faces": ["obj_1"], "voices": ["SPEAKER_00"]},
        {"id": "person-2", "name": None, "faces": ["obj_2"], "voices": ["SPEAKER_01"]},
    ]
    words = [
        TranscriptWord(0.52, 0.8, "C'est", 0.9, "SPEAKER_00"),
        TranscriptWord(0.8, 1.2, "l'été <ici> & là.", 0.9, "SPEAKER_00"),
        TranscriptWord(6.0, 6.4, "Où ?", 0.9, "SPEAKER_01"),
    ]
    seen = host(tmp_path, delivery(tmp_path, document(), people=people, words=words), BUILD)
    assert seen["alerts"] == []
    tall = layers(seen["all"][0])
    assert {'Léa <&> "d\'Été"', "obj_2", 'captions Léa <&> "d\'Été"', "captions SPEAKER_01"} <= set(tall)
    spoken = tall['captions Léa <&> "d\'Été"']["text"]["keys"]
    first, second = cues(words)
    assert [(round(time * 25), text["text"]) for time, text in spoken] == [
        (0, ""),
        (first.first, "C'est l'été <ici> & là."),
        (first.last, ""),
    ]
    assert [round(time * 25) for time, _ in tall["captions SPEAKER_01"]["text"]["keys"]] == [
        0,
        second.first,
        second.last,
    ]
    assert tall["captions SPEAKER_01"]["text"]["keys"][1][1]["justification"] == "centre"


def test_building_again_keeps_what_was_moved_and_styled_by_hand(tmp_path: Path) -> None:
    words = [TranscriptWord(1.0, 1.5, "Bonjour.", 0.9, "SPEAKER_00")]
    later = [
        TranscriptWord(2.0, 2.5, "Bonsoir.", 0.9, "SPEAKER_00"),
        TranscriptWord(5.0, 5.5, "Oui.", 0.9, "SPEAKER_00"),
    ]
    files = delivery(tmp_path, document(), words=words)
    changed = delivery(tmp_path, document(style="calm", lead=0.0), words=later)
    steps = f"""{BUILD}
        var comp = seen.all[0];
        layer(comp, 'nudge').position.still = [500, 900];
        layer(comp, 'captions SPEAKER_00').position.still = [100, 200];
        layer(comp, 'obj_1').position.still = [300, 400];
        layer(comp, 'captions SPEAKER_00').text.keys[1][1].fontSize = 99;
        comp.layer(comp.numLayers).markers.setValueAtTime(7, new MarkerValue('mine'));
        disk = dukpy.changed; {BUILD}"""
    objects = host(tmp_path, {**files}, steps.replace("dukpy.changed", msgspec.json.encode(changed).decode()))
    (comp,) = objects["all"]
    assert objects["imported"] == [f"{DOCS}/{NAME}.mp4"]
    found = layers(comp)
    assert found["nudge"]["position"]["still"] == [500, 900]
    assert found["captions SPEAKER_00"]["position"]["still"] == [100, 200]
    assert found["obj_1"]["position"]["still"] == [300, 400]
    texts = found["captions SPEAKER_00"]["text"]["keys"]
    assert [text["text"] for _, text in texts] == ["", "Bonsoir.", "", "Oui.", ""]
    assert {text["fontSize"] for _, text in texts} == {99}
    comments = [marker["comment"] for _, marker in found["footage"]["markers"]["keys"]]
    assert comments == ["obj_1 (speaks)", "obj_2 (speaks)", "mine"]
    second = document(style="calm", lead=0.0).segments[1].first
    assert [time * 25 for time, _ in found["footage"]["anchor"]["keys"]] == [0, second - 1]
    assert len(comp["all"]) == 5  # footage, nudge, two names, captions


def test_split_screens_are_made_anew_below_the_nudge(tmp_path: Path) -> None:
    one = Drawn("obj_1", still(400), lambda frame: frame // 25 % 2 == 0)
    other = Drawn("obj_2", still(1500), lambda frame: frame // 25 % 2 == 1)
    made = planned([one, other], LENGTH, split="auto")
    assert made.panels
    seen = host(tmp_path, delivery(tmp_path, made), BUILD + "control('Build').onClick();")
    assert seen["alerts"] == []
    whole, *halves = seen["all"]
    assert len(halves) == 2 * len(made.panels)
    splits = [layer for layer in whole["all"] if layer["comment"].startswith("mediaflow split")]
    assert sorted(layer["position"]["still"] for layer in splits) == [[0, -480], [0, 480]]
    assert {layer["under"] for layer in splits} == {"nudge"}


@pytest.mark.parametrize(
    "damage", ["", "{", '{"a" 1}', "[1,]", "{} {}", "nul", '{"a": .}', "[1 2]", '{"keyframes": [}']
)
def test_a_damaged_document_is_named_and_the_others_are_built(tmp_path: Path, damage: str) -> None:
    files = delivery(tmp_path)
    files[f"{DOCS}/{NAME}_reframe_9x16.json"] = damage
    seen = host(tmp_path, files, BUILD)
    assert [comp["about"][0] for comp in seen["all"]] == [f"{NAME} 1x1"]
    (alert,) = seen["alerts"]
    assert alert.startswith(f"{DOCS}/{NAME}_reframe_9x16.json: It is not JSON")
    assert seen["status"].startswith("1 of 2 re-framings are built.")
    assert seen["undo"] == ["mediaflow", "end"]


def test_a_folder_without_the_video_is_said(tmp_path: Path) -> None:
    files = delivery(tmp_path, document())
    del files[f"{DOCS}/{NAME}.mp4"]
    seen = host(tmp_path, files, BUILD)
    assert seen["alerts"] == [f"{DOCS}/{NAME}.mp4: is missing. Choose the folder to which the project was delivered."]


def test_a_folder_without_re_framings_is_said(tmp_path: Path) -> None:
    seen = host(tmp_path, {"/deliveries/13 Camille/readme.txt": ""}, "control('Choose').onClick();")
    assert seen["status"] == "There is no re-framing in 13 Camille."
    assert host(tmp_path, {}, "control('Choose').onClick();", chosen="")["status"].startswith("Choose the folder")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9, width=32) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=values, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_json_is_read_without_the_hosts_help(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if "__proto__" in text:
        return
    code = [part("documents"), "[parseJson(dukpy['text'])]"]
    (found,) = dukpy.evaljs(code, text=text)
    assert found == value
