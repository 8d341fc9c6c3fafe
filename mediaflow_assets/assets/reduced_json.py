"""``reduced_json``: the documents that the After Effects script reads."""

from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets import tracking_json as tracking
from mediaflow_assets.assets.checks import every_video_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.bad_videos import BadVideo, with_inputs
from mediaflow_assets.delivery.readiness import KINDS, full_documents
from mediaflow_assets.delivery.reduce import CODE_VERSION, reduce_audio, reduce_tracking
from mediaflow_assets.execution.fanout import Made, Recipe, run_stage
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.resources.workspace import Workspace

COLUMNS = ("full_bytes", "reduced_bytes", "ratio")
_REDUCED = ("tracking", "audio")


@dg.asset(
    partitions_def=projects,
    deps=[tracking.tracking_json, audio.audio_json],
    group_name="delivery",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    metadata=document_schemas.REDUCED,
)
@each_project
def reduced_json(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """Tracking and audio without what the After Effects script does not read; the full ones stay."""
    folders = workspace.project(context.partition_key)

    def sources(video: Master) -> dict[str, Path]:
        return {kind: path for kind, path in full_documents(folders, video).items() if kind in _REDUCED}

    def recipe(video: Master) -> Recipe:
        inputs = {kind: sha256_of(path) for kind, path in sources(video).items()}
        return Recipe(stage="reduced_json", code_version=CODE_VERSION, inputs=inputs, engine="reduce")

    def make(video: Master) -> Made:
        full = sources(video)
        made = {kind: folders.reduced / f"{video.id}_{kind}.json" for kind in full}
        if "tracking" in full:
            reduce_tracking(full["tracking"], made["tracking"], video.total_frames)
        if "audio" in full:
            reduce_audio(full["audio"], made["audio"], video.total_frames, full.get("tracking"))
        before, after = (sum(path.stat().st_size for path in paths.values()) for paths in (full, made))
        details = {"full_bytes": before, "reduced_bytes": after, "ratio": round(after / before, 4)}
        return Made(made, details)

    try:
        ready, left_out = _with_documents(folders)
        report = run_stage(
            ready,
            stage="reduced_json",
            folder=folders.reduced,
            recipe_for=recipe,
            make=make,
            progress=project_progress(context, workspace),
            lock_timeout=workspace.settings.cluster.lock_timeout,
        )
    except MediaflowError as error:
        raise failed(error) from error
    totals = {
        f"total_{name}": sum(outcome.details.get(name, 0) for outcome in report.outcomes)
        for name in ("full_bytes", "reduced_bytes")
    }
    return materialized(report, folders.reduced, columns=COLUMNS, left_out=left_out, extra=totals, log=context.log)


every_video_is_reduced = every_video_check(reduced_json, "reduced")


def _with_documents(folders: ProjectFolders) -> tuple[list[Master], list[BadVideo]]:
    """The videos that nothing before failed on and that have tracking or audio, and the others."""
    ready, left_out = with_inputs(folders, (), without_failure_in=KINDS)
    nothing = [video for video in ready if not full_documents(folders, video).keys() & set(_REDUCED)]
    for video in nothing:
        sentence = (
            f"{video.source_path}: has no tracking and no audio of its present 25-fps video. Materialize them first."
        )
        left_out.append(BadVideo(video.id, video.source_path, video.source_sha256, "tracking_json", sentence))
    return [video for video in ready if video not in nothing], left_out
