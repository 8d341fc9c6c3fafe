"""Statistics are the golden ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from mediaflow_assets.formats.timeline_json import (
    AudioSection,
    SceneSection,
    SpeechSegment,
    Timeline,
    TrackingSection,
    TrackingSummary,
    VideoFacts,
)
from mediaflow_assets.reporting.statistics import Statistics, compute_statistics, project_totals


def test_formulas(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("report_compute_statistics"):
        assert msgspec.to_builtins(compute_statistics(msgspec.convert(case["input"], Timeline))) == case["output"]


def video(seconds: float, speech: float, faces: int, speakers: int) -> Statistics:
    """The statistics of one video."""
    frames = int(seconds * 25)
    return compute_statistics(
        Timeline(
            metadata=VideoFacts(duration_seconds=seconds, total_frames=frames, fps=25.0),
            scenes=SceneSection(available=True, count=2),
            audio=AudioSection(
                available=True,
                segments=(SpeechSegment(end_time=speech),),
                segment_count=1,
                speaker_count=speakers,
            ),
            tracking=TrackingSection(
                available=True, summary=TrackingSummary(frames_with_faces=faces, max_faces_detected=faces and 1)
            ),
        )
    )


def test_totals_are_weighted_and_speakers_counted_in_each_video() -> None:
    totals = project_totals([video(10, 10, 0, 1), video(90, 0, 2250, 1)])
    assert totals.speech_coverage_percent == 10.0, "not the mean of 100 % and 0 %"
    assert totals.face_coverage_percent == 90.0
    assert totals.speakers == 2, "SPEAKER_00 of two videos are two people"
    assert (totals.videos, totals.scenes, totals.duration_seconds, totals.fps) == (2, 4, 100, 25.0)


def test_coverage_is_at_most_everything() -> None:
    assert project_totals([video(1, 1.04, 26, 1)]).speech_coverage_percent == 100.0
    assert project_totals([video(1, 1.04, 26, 1)]).face_coverage_percent == 100.0


def test_totals_of_nothing() -> None:
    assert project_totals([]).speech_coverage_percent == 0
