"""``audio_json``: who speaks in each frame."""

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
from mediaflow_assets.core.files import contained, sha256_of
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.execution.fanout import Progress, load_record
from mediaflow_assets.formats.audio_json import AudioHead, read_audio_head
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import INFERENCE, queue
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.speech.analyse import CODE_VERSION, analyse_video
from mediaflow_assets.speech.exports import write_exports
from mediaflow_assets.speech.project_voices import voices_of
from mediaflow_assets.speech.timeline_picture import timeline_picture

COLUMNS = ("has_audio", "speakers", "speech_seconds", "overlap_seconds", "audio_seconds_per_second", "engine", "notes")
FILE = "{id}_audio.json"
MOST_PLAUSIBLE = 8
"""Speakers in a video; more of them are usually one voice taken for several."""


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps],
    group_name="analysis",
    kinds={"onnx", "json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    pool=INFERENCE,
    op_tags=queue(INFERENCE),
)
@each_project
def audio_json(
    context: dg.AssetExecutionContext, config: StageConfig, workspace: Workspace, engines: Engines
) -> dg.MaterializeResult[None]:
    """Speech and speakers of each video, frame by frame (full document, with segments in seconds)."""
    folders = workspace.project(context.partition_key)
    try:
        settings = settings_for(workspace.settings, "speech", config)
        speech = settings.speech
        if speech.lemonfox_replies is None:
            speech = speech.model_copy(update={"lemonfox_replies": workspace.layout.state / "lemonfox"})
        engine = engines.speech(speech, workspace.models, settings.compute)

        def earlier(video: Master) -> list[Path]:
            """Documents of the videos before this one, when labels are those of the project."""
            ids = [one.id for one in masters_of(folders)] if speech.project_labels else [video.id]
            return [folders.audio / FILE.format(id=one) for one in ids[: ids.index(video.id)]]

        def inputs(video: Master) -> dict[str, str]:
            siblings = {f"audio of {path.name}": sha256_of(path) for path in earlier(video) if path.exists()}
            return {"video": video.sha256, **siblings}

        def make(video: Master, target: Path, progress: Progress) -> Mapping[str, Any]:
            source = contained(folders.video, video.path)
            name = Path(video.source_path).name
            return analyse_video(
                source,
                video.total_frames,
                engine,
                target,
                speech.hints,
                video_filename=name,
                known_voices=voices_of(earlier(video)) if speech.project_labels else None,
                same_voice=speech.same_voice,
                progress=progress.advance,
            )

        heads: dict[str, AudioHead] = {}

        def complete(video: Master, document: Path) -> None:
            head = heads[video.id] = read_audio_head(document)
            write_exports(folders.audio / "exports" / video.id, head.segments, head.words, name=video.stem)

        report = analyse(
            context,
            workspace,
            kind="audio",
            folder=folders.audio,
            file=FILE,
            engine=engine,
            code_version=CODE_VERSION,
            parameters=speech.recipe(),
            inputs=inputs,
            make=make,
            complete=complete,
        )
    except MediaflowError as error:
        raise failed(error) from error
    shown = [outcome.video for outcome in report.outcomes if outcome.video.id in heads]
    picture = timeline_picture((video.stem, video.total_frames / FPS, heads[video.id].segments) for video in shown)
    return materialized(report, folders.audio, columns=COLUMNS, picture=picture)


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


@project_check(audio_json)
def speakers_plausible(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """At most eight people speak in a video, and the engine is sure of who they are."""
    folders = workspace.project(context.partition_key)
    doubtful = {}
    for video in masters_of(folders):
        record = load_record(folders.audio, video.id)
        if record is not None and (record.details.get("speakers", 0) > MOST_PLAUSIBLE or record.details.get("notes")):
            doubtful[video.source_path] = {name: record.details.get(name) for name in ("speakers", "notes")}
    return dg.AssetCheckResult(
        passed=not doubtful, severity=dg.AssetCheckSeverity.WARN, metadata={"doubtful": dg.MetadataValue.json(doubtful)}
    )
