"""``audio_json``: who speaks in each frame."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from mediaflow_assets.assets.analysis import analyse, masters_of
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.stage import OWNERS, StageConfig, failed, materialized, settings_for
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.errors import MediaflowError
from mediaflow_assets.fanout import Progress, load_record
from mediaflow_assets.files import contained
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.partitions import projects
from mediaflow_assets.pools import INFERENCE
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.speech.analyse import CODE_VERSION, analyse_video

COLUMNS = ("has_audio", "speakers", "speech_seconds", "overlap_seconds", "audio_seconds_per_second")
FILE = "{id}_audio.json"


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps],
    group_name="analysis",
    kinds={"pyannote", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=INFERENCE,
)
def audio_json(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace, engines: Engines
) -> dg.MaterializeResult[None]:
    """Speech and speakers of each video, frame by frame (full document, with segments in seconds)."""
    folders = workspace.project(context.partition_key)
    try:
        settings = settings_for(workspace.settings, "speech", config)
        engine = engines.speech(settings.speech, workspace.models, settings.compute)

        def make(video: Master, target: Path, progress: Progress) -> Mapping[str, Any]:
            source = contained(folders.video, video.path)
            name = Path(video.source_path).name
            return analyse_video(
                source,
                video.total_frames,
                engine,
                target,
                settings.speech.hints,
                video_filename=name,
                progress=progress.advance,
            )

        report = analyse(
            context,
            workspace,
            kind="audio",
            folder=folders.audio,
            file=FILE,
            engine=engine,
            code_version=CODE_VERSION,
            parameters=settings.speech.recipe(),
            inputs=lambda video: {"video": video.sha256},
            make=make,
        )
    except MediaflowError as error:
        raise failed(error) from error
    return materialized(report, folders.audio, columns=COLUMNS)


@project_check(audio_json)
def has_audio(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video has a sound track; one without is analysed as silent."""
    folders = workspace.project(context.partition_key)
    silent = [video.source_path for video in masters_of(folders) if not video.has_audio]
    return dg.AssetCheckResult(
        passed=not silent, severity=dg.AssetCheckSeverity.WARN, metadata={"no_audio": dg.MetadataValue.json(silent)}
    )


@project_check(audio_json)
def speech_found(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Somebody speaks in every video that has sound."""
    folders = workspace.project(context.partition_key)
    none = []
    for video in masters_of(folders):
        record = load_record(folders.audio, video.id)
        if video.has_audio and record is not None and not record.details.get("speakers"):
            none.append(video.source_path)
    return dg.AssetCheckResult(
        passed=not none, severity=dg.AssetCheckSeverity.WARN, metadata={"no_speech": dg.MetadataValue.json(none)}
    )
