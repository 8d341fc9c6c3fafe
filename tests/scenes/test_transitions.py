"""Kind and extent of transitions of known place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.formats.transitions_json import (
    Transition,
    Transitions,
    read_transitions,
    transitions_path,
    write_transitions,
)
from mediaflow_assets.scenes.boundaries import scenes_from_probabilities
from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
from mediaflow_assets.scenes.predictions import ShotPredictions
from mediaflow_assets.scenes.transitions import TRANSITIONS, classify, extents, keep_beside
from tests.scenes.material import cuts, dissolve, fade, shot


def transitions(engine: TransNetV2Engine, frames: NDArray[np.uint8]) -> list[Transition]:
    predictions = engine.process(iter(frames), lambda _: None)
    return classify(frames, predictions, scenes_from_probabilities(predictions.boundary.tolist()))


def wipe(before: int, length: int, after: int) -> NDArray[np.uint8]:
    """Shot 1 pushes a vertical edge over shot 0 within ``length`` frames."""
    first, second = shot(0, before + length), shot(1, length + after)
    both = first[before:].copy()
    for number, picture in enumerate(both, start=1):
        edge = round(48 * number / (length + 1))
        picture[:, :edge] = second[number - 1, :, :edge]
    return np.concatenate([first[:before], both, second[length:]])


def test_a_cut_is_one_frame(transnetv2: TransNetV2Engine) -> None:
    found = transitions(transnetv2, cuts(40, 2, 45))
    assert [(item.kind, item.first, item.last) for item in found] == [("cut", 40, 40), ("cut", 42, 42)]
    assert all(item.probability > 0.5 for item in found)


@pytest.mark.parametrize("length", [5, 8, 12, 20, 25])
def test_a_dissolve_has_its_length(transnetv2: TransNetV2Engine, length: int) -> None:
    (found,) = transitions(transnetv2, dissolve(40, length, 60))
    assert found.kind == "dissolve"
    assert abs(found.first - 41) <= 2
    assert abs(found.last - (40 + length)) <= 2
    assert found.first <= found.cut <= found.last


@pytest.mark.parametrize("length", [10, 15])
def test_a_fade_through_black_is_a_fade(transnetv2: TransNetV2Engine, length: int) -> None:
    (found,) = transitions(transnetv2, fade(40, length, 60))
    assert found.kind == "fade"
    assert abs(found.first - 41) <= 3
    assert abs(found.last - (40 + 2 * length)) <= 3


@pytest.mark.parametrize("length", [8, 16])
def test_a_wipe_is_no_dissolve(length: int) -> None:
    """The detector's part is given, so that only the kind is judged."""
    frames = wipe(40, length, 60)
    boundary, transition = np.zeros(len(frames), np.float32), np.zeros(len(frames), np.float32)
    boundary[40 + length // 2] = transition[40 : 40 + length] = 1
    (found,) = classify(
        frames,
        ShotPredictions(boundary, transition),
        [Scene(1, 41 + length // 2), Scene(42 + length // 2, len(frames))],
    )
    assert (found.kind, found.first, found.last) == ("wipe", 41, 40 + length)


def test_two_cuts_in_one_marked_stretch_share_it() -> None:
    boundary, transition = np.zeros(60, np.float32), np.zeros(60, np.float32)
    transition[20:40] = 1
    found = extents(ShotPredictions(boundary, transition), [Scene(1, 25), Scene(26, 35), Scene(36, 60)])
    assert found == [(21, 30), (31, 40)]


def test_a_detector_without_lengths_knows_only_cuts() -> None:
    boundary = np.zeros(50, np.float32)
    boundary[19] = 1
    assert classify(iter([]), ShotPredictions(boundary), [Scene(1, 20), Scene(21, 50)]) == [
        Transition(20, "cut", 20, 20, 1.0)
    ]


def test_transitions_at_both_ends_of_a_video_stay_inside(transnetv2: TransNetV2Engine) -> None:
    marked = np.ones(30, np.float32)
    (found,) = classify(shot(0, 30), ShotPredictions(marked, marked), [Scene(1, 15), Scene(16, 30)])
    assert (found.first, found.last) == (1, 30)


def test_the_document_is_read_as_it_was_written(tmp_path: Path) -> None:
    document = Transitions("v.mp4", 100, (Transition(40, "dissolve", 36, 44, 0.91),))
    assert read_transitions(write_transitions(tmp_path / "v_transitions.json", document)) == document


def test_transitions_come_from_the_record_of_the_scenes(tmp_path: Path) -> None:
    """So that scenes which the analysis store gave back have theirs, and scenes of earlier versions have none."""
    csv, transition = tmp_path / "v.csv", Transition(40, "dissolve", 36, 44, 0.91)
    keep_beside(csv, {TRANSITIONS: msgspec.to_builtins([transition])}, "Été.mp4", 100)
    assert read_transitions(transitions_path(csv)) == Transitions("Été.mp4", 100, (transition,))
    keep_beside(csv, {}, "Été.mp4", 100)
    assert not transitions_path(csv).exists()
