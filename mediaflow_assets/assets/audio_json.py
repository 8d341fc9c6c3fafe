"""``audio_json``: who speaks in each frame."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import msgspec

from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets.analysis import Analysis, Subject, analysis_asset, made_in
from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.execution.fanout import Progress, Report
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.details import AudioDetails
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.speech.analyse import CODE_VERSION, analyse_video
from mediaflow_assets.speech.exports import write_exports
from mediaflow_assets.speech.speaker_linking import voices_of
from mediaflow_assets.speech.timeline_picture import timeline_picture

MAX_PLAUSIBLE = 8
"""Speakers in a video; more of them are usually one voice taken for several."""


@analysis_asset(
    kind="audio",
    settings="speech",
    deps=[video_25fps],
    kinds={"onnx", "json"},
    code_version=CODE_VERSION,
    columns=(
        "has_audio",
        "speakers",
        "speech_seconds",
        "overlap_seconds",
        "audio_seconds_per_second",
        "engine",
        "notes",
    ),
    metadata=document_schemas.AUDIO,
)
def audio_json(subject: Subject) -> Analysis:
    """Speech and speakers of each video, frame by frame (full document, with segments in seconds)."""
    speech = subject.settings.speech.with_replies_in(subject.state)
    engine = subject.engines.speech(speech, subject.models, subject.settings.compute)

    def earlier(video: Master) -> list[Path]:
        """Documents of the videos before this one, when labels are those of the project."""
        paths = [subject.document("audio", one) for one in subject.videos] if speech.project_labels else []
        return paths[: paths.index(subject.document("audio", video))] if paths else []

    def siblings(video: Master) -> dict[str, str]:
        return {f"audio of {path.name}": sha256_of(path) for path in earlier(video) if path.exists()}

    def make(video: Master, target: Path, progress: Progress) -> Mapping[str, object]:
        return analyse_video(
            subject.picture(video),
            video.total_frames,
            engine,
            target,
            speech.hints,
            video_filename=Path(video.source_path).name,
            known_voices=voices_of(earlier(video)) if speech.project_labels else None,
            same_voice=speech.same_voice,
            progress=progress.advance,
        )

    def export(video: Master, document: Path) -> None:
        head = read_audio_head(document)
        write_exports(subject.folders.audio / "exports" / video.id, head.segments, head.words, name=video.stem)

    def picture(report: Report[Master]) -> bytes | None:
        heads = [(one.video, read_audio_head(subject.document("audio", one.video))) for one in report.made]
        return timeline_picture((video.stem, video.total_frames / FPS, head.segments) for video, head in heads)

    return Analysis(engine, speech.recipe(), make, other_inputs=siblings, export=export, picture=picture)


every_video_is_heard = every_video_check(audio_json, "audio")


@project_check(audio_json)
def has_audio(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Every video has a sound track; one without is analysed as silent."""
    made = made_in(workspace.project(context.partition_key), "audio")
    silent = [video.source_path for video, _ in made if not video.has_audio]
    return dg.AssetCheckResult(
        passed=not silent, severity=dg.AssetCheckSeverity.WARN, metadata={"no_audio": dg.MetadataValue.json(silent)}
    )


@project_check(audio_json)
def speech_found(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Somebody speaks in every video that has sound."""
    made = made_in(workspace.project(context.partition_key), "audio")
    none = [
        video.source_path for video, record in made if video.has_audio and not record.details_as(AudioDetails).speakers
    ]
    return dg.AssetCheckResult(
        passed=not none, severity=dg.AssetCheckSeverity.WARN, metadata={"no_speech": dg.MetadataValue.json(none)}
    )


@project_check(audio_json)
def speakers_plausible(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """At most eight people speak in a video, and the engine is sure of who they are."""
    made = made_in(workspace.project(context.partition_key), "audio")
    heard = [(video, record.details_as(AudioDetails)) for video, record in made]
    doubtful = {
        video.source_path: msgspec.to_builtins(details)
        for video, details in heard
        if details.speakers > MAX_PLAUSIBLE or details.notes
    }
    return dg.AssetCheckResult(
        passed=not doubtful, severity=dg.AssetCheckSeverity.WARN, metadata={"doubtful": dg.MetadataValue.json(doubtful)}
    )
