"""Transitions are delivered beside the scenes that they belong to, and beside no others."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.delivery.plan import document_endings
from mediaflow_assets.delivery.readiness import transitions_of
from mediaflow_assets.formats.scenes_csv import Scene, write_scenes
from mediaflow_assets.formats.transitions_json import Transition, Transitions, transitions_path, write_transitions


def test_transitions_of_these_scenes_are_found(tmp_path: Path) -> None:
    csv = write_scenes(tmp_path / "v.csv", [Scene(1, 40), Scene(41, 100)])
    assert transitions_of(csv) is None
    document = Transitions("v.mp4", 100, (Transition(40, "cut", 40, 40, 0.9),))
    path = write_transitions(transitions_path(csv), document)
    assert transitions_of(csv) == path
    write_scenes(csv, [Scene(1, 50), Scene(51, 100)])
    assert transitions_of(csv) is None
    path.write_text("{")
    assert transitions_of(csv) is None


def test_they_are_called_after_the_video() -> None:
    assert document_endings("{stem}_tracking.json")["transitions"] == "_transitions.json"
