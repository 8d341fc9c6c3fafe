"""``finalized_project``: the delivery, complete and verified."""

import time
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
from pydantic import Field

from mediaflow_assets.assets import reduced_json as reduced
from mediaflow_assets.assets import reframe_json as reframed
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.extracted_archive import extracted_archive
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.reporting import reported
from mediaflow_assets.assets.run_config import StageConfig, settings_for, typed_config
from mediaflow_assets.assets.stage import OWNERS, failed
from mediaflow_assets.assets.transcript_json import transcript_json
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.errors import MediaflowError, Unavailable
from mediaflow_assets.delivery.amend import Finalized
from mediaflow_assets.delivery.bag import inspect
from mediaflow_assets.delivery.deliver import CODE_VERSION
from mediaflow_assets.delivery.finalize import finalize
from mediaflow_assets.delivery.leave_out import DeliveryWaits
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.execution.fanout import Status
from mediaflow_assets.intake.receive import content_of
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import DELIVERY
from mediaflow_assets.reporting.corrected_words import corrections_in
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.settings import Settings
from mediaflow_assets.transcripts.delivered import words_writer

MAX_ROWS = 200
"""Files shown in metadata; the manifest has all of them."""


_HISTORY_PATIENCE = 300.0
"""Seconds; everything is delivered, and a run that fails now would say the opposite."""


class DeliveryConfig(StageConfig):
    """What can be changed for one delivery."""

    leave_out: list[str] = Field(
        default=[],
        description="Videos that this delivery may go without if they could not be made: path, file name, stem or id.",
    )


