"""A take of three cameras from files to lists: at every cut the pictures show the same moment within a frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
import msgspec
import numpy as np
import opentimelineio as otio
import pytest
from lxml import etree
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.execution.fanout import Recipe
from mediaflow_assets.formats.audio_json import AudioHead, Segment, write_audio
from mediaflow_assets.formats.manifest import Master, Masters, write_document
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking
from mediaflow_assets.multicam.cuts import Rules
from mediaflow_assets.multicam.multicam import multicam
from support import fcpxml
from support.voices import RATE, Sound, recorded, talk
from tests.delivery.projects import Project

SECONDS = 24
BITS = 12
TURNS = [(0, 8, "SPEAKER_00"), (8, 15, "SPEAKER_01"), (15, 24, "SPEAKER_00")]
STARTS = {"near.mov": 0.0, "far.mov": -3.48, "l'été wide.mov": 2.0}
"""When each camera starts, in seconds of the first one's clock."""


def write_take(path: Path, sound: Sound, first: int, count: int) -> None:
    """A film of which every picture says, in black and white bars, which frame of the take it is."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "12"})
        picture.width, picture.height, picture.pix_fmt = 16 * BITS, 32, "yuv420p"
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        for frame in range(first, first + count):
            bars = [(frame + 1000 >> bit & 1) * 255 for bit in range(BITS)]
            image = np.repeat(np.repeat(np.array([bars], np.uint8), 16, axis=1), 32, axis=0)
            container.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="gray")))
        container.mux(picture.encode())
        for at in range(0, len(sound), 1024):
            frame = av.AudioFrame.from_ndarray(sound[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def moments(path: Path) -> list[int]:
    """Which frame of the take each picture shows."""
    with av.open(str(path)) as container:
        rows = [frame.to_ndarray(format="gray")[16, 8::16] > 127 for frame in container.decode(video=0)]
    return [int(row @ (1 << np.arange(BITS))) - 1000 for row in rows]


def faces(speakers: tuple[str, ...], start: float, count: int, height: int) -> Iterator[TrackingFrame]:
    """Faces that speak in their turns; ``start`` is when the camera starts."""
    for number in range(1, count + 1):
        second = start + (number - 1) / 25
        found = []
        for place, speaker in enumerate(speakers):
            says = any(first <= second < last and label == speaker for first, last, label in TURNS)
            x = 40 + 60 * place
            found.append(
                TrackedObject(
                    id=f"obj_{place + 1}",
                    centroid_x=x,
                    centroid_y=16,
                    bbox_xmin=x - 10,
                    bbox_xmax=x + 10,
                    bbox_ymin=0,
                    bbox_ymax=height,
                    bbox_width=20,
                    bbox_height=height,
                    source="face_landmarker",
                    label="face",
                    confidence=0.9,
                    blendshapes=None,
                    is_speaking=says,
                )
            )
        yield TrackingFrame(frame=number, tracked_objects=found)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a close camera on each of two people and one on both; started one after the other."""
    project = Project(tmp_path_factory.mktemp("take") / "home", videos=list(STARTS), kinds=())
    sound = np.concatenate(
        [talk(last - first, seed=n + 2, pitch=110 + 60 * n) for n, (first, last, _) in enumerate(TURNS)]
    )
    shown = [("SPEAKER_00",), ("SPEAKER_01",), ("SPEAKER_00", "SPEAKER_01")]
    masters = []
    for number, (old, start) in enumerate(zip(project.masters, STARTS.values(), strict=True)):
        path = project.folders.video / old.path
        seconds = SECONDS - start if number else SECONDS
        heard = recorded(
            sound, offset=start, seconds=seconds, room=0.2 * number, level=0.5**number, noise=0.003, seed=number
        )
        count = round(seconds * 25)
        write_take(path, heard, round(start * 25), count)
        facts = {"sha256": sha256_of(path), "bytes": path.stat().st_size, "total_frames": count}
        master = msgspec.structs.replace(old, **facts, width=16 * BITS, height=32)
        masters.append(master)
        tracking = project.folders.tracking / f"{master.id}_tracking.json"
        write_tracking(
            tracking, {"video_path": master.path}, count, faces(shown[number], start, count, 12 if number < 2 else 5)
        )
        audio = project.folders.audio / f"{master.id}_audio.json"
        segments = tuple(Segment(float(first), float(last), label) for first, last, label in TURNS)
        labels = [[label for first, last, label in TURNS if first <= n / 25 < last] for n in range(count)]
        head = AudioHead(video_filename=master.path, total_frames=count, segments=segments)
        write_audio(audio, head, labels)
        recipe = Recipe(stage="test", code_version="1", inputs={"video": master.sha256}, engine="test")
        project._record(project.folders.tracking, master.id, recipe, {"tracking": tracking})
        project._record(project.folders.audio, master.id, recipe, {"audio": audio})
    project.masters[:] = masters
    write_document(project.folders.video / "manifest.json", Masters(project=project.key, videos=tuple(masters)))
    return project


