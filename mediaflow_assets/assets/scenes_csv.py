"""``scenes_csv``: where each video is cut."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets.analysis import Analysis, Subject, analysis_asset, made_in
from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.execution.fanout import Progress, Report, load_record
from mediaflow_assets.formats.details import SceneDetails
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.scenes.contact_sheet import contact_sheet
from mediaflow_assets.scenes.detect import CODE_VERSION, detect_scenes
from mediaflow_assets.scenes.exports import Medium, write_exports
from mediaflow_assets.scenes.transitions import keep_beside, transitions_in


@analysis_asset(
    kind="scenes",
    settings="scenes",
    deps=[video_25fps],
    kinds={"torch", "csv"},
    code_version=CODE_VERSION,
    columns=("scenes", "frames", "shortest", "longest", "frames_per_second"),
    metadata=document_schemas.SCENES,
)
def scenes_csv(subject: Subject) -> Analysis:
    """Shot boundaries of each video as contiguous frame ranges.

    Hard cuts and gradual transitions; each transition is one cut.
    """
    settings = subject.settings.scenes
    engine = subject.engines.scenes(settings, subject.models, subject.settings.compute)

    def make(video: Master, target: Path, progress: Progress) -> Mapping[str, object]:
        return detect_scenes(subject.picture(video), video.total_frames, target, engine, settings, progress.advance)

    def export(video: Master, csv: Path) -> None:
        record = load_record(csv.parent, video.id)
        details = record.details if record else {}
        keep_beside(csv, details, Path(video.source_path).name, video.total_frames)
        medium = Medium.of(video, subject.picture(video))
        write_exports(csv, settings.exports, read_scenes(csv), medium, transitions_in(details))

    def picture(report: Report[Master]) -> bytes | None:
        videos = [outcome.video for outcome in report.made]
        return contact_sheet((subject.picture(one), read_scenes(subject.document("scenes", one))) for one in videos)

    return Analysis(engine, settings.recipe(), make, export=export, picture=picture)


every_video_has_scenes = every_video_check(scenes_csv, "scenes")


@project_check(scenes_csv, blocking=True)
def scenes_cover_every_frame(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Scenes start at frame 1, have no gap, and end at the video's last frame."""
    folders = workspace.project(context.partition_key)
    wrong = {
        video.source_path: f"{last} of {video.total_frames}"
        for video, _ in made_in(folders, "scenes")
        if (last := read_scenes(folders.document("scenes", video.id))[-1].last) != video.total_frames
    }
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(scenes_csv)
def more_than_one_scene(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """A video of one scene is possible but rare: worth a look."""
    made = made_in(workspace.project(context.partition_key), "scenes")
    single = [video.source_path for video, record in made if record.details_as(SceneDetails).scenes == 1]
    return dg.AssetCheckResult(
        passed=not single, severity=dg.AssetCheckSeverity.WARN, metadata={"one_scene": dg.MetadataValue.json(single)}
    )
