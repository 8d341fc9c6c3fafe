"""``video_25fps``: every video at constant 25 fps, the clock of all later documents."""

from fractions import Fraction

import dagster as dg

from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.extracted_archive import extracted_archive
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.run_config import VideosConfig, settings_for, typed_config
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.files import contained
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.execution.failures import without_name
from mediaflow_assets.execution.fanout import Made, Recipe, Report, load_record, run_stage
from mediaflow_assets.execution.watchdog import Watched
from mediaflow_assets.formats.details import VideoDetails
from mediaflow_assets.formats.manifest import Extraction, Master, Masters, SourceVideo, read_document, write_document
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import ENCODING, queue
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.video.convert import CODE_VERSION, convert
from mediaflow_assets.video.encoders import parameters
from mediaflow_assets.video.probe import probe
from mediaflow_assets.video.small import small_path

COLUMNS = (
    "source_fps",
    "method",
    "audio",
    "encoder",
    "total_frames",
    "duration",
    "missing_seconds",
    "width",
    "height",
    "has_audio",
    "notes",
)


@dg.asset(
    partitions_def=projects,
    deps=[extracted_archive],
    group_name="video",
    kinds={"ffmpeg", "mp4"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=ENCODING,
    op_tags=queue(ENCODING),
)
@each_project
@typed_config("video", VideosConfig)
def video_25fps(
    context: dg.AssetExecutionContext, config: VideosConfig, workspace: Workspace
) -> dg.MaterializeResult[None]:
    """H.264 MP4 at exactly 25 frames per second, with its sound, and the exact number of frames.

    A video that already is what we would make is copied without encoding; everything else is
    encoded once. What is written has been decoded to its end and counted.
    """
    folders = workspace.project(context.partition_key)
    try:
        settings = settings_for(workspace.settings, "video", config).video
        extraction = read_document(folders.extraction, Extraction)
    except MediaflowError as error:
        raise failed(error) from error
    lengths = {video.stem: video.probe.duration if video.probe else 0.0 for video in extraction.videos}
    progress = Watched(project_progress(context, workspace, lengths), lengths, workspace.settings.stall)

    def recipe(video: SourceVideo) -> Recipe:
        return Recipe(
            stage="video_25fps",
            code_version=CODE_VERSION,
            inputs={"source": video.sha256},
            engine="ffmpeg",
            parameters=parameters(settings),
        )

    def make(video: SourceVideo) -> Made:
        if video.problem:
            # An older manifest names the file in its sentence too.
            problem, _, remedy = without_name(video.path, video.problem).partition(". ")
            raise BadInput(video.path, problem, remedy)
        source = contained(folders.extracted, video.path)
        target = folders.video / f"{video.id}.mp4"
        result = convert(source, target, settings, progress.advance)
        details = {name: getattr(result, name) for name in COLUMNS}
        return Made({"video": target, "small": small_path(target)}, {**details, "notes": ", ".join(result.notes)})

    try:
        with progress:
            report = run_stage(
                extraction.videos,
                stage="video_25fps",
                folder=folders.video,
                recipe_for=recipe,
                make=make,
                progress=progress,
                again=config.again,
                on_report=lambda report: _write_masters(folders, report),
                lock_timeout=workspace.settings.cluster.lock_timeout,
            )
    except MediaflowError as error:
        raise failed(error) from error
    return materialized(report, folders.video, columns=COLUMNS, log=context.log)


every_video_is_converted = every_video_check(video_25fps, "video")


@project_check(video_25fps, blocking=True)
def constant_25_fps(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video says 25 frames per second; nothing later makes sense otherwise."""
    folders = workspace.project(context.partition_key)
    masters = read_document(folders.video / "manifest.json", Masters)
    wrong = {
        master.source_path: facts.fps
        for master in masters.videos
        if Fraction((facts := probe(contained(folders.video, master.path))).fps) != FPS
    }
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(video_25fps)
def nothing_missing(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every second of the received videos could be decoded; where not, the last good picture stands still."""
    folders = workspace.project(context.partition_key)
    missing = {}
    for master in read_document(folders.video / "manifest.json", Masters).videos:
        record = load_record(folders.video, master.id)
        if record and (seconds := record.details_as(VideoDetails).missing_seconds):
            missing[master.source_path] = f"{seconds:g} s"
    return dg.AssetCheckResult(
        passed=not missing, severity=dg.AssetCheckSeverity.WARN, metadata={"missing": dg.MetadataValue.json(missing)}
    )


def _write_masters(folders: ProjectFolders, report: Report[SourceVideo]) -> None:
    masters = []
    for outcome in report.outcomes:
        if outcome.record is None:
            continue
        output, details = outcome.record.outputs["video"], outcome.record.details_as(VideoDetails)
        masters.append(
            Master(
                id=outcome.video.id,
                source_path=outcome.video.path,
                source_sha256=outcome.video.sha256,
                path=output.path,
                sha256=output.sha256,
                bytes=output.bytes,
                total_frames=details.total_frames,
                width=details.width,
                height=details.height,
                has_audio=details.has_audio,
            )
        )
    write_document(folders.video / "manifest.json", Masters(project=folders.key, videos=tuple(masters)))