@dg.asset(
    partitions_def=projects,
    deps=[extracted_archive, video_25fps, scenes.scenes_csv, reduced.reduced_json, reframed.reframe_json],
    group_name="delivery",
    kinds={"file"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=DELIVERY,
)
@each_project
@typed_config("delivery", DeliveryConfig)
def finalized_project(
    context: dg.AssetExecutionContext, config: DeliveryConfig, workspace: Workspace
) -> dg.MaterializeResult[None]:
    """The project as it is handed over: videos, scenes, reduced documents, all other files.

    While a video of it could not be made, the delivery waits (or goes without it: `ON_BAD_VIDEO`,
    `mediaflow leave-out`); what is good is reported meanwhile. Everything is copied to a hidden folder,
    read back from the device, compared by SHA-256, and only then takes the place of an earlier delivery.
    """
    folders = workspace.project(context.partition_key)
    progress = project_progress(context, workspace)
    started = time.monotonic()
    progress.start("finalized_project", context.partition_key, 1, 1)
    try:
        settings = settings_for(workspace.settings, "delivery", config).delivery
        archive = content_of(folders)[1] if folders.received.exists() else folders.downloads
        done = finalize(
            workspace.layout,
            workspace.analyses,
            context.partition_key,
            archive,
            settings,
            progress.advance,
            config.leave_out,
            words_writer(settings, corrections_in),
        )
    except MediaflowError as error:
        failure: Status = "waits" if isinstance(error, DeliveryWaits) else "failed"
        progress.finish("finalized_project", context.partition_key, failure, time.monotonic() - started)
        if isinstance(error, DeliveryWaits):
            _report_what_is_good(context, workspace)
        raise failed(error) from error
    status: Status = "cached" if done.delivery.unchanged else "made"
    progress.finish("finalized_project", context.partition_key, status, time.monotonic() - started)
    for note in done.record.notes:
        context.log.warning(note)
    for sentence in done.removed:
        context.log.info(sentence)
    _mark_delivered(context.partition_key, workspace, done)
    return dg.MaterializeResult(metadata=_metadata(done), data_version=dg.DataVersion(done.delivery.version))


def after_words(assets: Sequence[dg.AssetsDefinition], settings: Settings) -> list[dg.AssetsDefinition]:
    """The same assets; the delivery waits for the words if it has them, or if it removes the work files after it."""
    if not settings.delivery.words and settings.delivery.retention == "keep":
        return list(assets)
    return [
        asset.map_asset_specs(lambda spec: spec.merge_attributes(deps=[transcript_json]))
        if asset.keys == finalized_project.keys
        else asset
        for asset in assets
    ]


def _mark_delivered(key: str, workspace: Workspace, done: Finalized) -> None:
    """Note it in the history, with the patience of somebody whose work is done."""
    try:
        workspace.history.patient(_HISTORY_PATIENCE).mark(key, "delivered")
    except Unavailable as error:
        problem = f"{error.problem}; the project is delivered to {done.delivery.folder}, and only this note is missing"
        raise failed(Unavailable(error.subject, problem, error.remedy)) from error


@project_check(finalized_project, blocking=True)
def delivery_is_complete(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every file of the manifest is at the destination, and together they have its bytes.

    The content was compared when it was delivered; ``mediaflow verify`` compares it again.
    """
    record = DeliveryRecords(workspace.layout.state).get(context.partition_key)
    if record is None:
        return dg.AssetCheckResult(passed=False, description="there is no delivery")
    found = inspect(Path(record.folder), content=False)
    return dg.AssetCheckResult(
        passed=found.intact and found.files == record.files,
        metadata={"files": found.files, "bytes": found.bytes, "missing": ", ".join(found.missing) or "nothing"},
    )


@project_check(finalized_project)
def names_are_exact(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every file has the name that it should have; the destination may have forbidden some."""
    record = DeliveryRecords(workspace.layout.state).get(context.partition_key)
    renamed = record.renamed if record else ()
    return dg.AssetCheckResult(
        passed=not renamed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"renamed": dg.MetadataValue.json([list(pair) for pair in renamed])},
    )


@project_check(finalized_project)
def nothing_is_left_out(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """The delivery has every video that was received."""
    record = DeliveryRecords(workspace.layout.state).get(context.partition_key)
    left_out = record.left_out if record else ()
    return dg.AssetCheckResult(
        passed=not left_out,
        severity=dg.AssetCheckSeverity.WARN,
        description=" | ".join(video.sentence for video in left_out) or None,
        metadata={"left_out": dg.MetadataValue.json({video.path: video.sentence for video in left_out})},
    )


def _report_what_is_good(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    """The report is the stage after this one, which a delivery that waits never reaches: it is made here."""
    try:
        settings = workspace.settings.reports
        result = reported(context.partition_key, workspace, settings, project_progress(context, workspace))
    except (MediaflowError, dg.Failure) as error:  # the delivery has its own sentence, and it is the one that counts
        context.log.warning(f"the report is not made: {error}")
        return
    context.log_event(
        dg.AssetMaterialization("project_report", partition=context.partition_key, metadata=result.metadata or {})
    )


def _metadata(done: Finalized) -> dict[str, dg.MetadataValue | str | int]:
    delivery = done.delivery
    return {
        "folder": dg.MetadataValue.path(str(delivery.folder)),
        "manifest": dg.MetadataValue.path(str(delivery.folder / "manifest-sha256.txt")),
        "status": "cached" if delivery.unchanged else "made",
        "files": len(delivery.files),
        "bytes": delivery.bytes,
        "left_out": done.record.without or "nothing",
        "notes": "; ".join(done.record.notes) or "none",
        "removed": "; ".join(done.removed) or "nothing",
        "delivered": dg.MetadataValue.table(
            records=[
                dg.TableRecord({"path": file.path, "bytes": file.bytes, "sha256": file.sha256, "name": file.wanted})
                for file in delivery.files[:MAX_ROWS]
            ],
            schema=dg.TableSchema(
                columns=[
                    dg.TableColumn("path", "string"),
                    dg.TableColumn("bytes", "int"),
                    dg.TableColumn("sha256", "string"),
                    dg.TableColumn("name", "string", description="The path it should have"),
                ]
            ),
        ),
    }