@pytest.fixture(scope="module")
def written(take: Project) -> Path:
    """What the command writes for the three, beside its path without an ending."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEDIAFLOW_HOME", str(take.home))
        result = CliRunner().invoke(app, ["multicam", "13", *STARTS])
    assert result.exit_code == 0, result.stderr or result.exception
    assert "far.mov: begins -87.0 frames after the first, does not drift" in result.stdout
    assert "SPEAKER_01: far.mov" in result.stdout
    assert "Several at once: l'été wide.mov" in result.stdout
    return take.folders.reports / "multicam" / "v0_multicam"


def test_at_every_cut_the_picture_shows_the_moment_of_the_sound(take: Project, written: Path) -> None:
    timeline = otio.adapters.read_from_file(f"{written}.otio")
    picture, *sounds = timeline.tracks
    shown = {master.path: moments(take.folders.video / master.path) for master in take.masters}
    seen = []
    for clip in picture:
        span, place = clip.source_range, clip.range_in_parent()
        file = Path(unquote(urlsplit(clip.media_reference.target_url).path)).name
        seen.append((file, place.start_time.value))
        for step in (0, span.duration.value - 1):
            assert abs(shown[file][int(span.start_time.value + step)] - (place.start_time.value + step)) <= 1
    assert seen == [("v0.mp4", 0), ("v1.mp4", 195), ("v0.mp4", 370)]
    assert [track.name for track in sounds] == ["SPEAKER_00", "SPEAKER_01"]
    for track in sounds:
        assert track.duration().value == SECONDS * 25
        clips = [item for item in track if isinstance(item, otio.schema.Clip)]
        assert all(clip.source_range == clip.range_in_parent() for clip in clips)
    assert sum(clip.duration().value for track in sounds for clip in track.find_clips()) == SECONDS * 25


def test_the_edit_decision_list_has_a_reel_for_each_camera(written: Path) -> None:
    text = Path(f"{written}.edl").read_text()
    assert [line.split()[1] for line in text.splitlines() if line[:3].isdigit()] == ["CAM1", "CAM2", "CAM1"]
    clips = list(otio.adapters.read_from_file(f"{written}.edl", rate=25).find_clips())
    assert [(clip.source_range.start_time.value, clip.duration().value) for clip in clips] == [
        (0, 195),
        (195 + 87, 175),
        (370, 230),
    ]


def frames(text: str) -> int:
    return int(text.removesuffix("/25s"))


def test_final_cut_pro_xml_has_the_pictures_in_line_and_the_voices_below(written: Path) -> None:
    document = etree.parse(f"{written}.fcpxml")
    assert fcpxml.problems(document) == ""
    clips = document.find(".//spine").findall("asset-clip")
    assert [(clip.get("ref"), frames(clip.get("offset")), frames(clip.get("start"))) for clip in clips] == [
        ("a1", 0, 0),
        ("a2", 195, 282),
        ("a1", 370, 370),
    ]
    heard = []
    for clip in clips:
        for sound in clip.findall("asset-clip"):
            # A connected clip lies where its own time of the clip above is.
            place = frames(clip.get("offset")) + frames(sound.get("offset")) - frames(clip.get("start"))
            assert place == frames(sound.get("start"))
            heard.append((place, frames(sound.get("duration")), sound.get("audioRole"), sound.get("lane")))
    assert heard == [
        (0, 200, "dialogue.SPEAKER_00", "-1"),
        (200, 175, "dialogue.SPEAKER_01", "-2"),
        (375, 225, "dialogue.SPEAKER_00", "-1"),
    ]
    (timeline,) = otio.adapters.read_from_file(f"{written}.fcpxml", adapter_name="fcpx_xml").find_children(
        descended_from_type=otio.schema.Timeline
    )
    assert timeline.duration().rescaled_to(25).to_frames() == SECONDS * 25


def test_the_document_says_how_it_came_about(written: Path) -> None:
    document = msgspec.json.decode(Path(f"{written}.json").read_bytes())
    offsets = {angle["video"]: angle["offset_seconds"] for angle in document["angles"]}
    assert offsets == pytest.approx(STARTS, abs=0.04)
    assert [cut["why"] for cut in document["cuts"]] == ["speaks"] * 3


def run(take: Project, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setenv("MEDIAFLOW_HOME", str(take.home))
    result = CliRunner().invoke(app, ["multicam", "13", *words])
    assert result.exit_code != 0
    return str(result.exception)


def test_wrong_use_is_said(take: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "two or more different videos" in run(take, monkeypatch, "near.mov")
    assert "two or more different videos" in run(take, monkeypatch, "near.mov", "near.mov")
    assert "is not a video of this project" in run(take, monkeypatch, "near.mov", "other.mov")
    assert "is not one of the angles" in run(take, monkeypatch, "near.mov", "far.mov", "--wide", "v2")
    assert "below twice" in run(take, monkeypatch, "near.mov", "far.mov", "--longest", "3")


def test_another_take_is_named(take: Project, tmp_path: Path) -> None:
    from mediaflow_assets.multicam.multicam import Recording

    other = tmp_path / "other.mp4"
    write_take(other, talk(12, seed=77), 0, 300)
    first = take.masters[0]
    strange: Master = msgspec.structs.replace(first, id="x", source_path="other.mov", total_frames=300)
    documents = {"audio": take.folders.audio / "v0_audio.json"}
    recordings = [
        Recording(first, take.folders.video / first.path, documents, "near.mp4"),
        Recording(strange, other, {}, "other.mp4"),
    ]
    with pytest.raises(BadInput, match=r"other\.mov: does not have the sound of near\.mov\. Name recordings"):
        multicam(recordings, Rules(), tmp_path / "out", name="out")
    assert not list(tmp_path.glob("out*"))
