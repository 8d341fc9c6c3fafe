"""What all stages have in common on Dagster's side: run config, metadata, failure.

No stage logic here: that is in the domain packages, and the fan-out over videos in ``fanout``.
"""

import base64
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import dagster as dg

from mediaflow_assets.core.errors import Interrupted, MediaflowError
from mediaflow_assets.delivery.bad_videos import BadVideo
from mediaflow_assets.delivery.leave_out import DeliveryWaits
from mediaflow_assets.execution.fanout import HasId, Outcome, Report
from mediaflow_assets.orchestration.dagster_internals import WAITING

V = TypeVar("V", bound=HasId)
MetadataItem = dg.MetadataValue | str | int | float
Metadata = Mapping[str, MetadataItem]
"""What the UI shows beside a materialization."""

OWNERS = ["team:media"]
MAX_PICTURE_BYTES = 100_000
"""Bytes of a picture in metadata: it is stored with the event and sent with every page."""

_STATUS = "made, cached, restored from the analysis store, failed here, or left out because it failed before"


def materialized(
    report: Report[V],
    folder: Path,
    *,
    columns: Sequence[str],
    left_out: Sequence[BadVideo] = (),
    extra: Metadata | None = None,
    log: dg.DagsterLogManager | None = None,
    optional: bool = False,
) -> dg.MaterializeResult[None]:
    """Turn a stage's report into a materialization: a row for each video, good, bad or left out,
    and a table with the sentences before it.

    Bad videos do not fail the stage while there is a good one; a check of the stage does
    (``checks.every_video_check``), and the delivery waits or leaves them out.

    Args:
        report: one outcome per video that was tried.
        folder: where the outputs are.
        columns: keys of the videos' details to show, in order.
        left_out: videos that were not tried because a stage before this one has no result of them.
        extra: more metadata.
        log: told what the errors of libraries were in full.
        optional: what comes after the stage does without it, so that it goes on without a single good video.

    Raises:
        dagster.Failure: not a single video has a result; has a sentence for each.
    """
    for outcome in report.failed:
        if log is not None and outcome.error is not None and not isinstance(outcome.error, MediaflowError):
            log.error("".join(traceback.format_exception(outcome.error)))
    metadata: Metadata = {
        **_problems(report, left_out),
        "videos": dg.MetadataValue.table(
            records=[_row(outcome, columns) for outcome in report.outcomes]
            + [_row_of_left_out(video, columns) for video in left_out],
            schema=_schema(report.outcomes, columns),
        ),
        "folder": dg.MetadataValue.path(str(folder)),
        "dagster/uri": folder.resolve().as_uri(),
        "seconds": round(sum(outcome.seconds for outcome in report.outcomes), 2),
        "made": sum(outcome.status == "made" for outcome in report.outcomes),
        "reused": sum(outcome.status in ("cached", "restored") for outcome in report.outcomes),
        "failed": len(report.failed),
        "left_out": len(left_out),
        "dagster/row_count": len(report.made),
        **engine_facts(report),
        **(extra or {}),
    }
    if not report.made and not optional:
        raise _failure(report, left_out, metadata)
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(report.data_version))


def preview(draw: Callable[[Report[V]], bytes | None] | None, report: Report[V]) -> dict[str, MetadataItem]:
    """The picture of a stage, as metadata; one that cannot be made or stored is left out, which is said.

    Args:
        draw: makes a JPEG or PNG; None from it means that there is nothing to see.
    """
    if draw is None:
        return {}
    try:
        picture = draw(report)
    except Exception as error:  # noqa: BLE001 - nothing that is only looked at may fail a stage
        return {"preview": f"left out: it could not be drawn ({type(error).__name__})"}
    if picture is None:
        return {}
    if len(picture) > MAX_PICTURE_BYTES:
        return {"preview": f"left out: it has {len(picture)} bytes, and {MAX_PICTURE_BYTES} are kept at most"}
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    encoded = base64.b64encode(picture).decode()
    return {"preview": dg.MetadataValue.md(f"![preview](data:image/{kind};base64,{encoded})")}


def engine_facts(report: Report[V]) -> dict[str, MetadataItem]:
    """Engine, device and model hashes, as far as the videos' records name them."""
    facts: dict[str, MetadataItem] = {}
    for outcome in report.outcomes:
        if outcome.record is None:
            continue
        facts.setdefault("engine", outcome.record.recipe.engine)
        if "device" in outcome.details:
            facts.setdefault("device", f"{outcome.details['device']} ({outcome.details.get('device_reason', '')})")
        if outcome.record.recipe.models:
            facts.setdefault("models", dg.MetadataValue.json(outcome.record.recipe.models))
    return facts


def failed(error: MediaflowError) -> dg.Failure:
    """A failure of a whole stage; only a passing fault may be retried."""
    waits = {WAITING: error.sentence} if isinstance(error, DeliveryWaits) else {}
    return dg.Failure(error.sentence, metadata=waits, allow_retries=isinstance(error, Interrupted))


def _failure(report: Report[V], left_out: Sequence[BadVideo], metadata: Metadata) -> dg.Failure:
    sentences = [outcome.problem for outcome in report.failed] + [video.reason for video in left_out]
    passing = any(isinstance(outcome.error, Interrupted) for outcome in report.failed)
    text = "No video could be made: " + " | ".join(sentences) if sentences else "There is no video to work on."
    return dg.Failure(text, metadata=dict(metadata), allow_retries=passing)


def _row(outcome: Outcome[V], columns: Sequence[str]) -> dg.TableRecord:
    details = {column: _cell(outcome.details.get(column)) for column in columns}
    return dg.TableRecord(
        {
            "video": outcome.video.received_as,
            "status": outcome.status,
            **details,
            "seconds": round(outcome.seconds, 2),
        }
    )


def _row_of_left_out(video: BadVideo, columns: Sequence[str]) -> dg.TableRecord:
    nothing = dict.fromkeys(columns, "")
    return dg.TableRecord({"video": video.path, "status": "left out", **nothing, "seconds": 0.0})


def _problems(report: Report[V], left_out: Sequence[BadVideo]) -> dict[str, dg.TableMetadataValue]:
    """A table of its own for what is wrong: a sentence in a table of many columns is one word wide."""
    found = [(outcome.video.received_as, outcome.problem) for outcome in report.failed]
    found += [(video.path, video.reason) for video in left_out]
    if not found:
        return {}
    columns = [dg.TableColumn("video", "string"), dg.TableColumn("problem", "string")]
    records = [dg.TableRecord({"video": name, "problem": sentence}) for name, sentence in found]
    return {"problems": dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns=columns))}


def _cell(value: object) -> str | int | float | bool:
    if value is None:
        return ""
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {item}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, Iterable) else str(value)


def _schema(outcomes: Sequence[Outcome[V]], columns: Sequence[str]) -> dg.TableSchema:
    def kind(column: str) -> str:
        values = [_cell(outcome.details.get(column)) for outcome in outcomes if outcome.details.get(column) is not None]
        if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            return "int"
        return "float" if values and all(isinstance(value, (int, float)) for value in values) else "string"

    return dg.TableSchema(
        columns=[
            dg.TableColumn("video", "string"),
            dg.TableColumn("status", "string", description=_STATUS),
            *(dg.TableColumn(column, kind(column)) for column in columns),
            dg.TableColumn("seconds", "float"),
        ]
    )
