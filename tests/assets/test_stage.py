"""What stages tell Dagster: rows for good, bad and left-out videos, and previews that fail nothing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.assets.stage import MAX_PICTURE_BYTES, materialized, preview
from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.delivery.bad_videos import BadVideo
from mediaflow_assets.execution.fanout import Outcome, Recipe, Record, Report
from tests.execution.test_fanout import CLIPS, Clip

RECORD = Record(
    recipe=Recipe(stage="s", code_version="1", inputs={}, engine="e"), outputs={}, details={"letters": 3}, seconds=1.0
)
GOOD = Outcome(CLIPS[0], "made", 1.0, RECORD)
BAD = Outcome(CLIPS[1], "failed", 0.5, error=BadInput("b.mp4", "is bad", "Send another"))
LEFT_OUT = BadVideo("c", "c.mp4", "0" * 64, "video_25fps", "c.mp4: is no video. Ask for it again.")


def rows(result: dg.MaterializeResult[None], name: str = "videos") -> list[dict[str, object]]:
    table = (result.metadata or {})[name]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_a_stage_with_a_good_video_is_materialized_and_names_the_others() -> None:
    result = materialized(Report[Clip]("s", [GOOD, BAD]), Path("/x"), columns=["letters"], left_out=[LEFT_OUT])
    assert [(row["video"], row["status"]) for row in rows(result)] == [
        ("a.mp4", "made"),
        ("b.mp4", "failed"),
        ("c.mp4", "left out"),
    ]
    assert rows(result, "problems") == [
        {"video": "b.mp4", "problem": "b.mp4: is bad. Send another."},
        {"video": "c.mp4", "problem": "video_25fps: c.mp4: is no video. Ask for it again."},
    ]
    assert next(iter(result.metadata or {})) == "problems", "first on the node"
    assert result.metadata is not None
    assert (result.metadata["failed"], result.metadata["left_out"], result.metadata["dagster/row_count"]) == (1, 1, 1)
    healed = materialized(
        Report[Clip]("s", [GOOD, Outcome(CLIPS[1], "made", 1.0, RECORD)]), Path("/x"), columns=["letters"]
    )
    assert [row["status"] for row in rows(healed)] == ["made", "made"]
    assert "problems" not in (healed.metadata or {})


def test_a_stage_without_a_good_video_fails_with_every_sentence() -> None:
    with pytest.raises(dg.Failure) as failure:
        materialized(Report[Clip]("s", [BAD]), Path("/x"), columns=[], left_out=[LEFT_OUT])
    assert "b.mp4: is bad. Send another." in str(failure.value.description)
    assert "c.mp4: is no video" in str(failure.value.description)
    assert not failure.value.allow_retries


def test_only_a_passing_fault_may_be_retried() -> None:
    passing = Outcome(CLIPS[1], "failed", 0.5, error=Interrupted("ffmpeg", "ended"))
    with pytest.raises(dg.Failure) as failure:
        materialized(Report[Clip]("s", [passing]), Path("/x"), columns=[])
    assert failure.value.allow_retries


def test_a_stage_with_nothing_to_do_says_so() -> None:
    with pytest.raises(dg.Failure, match="no video to work on"):
        materialized(Report[Clip]("s", []), Path("/x"), columns=[])


def test_a_preview_fails_nothing() -> None:
    report = Report[Clip]("s", [GOOD])

    def breaks(_: Report[Clip]) -> bytes:
        raise ZeroDivisionError

    assert preview(None, report) == {}
    assert preview(lambda _: None, report) == {}
    assert "could not be drawn" in preview(breaks, report)["preview"]
    assert "left out" in preview(lambda _: b"x" * (MAX_PICTURE_BYTES + 1), report)["preview"]
    shown = preview(lambda _: b"\x89PNG", report)["preview"]
    assert isinstance(shown, dg.MarkdownMetadataValue)
    assert "image/png" in str(shown.value)
