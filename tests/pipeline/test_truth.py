"""The sample project's delivery is compared with its truth."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import pytest

from mediaflow_assets.core.timebase import frame_midpoint
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.sample import Sample, VideoTruth
from support.installation import Installation

pytestmark = pytest.mark.slow

VIDEOS = ["interview.mp4", "sub/silent.mov", "b-roll.mp4"]


@pytest.fixture(params=VIDEOS)
def video(request: pytest.FixtureRequest, sample: Sample) -> VideoTruth:
    return sample.truth.video(request.param)


def document(processed: Installation, truth: VideoTruth, suffix: str) -> Path:
    """A delivered file of a video; the archive's single root folder is flattened."""
    inside = Path(*Path(truth.path).parts[1:])
    return processed.delivered() / inside.parent / f"{inside.stem}{suffix}"


def test_video_is_constant_25_fps_with_the_true_number_of_frames(processed: Installation, video: VideoTruth) -> None:
    with av.open(str(document(processed, video, ".mp4"))) as container:
        stream = container.streams.video[0]
        stamps = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert len(stamps) == video.total_frames
    assert {later - earlier for earlier, later in pairwise(stamps)} == {1 / stream.average_rate}
    assert stream.average_rate == 25


def test_every_cut_is_on_its_frame(processed: Installation, video: VideoTruth) -> None:
    assert read_scenes(document(processed, video, ".csv")) == list(video.scenes)


def test_every_document_has_every_frame(processed: Installation, video: VideoTruth) -> None:
    for suffix in ("_audio.json", "_tracking.json"):
        frames = json.loads(document(processed, video, suffix).read_bytes())["frames_analysis"]
        assert [frame["frame"] for frame in frames] == list(range(1, video.total_frames + 1))


def test_a_face_is_found_where_there_is_one(processed: Installation, video: VideoTruth) -> None:
    frames = json.loads(document(processed, video, "_tracking.json").read_bytes())["frames_analysis"]
    shown = [frame for frame in frames if video.faces_at(frame["frame"])]
    found = [frame for frame in shown if any(item["label"] == "face" for item in frame["tracked_objects"])]
    assert len(found) >= 0.95 * len(shown)


def test_diarization_error_is_below_ten_percent(processed: Installation, sample: Sample) -> None:
    """Frame by frame: missed, false and confused speaker frames over true speaker frames."""
    truth = sample.truth.video("interview.mp4")
    frames = json.loads(document(processed, truth, "_audio.json").read_bytes())["frames_analysis"]
    heard = [set(frame["audio_info"]["active_speaker_labels"]) for frame in frames]
    said = [
        {part.speaker for part in truth.speech if part.start <= frame_midpoint(frame) < part.end}
        for frame in range(1, truth.total_frames + 1)
    ]
    labels, names = sorted(set().union(*heard)), sorted(set().union(*said))
    assert len(labels) == len(names) == 2
    errors = []
    for mapping in (dict(zip(labels, names, strict=True)), dict(zip(labels, reversed(names), strict=True))):
        wrong = sum(
            max(len(true), len(guess)) - len(true & {mapping[label] for label in guess})
            for true, guess in zip(said, heard, strict=True)
        )
        errors.append(wrong / sum(map(len, said)))
    assert min(errors) < 0.10


def test_who_speaks_is_marked_on_the_right_face(processed: Installation, sample: Sample) -> None:
    """Two take turns; now and then one of them is not in the picture, and one chews while the other speaks."""
    truth = sample.truth.video("interview.mp4")
    speaking = {(turn.person, frame) for turn in truth.speaking for frame in range(turn.first, turn.last + 1)}
    frames = json.loads(document(processed, truth, "_tracking.json").read_bytes())["frames_analysis"]
    marked = set()
    for frame in frames:
        for person, box in truth.faces_at(frame["frame"]).items():
            items = frame["tracked_objects"]
            mine = [item for item in items if box.x < item["centroid_x"] < box.x + box.width]
            if any(item["active_speakers"] for item in mine):
                marked.add((person, frame["frame"]))
    assert len(marked & speaking) >= 0.95 * len(speaking)
    assert len(marked - speaking) <= 0.02 * len(marked)


def test_a_video_without_sound_is_silent(processed: Installation, sample: Sample) -> None:
    truth = sample.truth.video("sub/silent.mov")
    frames = json.loads(document(processed, truth, "_audio.json").read_bytes())["frames_analysis"]
    assert not any(frame["audio_info"]["is_speech_present"] for frame in frames)


def test_other_files_are_delivered_and_junk_is_not(processed: Installation) -> None:
    names = {path.name for path in processed.delivered().rglob("*")}
    assert "notes.txt" in names
    assert not {name for name in names if name.startswith("._") or name == ".DS_Store"}
