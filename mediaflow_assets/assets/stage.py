"""What all stages have in common on Dagster's side: run config, metadata, failure.

No stage logic here: that is in the domain packages, and the fan-out over videos in ``fanout``.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.execution.plan.objects import StepFailureData
from pydantic import Field

from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError, Unavailable
from mediaflow_assets.execution.fanout import Outcome, Report, explain
from mediaflow_assets.settings import Settings

OWNERS = ["team:media"]
_LARGEST_PICTURE = 100_000
"""Bytes of a picture in metadata: it is stored with the event and sent with every page."""


class StageConfig(dg.Config):
    """What can be changed for one run, in the launchpad or with ``--config-json``."""

    settings: dict[str, str] = Field(
        default={}, description="Settings of this stage for this run only, by variable name (see docs/settings.md)."
    )


def settings_for(settings: Settings, group: str, config: StageConfig) -> Settings:
    """The installation's settings with this run's changes to one group."""
    return settings.override(group, config.settings) if config.settings else settings


def materialized(
    report: Report[Any],
    folder: Path,
    *,
    columns: Sequence[str],
    picture: bytes | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dg.MaterializeResult[Any]:
    """Turn a stage's report into a materialization, or into a failure that shows the same table.

    Args:
        report: one outcome per video.
        folder: where the outputs are.
        columns: keys of the videos' details to show, in order.
        picture: preview, JPEG or PNG.
        extra: more metadata.
    """
    metadata: dict[str, Any] = {
        "videos": dg.MetadataValue.table(
            records=[_row(outcome, columns) for outcome in report.outcomes], schema=_schema(report.outcomes, columns)
        ),
        "folder": dg.MetadataValue.path(str(folder)),
        "seconds": round(sum(outcome.seconds for outcome in report.outcomes), 2),
        "made": sum(outcome.status == "made" for outcome in report.outcomes),
        "reused": sum(outcome.status in ("cached", "restored") for outcome in report.outcomes),
        "dagster/row_count": len(report.outcomes),
        **engine_facts(report),
        **(extra or {}),
    }
    if picture is not None:
        metadata["preview"] = picture_metadata(picture)
    if report.failed:
        raise _failure(report, metadata)
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(report.data_version))


def engine_facts(report: Report[Any]) -> dict[str, Any]:
    """Engine, device and model hashes, as far as the videos' records name them."""
    facts: dict[str, Any] = {}
    for outcome in report.outcomes:
        if outcome.record is None:
            continue
        facts.setdefault("engine", outcome.record.recipe.engine)
        if "device" in outcome.details:
            facts.setdefault("device", f"{outcome.details['device']} ({outcome.details.get('device_reason', '')})")
        if outcome.record.recipe.models:
            facts.setdefault("models", dg.MetadataValue.json(outcome.record.recipe.models))
    return facts


def picture_metadata(picture: bytes) -> dg.MarkdownMetadataValue:
    """A picture that the UI shows; refuses one that would bloat the event log."""
    if len(picture) > _LARGEST_PICTURE:
        raise ValueError(f"preview has {len(picture)} bytes; at most {_LARGEST_PICTURE} may be stored in metadata")
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return dg.MetadataValue.md(f"![preview](data:image/{kind};base64,{base64.b64encode(picture).decode()})")


def failed(error: MediaflowError) -> dg.Failure:
    """A failure of a whole stage; only a passing fault may be retried."""
    return dg.Failure(error.sentence, allow_retries=isinstance(error, Interrupted))


def reason(failure: StepFailureData) -> str:
    """Why a step failed, in one line: the sentence if there is one, else the first cause."""
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    if error is None:
        return "it failed"
    ours = {kind.__name__ for kind in (BadInput, Unavailable, Interrupted)}
    while error.cause is not None and error.cls_name not in ours:
        error = error.cause
    line = (error.message.strip().splitlines() or ["it failed"])[0]
    return line.partition(": ")[2] if error.cls_name in ours else line


def _failure(report: Report[Any], metadata: Mapping[str, Any]) -> dg.Failure:
    problems = [f"{outcome.video.stem}: {explain(outcome.error)}" for outcome in report.failed if outcome.error]
    done = len(report.outcomes) - len(report.failed)
    text = f"{len(report.failed)} of {len(report.outcomes)} videos failed ({done} are done and will not be redone): "
    retry = all(not isinstance(outcome.error, BadInput) for outcome in report.failed)
    return dg.Failure(text + " | ".join(problems), metadata=dict(metadata), allow_retries=retry)


def _row(outcome: Outcome[Any], columns: Sequence[str]) -> dg.TableRecord:
    details = {column: _cell(outcome.details.get(column)) for column in columns}
    problem = explain(outcome.error) if outcome.error else ""
    return dg.TableRecord(
        {
            "video": outcome.video.stem,
            "status": outcome.status,
            **details,
            "seconds": round(outcome.seconds, 2),
            "problem": problem,
        }
    )


def _cell(value: Any) -> str | int | float | bool:
    if value is None:
        return ""
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {item}" for name, item in value.items())
    return ", ".join(str(item) for item in value)


def _schema(outcomes: Sequence[Outcome[Any]], columns: Sequence[str]) -> dg.TableSchema:
    def kind(column: str) -> str:
        values = [_cell(outcome.details.get(column)) for outcome in outcomes if outcome.details.get(column) is not None]
        if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            return "int"
        return "float" if values and all(isinstance(value, (int, float)) for value in values) else "string"

    return dg.TableSchema(
        columns=[
            dg.TableColumn("video", "string"),
            dg.TableColumn("status", "string", description="made, cached, restored from the analysis store, or failed"),
            *(dg.TableColumn(column, kind(column)) for column in columns),
            dg.TableColumn("seconds", "float"),
            dg.TableColumn("problem", "string"),
        ]
    )
