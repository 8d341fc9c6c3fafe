"""What a planned re-framing shows, on drawn documents with known people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.reframe_json import read_reframing, write_reframing
from mediaflow_assets.reframing.aspects import ASPECTS, Rect
from mediaflow_assets.reframing.plan import Look, Video, plan_video
from mediaflow_assets.reframing.playback import crops_of, views_of
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reframing.validity import problems
from support.drawn_documents import Drawn, during, frames_of, planned, scenes_of, still

LEFT = Drawn("obj_1", still(400), during((1, 100), (200, 300)))
RIGHT = Drawn("obj_2", still(1500), during((101, 199), (301, 400)))


def test_two_far_speakers_are_cut_a_little_before_the_words() -> None:
    document = planned([LEFT, RIGHT], 400)
    assert [segment.faces for segment in document.segments] == [("obj_1",), ("obj_2",), ("obj_1",), ("obj_2",)]
    starts = [segment.first for segment in document.segments[1:]]
    assert all(0 < turn - start <= 8 for turn, start in zip((101, 200, 301), starts, strict=True)), starts
    assert document.measures.first_words_percent == 100
    assert document.measures.pans_per_minute == 0


def test_two_near_speakers_are_shown_together() -> None:
    document = planned([LEFT, Drawn("obj_2", still(700), during((101, 199)))], 400)
    assert [(segment.layout, segment.begins) for segment in document.segments] == [("group", "shot")]
    assert len(document.keyframes) == 1


def test_a_walker_is_followed_without_reversals_and_stays_whole() -> None:
    document = planned([Drawn("obj_1", lambda frame: 200 + frame * 3.0)], 500, noise=0.02, missed=0.1)
    assert document.measures.empty_percent == 0
    assert document.measures.cut_face_percent == 0
    assert document.measures.reversals == 0
    assert document.measures.pans_per_minute <= 6


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("size", [(2, 2), (2, 16), (16, 2), (6, 4), (34, 18)])
def test_a_picture_of_a_few_pixels_has_a_plan(aspect: str, size: tuple[int, int]) -> None:
    assert problems(planned([], 10, aspect=aspect, size=size), scenes_of(10), 10) == []


def test_one_who_sways_does_not_move_the_camera() -> None:
    document = planned([Drawn("obj_1", lambda frame: 900 + 60 * np.sin(frame / 10))], 500, noise=0.02)
    assert document.measures.pans_per_minute == 0


def test_quick_turns_are_split_on_request() -> None:
    one = Drawn("obj_1", still(400), lambda frame: frame // 25 % 2 == 0)
    other = Drawn("obj_2", still(1500), lambda frame: frame // 25 % 2 == 1)
    document = planned([one, other], 500, split="auto")
    assert "split" in {segment.layout for segment in document.segments}
    panel = document.panels[0]
    upper = next(key for key in document.keyframes if key.frame == panel.first)
    assert upper.crop[0] <= 400 - 80 and upper.crop[0] + upper.crop[2] >= 400 + 80
    lower = panel.lower[0].crop
    assert lower[0] <= 1500 - 80 and lower[0] + lower[2] >= 1500 + 80
    assert not problems(document, scenes_of(500), 500)
    assert all(segment.layout != "split" for segment in planned([one, other], 500).segments)


def test_nobody_beside_a_wide_crop_is_sliced() -> None:
    row = [Drawn(f"obj_{i}", still(300 + 420 * i), during((i * 100, i * 100 + 90))) for i in range(4)]
    for aspect in ("4:5", "1:1"):
        # A pan from one group to the next passes faces; standing, the camera slices none.
        assert planned(row, 500, aspect=aspect).measures.cut_face_percent <= 5, aspect


def test_an_off_screen_voice_moves_nothing() -> None:
    listener = [Drawn("obj_1", still(500), size=200), Drawn("obj_2", still(1500))]
    document = planned(listener, 500)
    assert [segment.faces for segment in document.segments] == [("obj_1",)]


def test_somebody_seen_from_behind_is_shown_rather_than_the_empty_middle() -> None:
    body = Drawn("obj_9", still(1600), label="person", size=400)
    document = planned([body], 200)
    x, _, width, _ = document.keyframes[0].crop
    assert x < 1600 < x + width
    middle = planned([body], 200, without_face="centre").keyframes[0].crop
    assert middle[0] == pytest.approx((1920 - 607.5) / 2, abs=1)


def test_a_large_object_is_shown_when_nobody_is_there() -> None:
    document = planned([Drawn("obj_3", still(300), label="dog", size=300)], 200)
    assert document.segments[0].layout == "object"
    assert document.keyframes[0].crop[0] < 300


def test_after_the_last_face_has_left_the_middle_is_shown() -> None:
    document = planned([Drawn("obj_1", still(300), there=lambda frame: frame <= 100)], 300)
    assert [segment.why for segment in document.segments] == ["largest", "nobody"]


def test_dark_bars_are_never_shown() -> None:
    content = Rect(240.0, 0.0, 1440.0, 1080.0)
    document = planned([Drawn("obj_1", still(300))], 100, looks=[Look(content)])
    assert document.keyframes[0].crop[0] >= 240
    assert not problems(document, scenes_of(100), 100)


def test_a_source_taller_than_the_aspect_moves_along_the_other_axis() -> None:
    high = Drawn("obj_1", still(500), during((1, 100)), y=300)
    low = Drawn("obj_2", still(500), during((101, 200)), y=1600)
    document = planned([high, low], 200, aspect="1:1", size=(1080, 1920))
    assert [segment.faces for segment in document.segments] == [("obj_1",), ("obj_2",)]
    tops = [key.crop[1] for key in document.keyframes]
    assert tops[0] < 100 and tops[-1] == 1920 - 1080
    assert all(key.crop[0] == 0 for key in document.keyframes)


def test_zoom_makes_small_faces_larger_and_keeps_the_aspect() -> None:
    document = planned([Drawn("obj_1", still(900), size=90)], 200, max_zoom=1.25)
    crop = document.keyframes[0].crop
    assert crop[3] == pytest.approx(1080 / 1.25, abs=0.1)
    assert not problems(document, scenes_of(200), 200)


def test_too_wide_may_be_fitted_on_a_ground() -> None:
    document = planned([Drawn("obj_1", still(300)), Drawn("obj_2", still(1600))], 300, too_wide="fit")
    assert [segment.layout for segment in document.segments] == ["fit"]
    view = views_of(document)[0]
    assert view[2] == 1920 and view[2] / view[3] == pytest.approx(9 / 16)
    assert not problems(document, scenes_of(300), 300)


def test_a_profile_gets_room_in_front() -> None:
    straight = planned([Drawn("obj_1", still(900))], 200).keyframes[0].crop[0]
    to_the_right = planned([Drawn("obj_1", still(900), yaw=60.0)], 200).keyframes[0].crop[0]
    assert to_the_right - straight == pytest.approx(0.12 * 607.5, abs=0.04 * 607.5)


def test_shot_and_counter_shot_look_the_same_each_time() -> None:
    one = Drawn("obj_1", lambda frame: 600.0 if frame <= 100 else 640.0, there=during((1, 100), (201, 300)))
    other = Drawn("obj_2", still(1300), there=during((101, 200)))
    document = planned([one, other], 300, cuts=[100, 200])
    places = [key.crop[0] for key in document.keyframes]
    assert places[0] == places[2] != places[1]


def test_every_shot_has_a_key_on_its_first_frame_and_nothing_crosses_a_cut() -> None:
    document = planned([LEFT, RIGHT], 400, cuts=[60, 250])
    assert {1, 61, 251} <= {key.frame for key in document.keyframes}
    assert not problems(document, scenes_of(400, [60, 250]), 400)
    assert problems(document, scenes_of(400, [60, 251]), 400)


def test_the_same_input_gives_the_same_plan() -> None:
    assert planned([LEFT, RIGHT], 400, noise=0.02, missed=0.2) == planned([LEFT, RIGHT], 400, noise=0.02, missed=0.2)


def test_a_document_survives_being_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    document = planned([LEFT, RIGHT], 400, every_frame=True)
    assert document.crops is not None and len(document.crops) == 400
    assert read_reframing(write_reframing(tmp_path / "x.json", document)) == document
    played = crops_of(document)
    assert np.abs(np.array(document.crops) - played).max() <= 0.011


def test_documents_of_different_lengths_are_refused() -> None:
    video, scenes = Video("v.mp4", 100, 1920, 1080), scenes_of(100)
    for length in (99, 101):
        with pytest.raises(BadInput, match="tracking document"):
            plan_video(
                video,
                scenes,
                frames_of([LEFT], length),
                [],
                [Look(video.picture)],
                ReframeSettings.model_validate({}),
                {},
            )


@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    people=st.lists(
        st.tuples(st.floats(0, 1920), st.floats(-4, 4), st.floats(40, 500), st.integers(20, 120), st.integers(0, 3)),
        max_size=5,
    ),
    aspect=st.sampled_from(sorted(ASPECTS)),
    size=st.sampled_from([(1920, 1080), (640, 480), (1080, 1920), (720, 306), (333, 777)]),
    style=st.sampled_from(["calm", "normal", "lively"]),
    split=st.sampled_from(["off", "auto"]),
    cut=st.integers(1, 299),
    zoom=st.sampled_from([1.0, 1.5]),
)
def test_whatever_is_tracked_the_plan_is_valid_and_calm(people, aspect, size, style, split, cut, zoom) -> None:  # type: ignore[no-untyped-def]
    drawn = [
        Drawn(
            f"obj_{number}",
            lambda frame, x=x, speed=speed: (x + speed * frame) * size[0] / 1920,
            lambda frame, turn=turn, offset=offset: frame // turn % 4 == offset,
            size=extent * size[1] / 1080,
            y=size[1] / 2,
        )
        for number, (x, speed, extent, turn, offset) in enumerate(people)
    ]
    document = planned(
        drawn,
        300,
        aspect=aspect,
        size=size,
        style=style,
        split=split,
        cuts=[cut],
        noise=0.03,
        missed=0.2,
        max_zoom=zoom,
    )
    assert problems(document, scenes_of(300, [cut]), 300) == []
    assert document.measures.reversals == 0
    shortest = document.measures.shortest_hold_s
    assert shortest is None or shortest >= 0.8
