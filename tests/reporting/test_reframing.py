"""Re-framings for editing programs, read by parsers that are not ours; each model maps the crop on the frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dukpy
import msgspec
import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mediaflow_assets.formats.reframe_json import Keyframe, Reframing, write_reframing
from mediaflow_assets.formats.timeline_json import Timeline, VideoFacts
from mediaflow_assets.reframing import transforms
from mediaflow_assets.reframing.playback import crops_of, play, views_of
from mediaflow_assets.reporting.exports import ExportSource, write_exports
from mediaflow_assets.reporting.exports.after_effects_parts import part
from mediaflow_assets.reporting.sources import VideoSource
from support import fcpxml
from support.drawn_documents import Drawn, during, planned, still

LENGTH = 300
NAMES = ("reframe_fcpxml", "reframe_resolve", "reframe_premiere", "reframe_clipboard", "aftereffects", "otio")
HERE = Path(__file__).parent


def plan(aspect: str = "9:16", **settings: Any) -> Reframing:
    walker = Drawn("obj_1", lambda frame: 300 + 3.0 * frame, during((1, 150)), size=120)
    return planned([walker, Drawn("obj_2", still(1700), during((151, 300)))], LENGTH, aspect=aspect, **settings)


def source_of(folder: Path, *documents: Reframing) -> ExportSource:
    files = {
        document.aspect.replace(":", "x"): write_reframing(folder / f"{number}.json", document)
        for number, document in enumerate(documents)
    }
    timeline = Timeline(metadata=VideoFacts(total_frames=LENGTH, width=1920, height=1080, has_audio=True))
    video = VideoSource("v0", "sub/l'été & <b>.mov", "0" * 64, delivered=folder / "l'été & <b>.mp4", reframings=files)
    return ExportSource("13 <i>Camille</i>", video, timeline)


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    return write_exports(NAMES, source_of(tmp_path, plan(), plan("4:5")), tmp_path / "exports")


sizes = st.sampled_from([(1920.0, 1080.0), (640.0, 480.0), (1080.0, 1920.0), (2048.0, 858.0)])
outputs = st.sampled_from([(1080.0, 1920.0), (1080.0, 1350.0), (1080.0, 1080.0), (1920.0, 1080.0)])
Model = Callable[[np.ndarray, transforms.Frames], transforms.Transform]


@given(source=sizes, output=outputs, scale=st.floats(0.1, 1), left=st.floats(0, 1), top=st.floats(0, 1))
def test_every_model_maps_the_crop_on_the_frame(
    source: tuple[float, float], output: tuple[float, float], scale: float, left: float, top: float
) -> None:
    frames = transforms.Frames(source, output)
    ratio = output[0] / output[1]
    width = scale * min(source[0], source[1] * ratio)
    height = width / ratio
    view = np.array([[left * (source[0] - width), top * (source[1] - height), width, height]])
    corners = np.array([[view[0, 0], view[0, 1]], [view[0, 0] + width, view[0, 1] + height]])
    wanted = np.array([[0, 0], output])
    middle, centre = np.array(source) / 2, np.array(output) / 2

    size, anchor = transforms.after_effects(view, frames)
    shown = centre + (corners - anchor) * size / 100
    assert shown == pytest.approx(wanted, abs=1e-6)

    fit = min(output[0] / source[0], output[1] / source[1])
    size, position = transforms.final_cut(view, frames)
    moved = position[0] * np.array([1, -1]) * output[1] / 100
    assert centre + (corners - middle) * fit * size + moved == pytest.approx(wanted, abs=1e-6)

    size, position = transforms.resolve(view, frames)
    fitted = np.array(source) * fit / np.array(output)
    moved = position[0] * fitted * np.array([1, -1]) * output[1] / 100
    assert centre + (corners - middle) * fit * size + moved == pytest.approx(wanted, abs=1e-6)

    size, position = transforms.premiere(view, frames)
    assert centre + (corners - middle) * size / 100 + position[0] * np.array(output) == pytest.approx(wanted, abs=1e-6)


def test_baked_keys_give_every_frame_on_straight_lines() -> None:
    views = transforms.single_views(plan())
    keys = transforms.baked(views)
    assert len(keys) < len(views) * 0.8
    for column in range(4):
        lines = np.interp(np.arange(len(views)), keys, views[keys, column])
        assert np.abs(lines - views[:, column]).max() < 1e-9


def numbers(text: str) -> list[float]:
    return [float(value) for value in text.split()]


@pytest.mark.parametrize("name", ["reframe_fcpxml", "reframe_resolve"])
def test_final_cut_pro_xml_is_valid_and_plays_the_crops(written: dict[str, Path], name: str) -> None:
    document = etree.parse(written[name])
    assert fcpxml.problems(document) == ""
    assert [project.get("name")[-4:] for project in document.iter("project")] == ["9x16", " 4x5"]
    for plan_, clip in zip((plan(), plan("4:5")), document.iter("asset-clip"), strict=True):
        crops = crops_of(plan_)
        keys = clip.findall(".//param[@name='position']/keyframeAnimation/keyframe")
        times = [int(key.get("time").removesuffix("/25s")) for key in keys]
        x = np.interp(np.arange(LENGTH), times, [numbers(key.get("value"))[0] for key in keys])
        scale = numbers(clip.find("adjust-transform").get("scale"))[0]
        fit = min(plan_.output.width / 1920, plan_.output.height / 1080)
        left = plan_.output.width / 2 - 960 * fit * scale + x * plan_.output.height / 100
        assert -left / (fit * scale) == pytest.approx(crops[:, 0], abs=0.01)


def test_opentimelineio_reads_the_final_cut_pro_xml(written: dict[str, Path]) -> None:
    found = otio.adapters.read_from_file(str(written["reframe_fcpxml"]), adapter_name="fcpx_xml")
    clips = [
        clip
        for timeline in found.find_children(descended_from_type=otio.schema.Timeline)
        for clip in timeline.find_clips()
    ]
    assert [clip.duration().rescaled_to(25).to_frames() for clip in clips] == [LENGTH, LENGTH]


def test_premiere_xml_plays_the_crops(written: dict[str, Path]) -> None:
    document = etree.parse(written["reframe_premiere"])
    assert document.getroot().get("version") == "4"
    sequences = document.findall(".//children/sequence")
    assert [sequence.findtext(".//format/samplecharacteristics/height") for sequence in sequences] == ["1920", "1350"]
    for plan_, sequence in zip((plan(), plan("4:5")), sequences, strict=True):
        scale = float(sequence.findtext(".//parameter[parameterid='scale']/value"))
        keys = sequence.findall(".//parameter[parameterid='center']/keyframe")
        times = [int(key.findtext("when")) for key in keys]
        across = np.interp(np.arange(LENGTH), times, [float(key.findtext("value/horiz")) for key in keys])
        left = plan_.output.width * (0.5 + across) - 960 * scale / 100
        assert -left / (scale / 100) == pytest.approx(crops_of(plan_)[:, 0], abs=0.01)
        assert sequence.findtext(".//clipitem/name").endswith(".mp4")
    assert document.findtext(".//pathurl").startswith("file://localhost/")
    assert len(document.findall(".//file/pathurl")) == 1


def test_clipboard_has_the_five_blocks(written: dict[str, Path]) -> None:
    text = written["reframe_clipboard_9x16"].read_text()
    assert text.startswith("Adobe After Effects 8.0 Keyframe Data\n")
    assert text.endswith("End of Keyframe Data\n")
    assert re.search(r"^\tUnits Per Second\t25$", text, re.M)
    block = text.split("Transform\tAnchor Point\n")[1].split("\n\n")[0].splitlines()[1:]
    rows = [line.split("\t") for line in block]
    x = np.interp(np.arange(LENGTH), [int(row[1]) for row in rows], [float(row[2]) for row in rows])
    crops = crops_of(plan())
    assert x == pytest.approx(crops[:, 0] + crops[:, 2] / 2, abs=0.01)


def test_opentimelineio_carries_the_keys(written: dict[str, Path]) -> None:
    timeline = otio.adapters.read_from_file(str(written["otio"]))
    keys = timeline.metadata["mediaflow"]["reframe"]["9:16"]["keyframes"]
    assert [key["frame"] for key in keys] == [key.frame for key in plan().keyframes]


def run_script(script: Path, exists: str) -> dict[str, Any]:
    objects = (HERE / "after_effects.js").read_text(encoding="utf-8")
    seen: dict[str, Any] = dukpy.evaljs(
        [objects, script.read_text(encoding="ascii"), "seen"], script=str(script), exists=exists
    )
    return seen


def hermite(keys: list[Any], time: float) -> list[float]:
    """What After Effects plays of a keyed spatial property: Bezier in time and value, along a straight way."""
    index = max(number for number, (at, _) in enumerate(keys["keys"]) if at <= time + 1e-9)
    at, value = keys["keys"][index]
    if index + 1 == len(keys["keys"]) or keys["types"][index][1] == "hold":
        return list(value)
    after, target = keys["keys"][index + 1]
    way = np.array(target) - np.array(value)
    length, span = float(np.hypot(*way)), after - at
    out, into = keys["eases"][index][1], keys["eases"][index + 1][0]
    assert out["influence"] == into["influence"] == pytest.approx(100 / 3)
    u = (time - at) / span
    points = [0, out["speed"] * span / 3, length - into["speed"] * span / 3, length]
    along = sum(
        c * p for c, p in zip(((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3), points, strict=True)
    )
    return list(np.array(value) + (way * along / length if length else 0))


def test_after_effects_builds_a_comp_for_each_aspect_and_plays_the_crops(
    written: dict[str, Path], tmp_path: Path
) -> None:
    seen = run_script(written["aftereffects"], exists=str(tmp_path / "l'été & <b>.mp4"))
    main, tall, four = seen["all"]
    assert main["about"][1:3] == [1280, 720]
    assert (tall["about"][1:3], four["about"][1:3]) == ([1080, 1920], [1080, 1350])
    crops = crops_of(plan())
    footage = tall["all"][-1]
    for frame in range(0, LENGTH, 3):
        x, _ = hermite(footage["anchor"], frame / 25)
        # The imported footage is two thirds as large as the video that was planned.
        assert x * 1.5 == pytest.approx(crops[frame, 0] + crops[frame, 2] / 2, abs=0.02), frame
    assert footage["scale"]["keys"][0][1][0] == pytest.approx(100 * 1080 / crops[0, 2] * 1.5, rel=1e-4)
    (nudge,) = [layer for layer in tall["all"] if layer["name"] == "nudge"]
    assert (nudge["position"]["still"], nudge["anchor"]["still"]) == ([540, 960], [0, 0])
    assert (footage["position"]["still"], footage["under"]) == ([0, 0], "nudge")
    assert all(tangent == [[0, 0], [0, 0]] for tangent in footage["anchor"]["tangents"])
    assert footage["markers"]["keys"][0][1]["comment"].startswith("obj_1")
    assert {"nudge", "obj_1", "obj_2"} <= {layer.get("name") for layer in tall["all"]}


def test_after_effects_split_screen_is_two_comps(tmp_path: Path) -> None:
    one = Drawn("obj_1", still(400), lambda frame: frame // 25 % 2 == 0)
    other = Drawn("obj_2", still(1500), lambda frame: frame // 25 % 2 == 1)
    document = planned([one, other], LENGTH, split="auto")
    assert document.panels
    source = source_of(tmp_path, document)
    written = write_exports(["aftereffects"], source, tmp_path / "exports")
    seen = run_script(written["aftereffects"], exists=str(tmp_path / "l'été & <b>.mp4"))
    footage = seen["all"][1]["all"][-1]
    hidden = [[panel.first, panel.last + 1] for panel in document.panels]
    assert {round(time * 25) + 1 for time, value in footage["opacity"]["keys"] if value == 0} == {
        first for first, _ in hidden
    }
    halves = [comp for comp in seen["all"] if comp["about"][1:3] == [1080, 960]]
    assert len(halves) == 2 * len(document.panels)
    places = [
        layer["position"]["still"]
        for layer in seen["all"][1]["all"]
        if layer["kind"] in {half["name"] for half in halves}
    ]
    assert sorted(places) == [[0, -480]] * len(document.panels) + [[0, 480]] * len(document.panels)


LIBRARY = "\n".join(map(part, ("layers", "texts", "reframing", "documents")))


def in_host(code: str, **given: Any) -> Any:
    """The value of an expression over the scripts' functions; ``given`` are global variables' values."""
    objects = (HERE / "after_effects.js").read_text(encoding="utf-8")
    variables = "".join(f"var {name} = dukpy[{name!r}];" for name in given)
    return dukpy.evaljs([objects, LIBRARY, variables, code], script="", exists="", **given)


def plain(document: Reframing) -> Any:
    return msgspec.to_builtins(document)


def test_a_path_is_parted_exactly() -> None:
    document = plan()
    moving = next(key for key in document.keyframes if key.easing == "cubic")
    whole = play(document.keyframes, 1, LENGTH)
    for cut in (moving.frame + 5, moving.frame + 1, moving.frame, 151):
        parts = [
            play([msgspec.convert(key, Keyframe) for key in keys], *run)
            for run in ((1, cut - 1), (cut, LENGTH))
            for keys in [in_host("keysWithin(keysOf(document), run)", document=plain(document), run=run)]
        ]
        assert np.abs(np.concatenate(parts) - whole).max() < 1e-6


def test_what_is_fitted_is_shown_whole() -> None:
    document = planned([Drawn("obj_1", still(300)), Drawn("obj_2", still(1600))], LENGTH, too_wide="fit")
    assert document.segments[0].layout == "fit"
    keys = in_host("keysOf(document)", document=plain(document))
    played = play([msgspec.convert(key, Keyframe) for key in keys], 1, LENGTH)
    assert played == pytest.approx(views_of(document), abs=1e-6)


def test_more_than_three_hours_are_parted_at_a_scene() -> None:
    longest = 3 * 3600 * 25
    assert in_host("partsOf(300, [1])") == [[1, 300]]
    parts = in_host(f"partsOf({2 * longest + 10}, [1, {longest - 99}, {longest + 5}])")
    assert parts[0] == [1, longest - 100]
    assert all(last - first + 1 <= longest for first, last in parts)
    assert [first for first, _ in parts[1:]] == [last + 1 for _, last in parts[:-1]]
    long = plain(plan()) | {"total_frames": parts[-1][1]}
    code = "buildReframe('x', document, footageOf(new File('/x.mp4')), {names: {}, markers: true, tags: true}); seen"
    comps = in_host(code, document=long)["all"]
    parts = in_host(f"partsOf({parts[-1][1]}, [1])")
    assert [comp["name"] for comp in comps] == [f"x 9x16 part {number + 1}" for number in range(len(parts))]
    assert [comp["duration"] * 25 for comp in comps] == [last - first + 1 for first, last in parts]


def test_nothing_is_written_without_a_re_framing(tmp_path: Path) -> None:
    written = write_exports(NAMES[:4], source_of(tmp_path), tmp_path / "exports")
    assert written == {}
    assert Keyframe(1, (0, 0, 1, 1)).easing == "hold"
