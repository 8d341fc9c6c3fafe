"""``scenes_csv``: where each video is cut."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from mediaflow_assets.assets.analysis import analyse, masters_of
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.stage import OWNERS, StageConfig, failed, materialized, settings_for
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import contained
from mediaflow_assets.execution.fanout import Progress
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import INFERENCE, queue
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.scenes.contact_sheet import contact_sheet
from mediaflow_assets.scenes.detect import CODE_VERSION, detect_scenes
from mediaflow_assets.scenes.exports import Medium, write_exports

COLUMNS = ("scenes", "frames", "shortest", "longest", "frames_per_second")
FILE = "{id}.csv"
_CSV_COLUMNS = [
    dg.TableColumn("No", "int", description="From 1"),
    dg.TableColumn("Timecode In", "string", description="Start of the first frame, HH:MM:SS.mmm"),
    dg.TableColumn("Timecode Out", "string", description="Start of the last frame, HH:MM:SS.mmm"),
    dg.TableColumn("Frame In", "int", description="1-based, included"),
    dg.TableColumn("Frame Out", "int", description="1-based, included"),
]


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps],
    group_name="analysis",
    kinds={"torch", "csv"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=INFERENCE,
    op_tags=queue(INFERENCE),
    metadata={"dagster/column_schema": dg.TableSchema(columns=_CSV_COLUMNS)},
)
@each_project
def scenes_csv(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace, engines: Engines
) -> dg.MaterializeResult[None]:
    """Shot boundaries of each video as contiguous frame ranges.

    Hard cuts and gradual transitions; each transition is one cut.
    """
    folders = workspace.project(context.partition_key)

    try:
        settings = settings_for(workspace.settings, "scenes", config)
        engine = engines.scenes(settings.scenes, workspace.models, settings.compute)

        def make(video: Master, target: Path, progress: Progress) -> Mapping[str, Any]:
            source = contained(folders.video, video.path)
            return detect_scenes(source, video.total_frames, target, engine, settings.scenes, progress.advance)

        report = analyse(
            context,
            workspace,
            kind="scenes",
            folder=folders.scenes,
            file=FILE,
            engine=engine,
            code_version=CODE_VERSION,
            parameters=settings.scenes.recipe(),
            inputs=lambda video: {"video": video.sha256},
            make=make,
        )
    except MediaflowError as error:
        raise failed(error) from error
    found = []
    for video in (outcome.video for outcome in report.outcomes if outcome.record):
        csv, master = folders.scenes / FILE.format(id=video.id), contained(folders.video, video.path)
        scenes = read_scenes(csv)
        write_exports(csv, settings.scenes.exports, scenes, Medium.of(video, master))
        found.append((master, scenes))
    return materialized(report, folders.scenes, columns=COLUMNS, picture=contact_sheet(found))


@project_check(scenes_csv, blocking=True)
def scenes_cover_every_frame(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Scenes start at frame 1, have no gap, and end at the video's last frame."""
    folders = workspace.project(context.partition_key)
    wrong = {
        video.source_path: f"{last} of {video.total_frames}"
        for video in masters_of(folders)
        if (last := read_scenes(folders.scenes / FILE.format(id=video.id))[-1].last) != video.total_frames
    }
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(scenes_csv)
def more_than_one_scene(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """A video of one scene is possible but rare: worth a look."""
    folders = workspace.project(context.partition_key)
    single = [
        video.source_path
        for video in masters_of(folders)
        if len(read_scenes(folders.scenes / FILE.format(id=video.id))) == 1
    ]
    return dg.AssetCheckResult(
        passed=not single, severity=dg.AssetCheckSeverity.WARN, metadata={"one_scene": dg.MetadataValue.json(single)}
    )
