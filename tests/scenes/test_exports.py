"""Scenes in other programs' formats, read back by those programs' own libraries where they exist."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import Transition, TransitionKind
from mediaflow_assets.scenes.exports import FORMATS, Medium, write_exports
from mediaflow_assets.scenes.settings import SceneSettings

SCENES = [Scene(1, 40), Scene(41, 41), Scene(42, 3000)]
MEDIUM = Medium("Interview é & <1>", "file:///videos/interview%20%C3%A9.mp4", 3000, 1920, 1080, True)


TRANSITIONS = [Transition(40, "cut", 40, 40, 0.9), Transition(41, "dissolve", 41, 53, 0.8)]


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    paths = write_exports(tmp_path / "interview.csv", list(FORMATS), SCENES, MEDIUM)
    return dict(zip(FORMATS, paths, strict=True))


def test_they_lie_beside_the_csv(written: dict[str, Path]) -> None:
    assert [path.name for path in written.values()] == [
        "interview-scenes.csv",
        "interview.edl",
        "interview.otio",
        "interview.fcpxml",
    ]


def test_pyscenedetect_numbers_frames_as_it_does_itself(written: dict[str, Path]) -> None:
    lines = written["pyscenedetect"].read_text().splitlines()
    assert lines[0].startswith("Timecode List:")
    rows = list(csv.DictReader(lines[1:]))
    assert [(int(row["Start Frame"]), int(row["End Frame"])) for row in rows] == [tuple(scene) for scene in SCENES]
    assert [row["Length (frames)"] for row in rows] == ["40", "1", "2959"]


@pytest.mark.parametrize("name", ["edl", "otio"])
def test_timelines_have_every_scene_at_its_place(written: dict[str, Path], name: str) -> None:
    rate = {"rate": 25} if name == "edl" else {}  # the format does not say it
    timeline = otio.adapters.read_from_file(str(written[name]), **rate)
    if isinstance(timeline, otio.schema.SerializableCollection):
        timeline = timeline[0]
    track = timeline.video_tracks()[0]
    found = [(clip.source_range.start_time.value + 1, clip.source_range.duration.value) for clip in track]
    assert found == [(scene.first, scene.last - scene.first + 1) for scene in SCENES]
    assert {clip.source_range.start_time.rate for clip in track} == {25}


def test_an_edl_is_cmx_3600(written: dict[str, Path]) -> None:
    lines = written["edl"].read_text().splitlines()
    assert lines[0] == "TITLE: Interview e & <1>"
    assert "FCM: NON-DROP FRAME" in lines
    events = [line.split() for line in lines if line[:3].isdigit()]
    assert events[1] == ["002", "AX", "V", "C", *["00:00:01:15", "00:00:01:16"] * 2]


def test_an_edl_has_its_header_whatever_the_name(tmp_path: Path) -> None:
    """The format is ASCII; nothing of this name is left in it."""
    (path,) = write_exports(tmp_path / "v.csv", ["edl"], SCENES, MEDIUM._replace(name="日本語"))
    assert path.read_text().splitlines()[:2] == ["TITLE: UNTITLED", "FCM: NON-DROP FRAME"]


def test_final_cut_finds_the_medium_and_its_sound(written: dict[str, Path]) -> None:
    root = ElementTree.parse(written["fcpxml"]).getroot()  # noqa: S314 - of our own making
    (asset,) = root.iter("asset")
    assert asset.get("hasAudio") == "1"
    assert [item.get("src") for item in asset.iter("media-rep")] == [MEDIUM.url]
    clips = list(root.iter("asset-clip"))
    assert len(clips) == len(SCENES)
    assert clips[1].get("duration") in ("1/25s", "100/2500s")


def test_opentimelineio_has_the_gradual_transitions(tmp_path: Path) -> None:
    (path,) = write_exports(tmp_path / "v.csv", ["otio"], SCENES, MEDIUM, TRANSITIONS)
    pictures, sound = otio.adapters.read_from_file(str(path)).tracks
    first, second, dissolve, third = pictures
    assert isinstance(dissolve, otio.schema.Transition)
    assert dissolve.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    # 13 frames, the first of which is the last one of its scene.
    assert (dissolve.in_offset.value, dissolve.out_offset.value) == (1, 12)
    assert [clip.source_range.start_time.value for clip in (first, second, third)] == [0, 40, 41]
    assert not any(isinstance(item, otio.schema.Transition) for item in sound)


@pytest.mark.parametrize("kind", ["fade", "flash", "wipe", "unknown"])
def test_what_smpte_does_not_know_is_called_by_its_name(tmp_path: Path, kind: TransitionKind) -> None:
    transitions = [Transition(40, kind, 36, 40, 0.9)]
    otio_path, fcpxml = write_exports(tmp_path / "v.csv", ["otio", "fcpxml"], SCENES, MEDIUM, transitions)
    (found,) = otio.adapters.read_from_file(str(otio_path)).find_children(descended_from_type=otio.schema.Transition)
    assert (found.name, found.transition_type) == (kind, otio.schema.TransitionTypes.Custom)
    (other,) = ElementTree.parse(fcpxml).iter("transition")  # noqa: S314 - of our own making
    assert other.get("name") == f"Cross Dissolve ({kind})"


def test_final_cut_has_the_gradual_transitions_between_the_clips(tmp_path: Path) -> None:
    (path,) = write_exports(tmp_path / "v.csv", ["fcpxml"], SCENES, MEDIUM, TRANSITIONS)
    (spine,) = ElementTree.parse(path).iter("spine")  # noqa: S314 - of our own making
    assert [item.tag for item in spine] == ["asset-clip", "asset-clip", "transition", "asset-clip"]
    assert (spine[2].get("name"), spine[2].get("offset"), spine[2].get("duration")) == (
        "Cross Dissolve",
        "40/25s",
        "13/25s",
    )
    (timeline,) = otio.adapters.read_from_file(str(path)).find_children(descended_from_type=otio.schema.Timeline)
    assert [clip.duration().rescaled_to(25).to_frames() for clip in timeline.find_clips()] == [40, 1, 2959]


def test_only_known_formats_can_be_asked_for() -> None:
    assert SceneSettings(exports="edl, otio").exports == ("edl", "otio")
    with pytest.raises(ValueError, match="no export of scenes is called 'aaf'"):
        SceneSettings(exports="aaf")


@given(
    window=st.integers(20, 500),
    stride=st.integers(1, 500),
    padding=st.integers(0, 200),
)
def test_windows_that_would_shift_boundaries_are_refused(window: int, stride: int, padding: int) -> None:
    if stride == window - 2 * padding:
        assert SceneSettings(window=window, stride=stride, padding=padding).stride == stride
    else:
        with pytest.raises(ValueError, match="would shift every boundary"):
            SceneSettings(window=window, stride=stride, padding=padding)


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07 and \x00", "\u2028line \x1b[31m", "\n"])
def test_no_name_breaks_an_export(tmp_path: Path, name: str) -> None:
    paths = write_exports(tmp_path / "v.csv", ["edl", "fcpxml"], SCENES, MEDIUM._replace(name=name))
    edl, fcpxml = paths
    plain = write_exports(tmp_path / "plain.csv", ["edl"], SCENES, MEDIUM._replace(name="plain"))[0]
    assert len(edl.read_text().splitlines()) == len(plain.read_text().splitlines())
    assert len(list(ElementTree.parse(fcpxml).iter("asset-clip"))) == len(SCENES)  # noqa: S314 - of our own making
