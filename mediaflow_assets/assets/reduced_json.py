"""``reduced_json``: the documents that the After Effects script reads."""

import dagster as dg

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import tracking_json as tracking
from mediaflow_assets.assets.analysis import masters_of
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.delivery.reduce import CODE_VERSION, reduce_audio, reduce_tracking
from mediaflow_assets.errors import MediaflowError
from mediaflow_assets.fanout import Made, Recipe, run_stage
from mediaflow_assets.files import sha256_of
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.partitions import projects
from mediaflow_assets.progress import progress_for
from mediaflow_assets.resources.workspace import Workspace

COLUMNS = ("full_bytes", "reduced_bytes")
TRACKING, AUDIO = "{id}_tracking.json", "{id}_audio.json"


@dg.asset(
    partitions_def=projects,
    deps=[tracking.tracking_json, audio.audio_json],
    group_name="delivery",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
)
@each_project
def reduced_json(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """Tracking and audio without what the After Effects script does not read; the full ones stay."""
    folders = workspace.project(context.partition_key)

    def sources(video: Master) -> dict[str, str]:
        return {
            "tracking": sha256_of(folders.tracking / tracking.FILE.format(id=video.id)),
            "audio": sha256_of(folders.audio / audio.FILE.format(id=video.id)),
        }

    def recipe(video: Master) -> Recipe:
        return Recipe(stage="reduced_json", code_version=CODE_VERSION, inputs=sources(video), engine="reduce")

    def make(video: Master) -> Made:
        full = [folders.tracking / tracking.FILE.format(id=video.id), folders.audio / audio.FILE.format(id=video.id)]
        made = {
            "tracking": folders.reduced / TRACKING.format(id=video.id),
            "audio": folders.reduced / AUDIO.format(id=video.id),
        }
        reduce_tracking(full[0], made["tracking"], video.total_frames)
        reduce_audio(full[1], made["audio"], video.total_frames)
        return Made(
            made,
            {
                "full_bytes": sum(path.stat().st_size for path in full),
                "reduced_bytes": sum(path.stat().st_size for path in made.values()),
            },
        )

    try:
        report = run_stage(
            masters_of(folders),
            stage="reduced_json",
            folder=folders.reduced,
            recipe_for=recipe,
            make=make,
            progress=progress_for(context.log),
            patience=workspace.settings.cluster.patience,
        )
    except MediaflowError as error:
        raise failed(error) from error
    return materialized(report, folders.reduced, columns=COLUMNS)
