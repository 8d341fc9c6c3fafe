"""The legacy tracker and the legacy speaking formula give the golden results."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.identity.centroid import CentroidTracker
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.faces.speaking import Voice, fused, scene_evidence
from mediaflow_assets.formats.scenes_csv import Scene

Golden = Callable[[str], list[dict[str, Any]]]


def detection(raw: dict[str, Any]) -> Detection:
    return Detection(
        bbox=tuple(raw["bbox"]),
        centroid=tuple(raw["centroid"]),
        source=raw["source_detector"],
        label=raw["label"],
        confidence=raw.get("confidence"),
        blendshapes=raw.get("blendshapes", msgspec.UNSET),
    )


def test_centroid_tracker(golden: Golden) -> None:
    for case in golden("apply_tracking_and_management"):
        given = case["input"]
        settings = FaceSettings(
            match_distance=given["distance_threshold"], max_unseen=given["frames_unseen_to_deregister"]
        )
        tracker = CentroidTracker(settings)
        for frame, expected in zip(given["frames"], case["output"]["frames"], strict=True):
            found = tracker.update([detection(raw) for raw in frame])
            seen = {(f"obj_{number}", *item.centroid, item.label) for number, item in found}
            assert seen == {
                (item["id"], item["centroid_x"], item["centroid_y"], item["label"])
                for item in expected["tracked_objects"]
            }, case["name"]


def scene_of(text: str | None, frame: int) -> dict[str, Any] | None:
    for row in csv.DictReader(io.StringIO(text or "")):
        scene = Scene(int(row["Frame In"]), int(row["Frame Out"]))
        if scene.first <= frame <= scene.last:
            return scene_evidence(int(row["No"]), scene, frame)
    return None


def test_fused_decision(golden: Golden) -> None:
    for case in golden("enhanced_speaking_detect"):
        given, expected = case["input"], case["output"]
        frame = given["frame_num"]
        frames = given["audio_json"]["frames_analysis"] if isinstance(given["audio_json"], dict) else []
        heard = [item["audio_info"] for item in frames if item["frame"] == frame]
        voice = Voice(heard[0]["is_speech_present"], tuple(heard[0]["active_speaker_labels"])) if heard else None
        decision = fused.decide(
            voice, scene_of(given["csv"], frame), given["blendshapes"], given["source_detector"], given["jaw_threshold"]
        )
        assert decision.is_speaking == expected["is_speaking"]
        assert decision.confidence == pytest.approx(expected["confidence"])
        assert decision.method == expected["method"]
        assert decision.sources == expected["sources"]
