from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.speech.smoothing import smooth_segments, smooth_speech


def seconds(value: Any) -> float:
    """Settings that are no number were 0 to the replaced application; ours refuses them earlier."""
    return float(value) if isinstance(value, (int, float)) else 0.0


def test_smoothing_is_that_of_the_replaced_application(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("lemonfox_apply_speech_smoothing"):
        given, wanted = case["input"], case["output"]
        labels, frames = smooth_speech(
            {int(frame): names for frame, names in given["timeline"].items()},
            given["speech_frames"],
            given["total_frames"],
            fps=given["fps"],
            gap_fill=seconds(given["gap_fill_sec"]),
            min_on=seconds(given["min_on_sec"]),
        )
        assert {str(frame): names for frame, names in labels.items()} == wanted["timeline"], given
        assert frames == wanted["speech_frames"], given


def test_a_filled_pause_belongs_to_who_speaks_on_both_sides() -> None:
    heard = [Segment(0.0, 1.0, "A"), Segment(1.08, 2.0, "A"), Segment(2.08, 3.0, "B")]
    smoothed = smooth_segments(heard, 3.0, gap_fill=0.15, min_on=0)
    assert [one for one in smoothed if one not in heard] == [
        Segment(0.98, 1.1, "A"),
        Segment(2.0, 2.08, ""),
    ]


def test_bursts_are_dropped() -> None:
    heard = [Segment(0.0, 0.08, "A"), Segment(1.0, 2.0, "B")]
    assert smooth_segments(heard, 3.0, gap_fill=0, min_on=0.2) == [Segment(1.0, 2.0, "B")]
