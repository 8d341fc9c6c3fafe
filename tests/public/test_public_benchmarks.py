"""Readers and rules of the public benchmarks, on small files in the layouts of the sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.public import active_speakers, diarization, identities, shots
from benchmarks.public.published import PUBLISHED, table
from mediaflow_assets.formats.tracking_json import TrackedObject, TrackingFrame, write_tracking


def touch(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_bbc_texts_belong_to_videos_by_their_number(tmp_path: Path) -> None:
    touch(tmp_path / "videos/bbc_01.mp4")
    touch(tmp_path / "videos/bbc_02.mp4")
    touch(tmp_path / "fixed/01-scenes.txt", "0\t40\n41\t99\n100\t250\n")
    (found,) = shots.read_set("bbc", tmp_path)
    assert found == (tmp_path / "videos/bbc_01.mp4", [(40, 41), (99, 100)])


def test_rai_and_shot_texts_belong_to_videos_by_their_name(tmp_path: Path) -> None:
    touch(tmp_path / "21867.mp4")
    touch(tmp_path / "gt_21867.txt", "0 10\n14 30\n")
    (found,) = shots.read_set("rai", tmp_path)
    assert found.transitions == [(10, 14)]


def test_clipshots(tmp_path: Path) -> None:
    touch(tmp_path / "videos/test/a.mp4")
    annotations = {"a.mp4": {"transitions": [[31, 32], [80, 95]], "frame_num": 300.0}, "b.mp4": {"transitions": []}}
    touch(tmp_path / "annotations/test.json", json.dumps(annotations))
    (found,) = shots.read_set("clipshots", tmp_path)
    assert (found.video.name, found.transitions) == ("a.mp4", [(31, 32), (80, 95)])


def test_a_set_without_videos_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no annotated video of shot"):
        list(shots.read_set("shot", tmp_path))
    with pytest.raises(SystemExit, match="no sound with an annotation"):
        list(diarization.read_set(tmp_path))


@pytest.mark.parametrize(("end", "hit"), [(5, True), (4, True), (3, True), (2, False), (7, True), (8, False)])
def test_a_cut_may_be_two_frames_off(end: int, hit: bool) -> None:
    """The examples of the published evaluation: a true cut after frame 5."""
    counts = shots.count([(5, 6)], [(end, end + 1)])
    assert counts == ((1, 0, 0) if hit else (0, 1, 1))


def test_a_transition_is_found_once() -> None:
    counts = shots.count([(10, 20), (50, 51)], [(11, 12), (18, 19)])
    assert counts == (1, 1, 1)
    assert counts.f1 == 0.5
    assert shots.count([], []).f1 == 0.0


def test_voxconverse_and_ami(tmp_path: Path) -> None:
    touch(tmp_path / "audio/abjxc.wav")
    touch(tmp_path / "dev/abjxc.rttm", "SPEAKER abjxc 1 0.40 6.64 <NA> <NA> spk00 <NA> <NA>\n")
    touch(tmp_path / "audio/EN2002a.Mix-Headset.wav")
    touch(tmp_path / "test/EN2002a.rttm", "SPEAKER EN2002a 1 1.00 2.00 <NA> <NA> MEE073 <NA> <NA>\n")
    touch(tmp_path / "uems/EN2002a.uem", "EN2002a 1 0.000 2140.7\n")
    first, second = diarization.read_set(tmp_path)
    assert (first.sound.name, first.truth.labels()) == ("EN2002a.Mix-Headset.wav", ["MEE073"])
    assert first.scored is not None
    assert first.scored.duration() == pytest.approx(2140.7)
    assert (second.sound.name, second.scored) == ("abjxc.wav", None)
    (only,) = diarization.read_set(tmp_path, split="dev")
    assert only.truth.labels() == ["spk00"]


AVA = """\
053oq2xB3oU,902.0,0.2,0.1,0.4,0.5,NOT_SPEAKING,053oq2xB3oU_0900_0960:1
053oq2xB3oU,902.04,0.2,0.1,0.4,0.5,SPEAKING_AUDIBLE,053oq2xB3oU_0900_0960:1
053oq2xB3oU,902.08,0.2,0.1,0.4,0.5,SPEAKING_NOT_AUDIBLE,053oq2xB3oU_0900_0960:1
053oq2xB3oU,902.08,0.6,0.1,0.8,0.5,SPEAKING_AUDIBLE,053oq2xB3oU_0900_0960:2
"""


def test_ava_boxes_get_the_score_of_the_face_that_overlaps_them(tmp_path: Path) -> None:
    touch(tmp_path / "val/053oq2xB3oU-activespeaker.csv", AVA)
    ((name, rows),) = active_speakers.read_rows(tmp_path).items()
    assert name == "053oq2xB3oU"
    assert [row.speaks for row in rows] == [False, True, False, True]
    faces = [[((0.2, 0.1, 0.4, 0.5), 0.1)], [((0.21, 0.1, 0.41, 0.5), 0.9)], [((0.3, 0.1, 0.5, 0.5), 0.8)]]
    assert active_speakers.scores_of(rows, faces, 902.0).tolist() == [0.1, 0.9, 0.0, 0.0]


def test_average_precision_is_that_of_voc() -> None:
    assert active_speakers.average_precision([True, False], [0.9, 0.1]) == 1.0
    # Precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1: made monotone, the second half counts 2/3.
    assert active_speakers.average_precision([True, False, True], [0.9, 0.8, 0.7]) == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert active_speakers.average_precision([False], [0.3]) == 0.0


def test_ids_are_scored_by_trackeval(tmp_path: Path) -> None:
    """Two faces that are found where they are; half way one gets a new id."""
    lines = [f"{frame},{number},{100 * number},50,40,40,1,1,1" for frame in range(1, 21) for number in (1, 2)]
    lines += ["1,3,500,50,40,40,0,1,1"]
    touch(tmp_path / "seq/gt/gt.txt", "\n".join(lines))

    def faces(frame: int) -> TrackingFrame:
        ids = (1, 2 if frame <= 10 else 3)
        return TrackingFrame(frame=frame, tracked_objects=[_face(number, place) for place, number in enumerate(ids, 1)])

    metadata = {"video_path": "v.mp4", "tracking_engine": "test"}
    write_tracking(tmp_path / "seq/tracking.json", metadata, 20, (faces(frame) for frame in range(1, 21)))
    score = identities.score_sequence(tmp_path / "seq/gt/gt.txt", tmp_path / "seq/tracking.json")
    assert score.switches == 1
    assert score.mota == pytest.approx(39 / 40)
    assert 0.7 < score.hota < 0.95


def _face(number: int, place: int) -> TrackedObject:
    left = 100 * place
    return TrackedObject(
        id=f"obj_{number}",
        centroid_x=left + 20,
        centroid_y=70,
        bbox_xmin=left,
        bbox_xmax=left + 40,
        source="face_landmarker",
        label="face",
        bbox_ymin=50,
        bbox_ymax=90,
        bbox_width=40,
        bbox_height=40,
    )


def test_our_row_stands_beside_published_ones() -> None:
    lines = table("rai", "F1", "mediaflow", 91.04).splitlines()
    assert lines[2] == "| mediaflow | 91.0 | measured here |"
    assert len(lines) == 3 + len(PUBLISHED["rai"])
