"""``tracking_json``: every face and object of every frame, who they are, and who speaks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets.analysis import analyse, masters_of
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.stage import OWNERS, StageConfig, failed, materialized, settings_for
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import contained, sha256_of
from mediaflow_assets.execution.fanout import Progress, load_record
from mediaflow_assets.faces.face_sheet import face_sheet
from mediaflow_assets.faces.identity.joining import MODEL as JOINING_MODEL
from mediaflow_assets.faces.identity.joining import joins
from mediaflow_assets.faces.registries import SPEAKING_MODES
from mediaflow_assets.faces.track import CODE_VERSION, track_video
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.tracking_json import read_tracking_metadata
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import INFERENCE, queue
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace

COLUMNS = (
    "frames",
    "coverage",
    "most_faces",
    "ids",
    "frames_with_speaking",
    "speaking_share",
    "speakers",
    "frames_per_second",
    "ms_per_frame",
)
FILE = "{id}_tracking.json"


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps, scenes.scenes_csv, audio.audio_json],
    group_name="analysis",
    kinds={"mediapipe", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=INFERENCE,
    op_tags=queue(INFERENCE),
)
@each_project
def tracking_json(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace, engines: Engines
) -> dg.MaterializeResult[None]:
    """Faces and objects of each video, frame by frame (full document)."""
    folders = workspace.project(context.partition_key)

    def inputs(video: Master) -> dict[str, str]:
        return {
            "video": video.sha256,
            "scenes": sha256_of(folders.scenes / scenes.FILE.format(id=video.id)),
            "audio": sha256_of(folders.audio / audio.FILE.format(id=video.id)),
        }

    try:
        settings = settings_for(workspace.settings, "faces", config)
        engine = engines.faces(settings.faces, workspace.models, settings.compute)
        objects = engines.objects(settings.faces, workspace.models, settings.compute)
        other_models = (
            *(objects.models if objects else ()),
            *SPEAKING_MODES.get(settings.faces.speaking_mode).models,
            *([JOINING_MODEL] if joins(settings.faces, workspace.models) else ()),
        )

        def make(video: Master, target: Path, progress: Progress) -> Mapping[str, Any]:
            return track_video(
                contained(folders.video, video.path),
                video.total_frames,
                folders.scenes / scenes.FILE.format(id=video.id),
                folders.audio / audio.FILE.format(id=video.id),
                target,
                engine,
                objects,
                settings.faces,
                workspace.models,
                settings.compute.thread_count(),
                progress.advance,
            )

        report = analyse(
            context,
            workspace,
            kind="tracking",
            folder=folders.tracking,
            file=FILE,
            engine=engine,
            code_version=CODE_VERSION,
            parameters=settings.faces.recipe()
            | {"other_models": {name: workspace.models.sha256(name) for name in other_models}},
            inputs=inputs,
            make=make,
        )
    except MediaflowError as error:
        raise failed(error) from error
    sheet = face_sheet(
        (
            contained(folders.video, outcome.video.path),
            (outcome.video.width, outcome.video.height),
            outcome.details["faces"],
        )
        for outcome in report.outcomes
        if outcome.record
    )
    return materialized(report, folders.tracking, columns=COLUMNS, picture=sheet)


@project_check(tracking_json, blocking=True)
def frame_counts_agree(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Video, scenes, audio and tracking of each video have the same number of frames."""
    folders = workspace.project(context.partition_key)
    wrong = {}
    for video in masters_of(folders):
        counts = {
            "video": video.total_frames,
            "scenes": read_scenes(folders.scenes / scenes.FILE.format(id=video.id))[-1].last,
            "audio": read_audio_head(folders.audio / audio.FILE.format(id=video.id)).total_frames,
            "tracking": read_tracking_metadata(folders.tracking / FILE.format(id=video.id))["total_frames"],
        }
        if len(set(counts.values())) != 1:
            wrong[video.source_path] = counts
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(tracking_json)
def face_found(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video shows at least one face."""
    folders = workspace.project(context.partition_key)
    none = []
    for video in masters_of(folders):
        record = load_record(folders.tracking, video.id)
        if record is not None and not record.details.get("frames_with_face"):
            none.append(video.source_path)
    return dg.AssetCheckResult(
        passed=not none, severity=dg.AssetCheckSeverity.WARN, metadata={"no_face": dg.MetadataValue.json(none)}
    )
