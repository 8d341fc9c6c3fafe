from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.sample.storyboard import B_ROLL, FILMS, HEIGHT, INTERVIEW, WIDTH, Film
from mediaflow_assets.sample.truth import Truth, VideoTruth, shown_frames, video_truth

RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(50)]

every_film = pytest.mark.parametrize("film", FILMS, ids=lambda film: film.path)


@given(frames=st.integers(1, 400))
def test_a_25_fps_source_is_shown_frame_by_frame(frames: int) -> None:
    assert shown_frames(frames, Fraction(25)) == list(range(frames))


@given(frames=st.integers(1, 400), rate=st.sampled_from(RATES))
def test_each_frame_shows_the_last_source_frame_that_has_begun(frames: int, rate: Fraction) -> None:
    shown = shown_frames(frames, rate)
    half = Fraction(1, 50)
    for index, source in enumerate(shown):
        time = Fraction(index, 25)
        assert source / rate < time + half
        assert source == frames - 1 or (source + 1) / rate >= time + half
    assert abs(Fraction(len(shown), 25) - frames / rate) <= half


@every_film
def test_scenes_and_face_counts_tile_the_video(film: Film) -> None:
    truth = video_truth(film, film.path)
    for ranges in (truth.scenes, [(count.first, count.last) for count in truth.face_counts]):
        assert ranges[0][0] == 1
        assert ranges[-1][1] == truth.total_frames
        assert all(after[0] == before[1] + 1 for before, after in pairwise(ranges))
    assert len(truth.scenes) == len(film.shots)


@every_film
def test_no_cut_is_on_a_whole_second(film: Film) -> None:
    assert all(scene.last % 25 for scene in video_truth(film, film.path).scenes[:-1])


@every_film
def test_face_boxes_are_inside_the_frame_and_apart(film: Film) -> None:
    truth = video_truth(film, film.path)
    for frame in range(1, truth.total_frames + 1):
        boxes = list(truth.faces_at(frame).values())
        for box in boxes:
            assert 0 <= box.x < box.x + box.width <= WIDTH
            assert 0 <= box.y < box.y + box.height <= HEIGHT
        for one, other in combinations(sorted(boxes), 2):
            assert one.x + one.width < other.x


@every_film
def test_face_counts_agree_with_the_boxes(film: Film) -> None:
    truth = video_truth(film, film.path)
    for run in truth.face_counts:
        assert {len(truth.faces_at(frame)) for frame in range(run.first, run.last + 1)} == {run.count}
    assert all(len(track.boxes) == track.last - track.first + 1 for track in truth.faces)


def test_the_interview_is_thirty_seconds_with_every_case() -> None:
    truth = video_truth(INTERVIEW, "interview.mp4")
    assert truth.total_frames == 750
    assert [scene.last for scene in truth.scenes] == [133, 252, 389, 458, 497, 612, 750]
    assert {count.count for count in truth.face_counts} == {0, 1, 2}
    assert min(scene.last - scene.first + 1 for scene in truth.scenes) < 50
    assert {track.person for track in truth.faces} == {"collins", "hopper"}
    assert len({turn.speaker for turn in truth.speech}) == 2


def test_the_ntsc_video_is_told_on_the_25_fps_clock() -> None:
    truth = video_truth(B_ROLL, "b-roll.mp4")
    assert (truth.source_fps, truth.source_frames, truth.total_frames) == ("30000/1001", 240, 200)
    # Source cuts at 97 and 170 frames: 97 * 1001 / 30000 * 25 = 80.9 and 141.8.
    assert [tuple(scene) for scene in truth.scenes] == [(1, 81), (82, 142), (143, 200)]


def test_the_truth_says_whose_visible_mouth_is_heard() -> None:
    truth = video_truth(INTERVIEW, "interview.mp4")
    assert {turn.person for turn in truth.speaking} == {"collins", "hopper"}
    for turn in truth.speaking:
        assert all(turn.person in truth.faces_at(frame) for frame in range(turn.first, turn.last + 1))
    heard = {frame for turn in truth.speech for frame in range(round(turn.start * 25) + 1, round(turn.end * 25) + 1)}
    seen = {frame for turn in truth.speaking for frame in range(turn.first, turn.last + 1)}
    assert len(heard - seen) > 100, "for a while the voice is off screen"
    (chewing,) = INTERVIEW.chewing
    listening = set(range(chewing.first + 1, chewing.last + 2))
    assert listening <= seen
    assert not any(
        turn.person == chewing.person and listening & set(range(turn.first, turn.last + 1)) for turn in truth.speaking
    )


def test_the_truth_survives_its_file() -> None:
    videos = tuple(video_truth(film, film.path) for film in FILMS)
    truth = Truth(version=1, archive="a.zip", videos=videos, others=(), junk=())
    assert msgspec.json.decode(msgspec.json.encode(truth), type=Truth) == truth


def test_a_video_is_found_by_its_name() -> None:
    videos: tuple[VideoTruth, ...] = tuple(video_truth(film, f"root/{film.path}") for film in FILMS)
    truth = Truth(version=1, archive="a.zip", videos=videos, others=(), junk=())
    assert truth.video("silent.mov") is videos[1]
    assert truth.video("root/sub/silent.mov") is videos[1]
    with pytest.raises(KeyError):
        truth.video("ilent.mov")
