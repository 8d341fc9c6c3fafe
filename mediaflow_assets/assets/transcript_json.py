"""``transcript_json``: what is said, word by word, when the settings ask for it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets.analysis import Analysis, Subject, analysis_asset, made_in, masters_of
from mediaflow_assets.assets.audio_json import audio_json
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.execution.fanout import Progress
from mediaflow_assets.formats.audio_json import read_audio_head
from mediaflow_assets.formats.details import TranscriptDetails
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.transcript_json import read_transcript
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.settings import Settings
from mediaflow_assets.transcripts import plausibility
from mediaflow_assets.transcripts.attribution import with_speakers
from mediaflow_assets.transcripts.captions import write_captions
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.transcripts.transcribe import CODE_VERSION, depends_on, transcribe_video


@analysis_asset(
    kind="transcripts",
    settings="transcripts",
    deps=[audio_json],
    kinds={"whisper", "json"},
    code_version=CODE_VERSION,
    columns=("language", "words", "words_per_second", "median_probability", "dropped", "model", "excerpt"),
    reads=("audio",),
    optional=True,
    metadata=document_schemas.TRANSCRIPT,
)
def transcript_json(subject: Subject) -> Analysis | None:
    """Words of each video with their times, without speakers: those are joined when the document is read.

    A machine's transcript, not proof-read. Telling speakers apart anew makes no words anew.
    """
    settings = _wanted(subject.settings)
    if settings.engine == "off":
        return None
    engine = subject.engines.transcripts(settings, subject.models, subject.settings.compute)
    engine.load()

    def make(video: Master, target: Path, progress: Progress) -> Mapping[str, object]:
        name = Path(video.source_path).name
        audio = subject.document("audio", video)

        def advance(fraction: float) -> None:
            progress.advance(fraction)

        return transcribe_video(subject.picture(video), audio, target, engine, settings, name, advance)

    def inputs(video: Master) -> dict[str, str]:
        return depends_on(subject.document("audio", video), engine)

    def export(video: Master, document: Path) -> None:
        segments = read_audio_head(subject.document("audio", video)).segments
        if not segments:
            return
        words = with_speakers(read_transcript(document).words, segments)
        write_captions(document.parent / "exports" / video.id, words, video.total_frames)

    parameters = settings.recipe() | {"model_sha256": engine.model_sha256} if engine.listens else {}
    return Analysis(engine, parameters, make, inputs, export)


def _wanted(settings: Settings) -> TranscriptSettings:
    """Words that came with the diarization are there already: nobody must ask for them."""
    wanted, speech = settings.transcripts, settings.speech
    if wanted.engine == "off" and speech.engine == "lemonfox" and "word" in speech.lemonfox_granularities:
        return wanted.model_copy(update={"engine": "lemonfox"})
    return wanted


@project_check(transcript_json)
def every_video_is_transcribed(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """No video failed here. The delivery does not wait for words."""
    folders = workspace.project(context.partition_key)
    tried = ((video, load_failure(folders.analysis("transcripts"), video.id)) for video in masters_of(folders))
    failed = {video.source_path: failure.sentence for video, failure in tried if failure is not None}
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=" | ".join(failed.values()) or None,
        metadata={"failed": dg.MetadataValue.json(failed)},
    )


def _check(name: str, doubts: Callable[[TranscriptDetails], str], text: str) -> dg.AssetChecksDefinition:
    def check(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        made = made_in(workspace.project(context.partition_key), "transcripts")
        doubtful = {
            video.source_path: said for video, record in made if (said := doubts(record.details_as(TranscriptDetails)))
        }
        return dg.AssetCheckResult(
            passed=not doubtful,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"doubtful": dg.MetadataValue.json(doubtful)},
        )

    check.__doc__ = text
    return project_check(transcript_json, name=name)(check)


language_plausible = _check(
    "language_plausible", plausibility.language, "The language that was listened for is the one that is spoken."
)
words_plausible = _check(
    "words_plausible", plausibility.words, "Neither too many nor too few words for the speech, and no repetitions."
)
words_sure = _check("words_sure", plausibility.sureness, "The network is sure of most words.")
