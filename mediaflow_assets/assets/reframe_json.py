"""``reframe_json``: how each video is cut to other aspects so that it follows who speaks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets import review_json as reviewed
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets import tracking_json as tracking
from mediaflow_assets.assets.analysis import masters_of
from mediaflow_assets.assets.checks import project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.reviewing import made_review
from mediaflow_assets.assets.run_config import VideosConfig, settings_for, typed_config
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.assets.video_25fps import video_25fps
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import contained
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.amend import can_amend
from mediaflow_assets.delivery.bad_videos import with_inputs
from mediaflow_assets.delivery.readiness import framing_digest, full_documents, full_record, reframed_documents
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.execution.fanout import Made, Recipe, run_stage
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.reframe_json import Measures, Reframing, read_reframing
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reframing.plan import CODE_VERSION
from mediaflow_assets.reframing.reframe import MEASURES, reframe
from mediaflow_assets.reframing.validity import problems
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.streams import reviewed_scenes

STAGE = "reframe_json"
COLUMNS = ("aspects", "segments", "keyframes", *MEASURES)
MAX_EMPTY_PERCENT = 1.0
MIN_SPEAKER_WHOLE_PERCENT = 90.0
MAX_PANS_PER_MINUTE, MIN_SECONDS_OF_PANS = 15.0, 30.0
MIN_HOLD_SECONDS = 0.8
MAX_REVERSALS_PER_MINUTE = 1.0
MAX_ENLARGEMENT = 2.0


@dg.asset(
    partitions_def=projects,
    deps=[video_25fps, scenes.scenes_csv, audio.audio_json, tracking.tracking_json, reviewed.review_json],
    group_name="delivery",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    metadata=document_schemas.REFRAMING,
)
@each_project
@typed_config("reframe", VideosConfig)
def reframe_json(
    context: dg.AssetExecutionContext, config: VideosConfig, workspace: Workspace
) -> dg.MaterializeResult[None]:
    """Camera paths for other aspects (9:16, 4:5, 1:1) that follow who speaks, as keyframes.

    One document per video and aspect. A video without faces and speech found is left out.
    """
    folders = workspace.project(context.partition_key)
    progress = project_progress(context, workspace)
    try:
        settings = settings_for(workspace.settings, "reframe", config).reframe

        def recipe(video: Master) -> Recipe:
            inputs = {
                kind: record.outputs[kind].sha256 for kind in _INPUTS if (record := full_record(folders, video, kind))
            }
            if (corrected := framing_digest(folders, video)) is not None:
                inputs["review"] = corrected
            return Recipe(
                stage=STAGE,
                code_version=CODE_VERSION,
                inputs={"video": video.sha256, **inputs},
                engine="reframe",
                parameters=settings.recipe(),
            )

        def make(video: Master) -> Made:
            if not settings.wanted:
                return Made({}, {"aspects": "none (REFRAME_ASPECTS)"})  # and nothing of before is delivered
            picture = contained(folders.video, video.path)
            found = full_documents(folders, video)
            sources = {kind: found[kind] for kind in _INPUTS if kind in found}
            review = made_review(folders, video)
            return Made(*reframe(picture, video, sources, settings, folders.reframe, progress.advance, review))

        if can_amend(folders, DeliveryRecords(workspace.layout.state)):
            return dg.MaterializeResult(metadata={"status": "as delivered: the videos are not in the work folder"})
        ready, left_out = with_inputs(folders, ("tracking",))
        report = run_stage(
            ready,
            stage=STAGE,
            folder=folders.reframe,
            recipe_for=recipe,
            make=make,
            progress=progress,
            again=config.again,
            lock_timeout=workspace.settings.cluster.lock_timeout,
        )
    except MediaflowError as error:
        raise failed(error) from error
    if not report.made:
        # Videos without tracking are delivered all the same where FINALIZE_MODE allows it.
        sentences = [outcome.problem for outcome in report.failed] + [video.reason for video in left_out]
        return dg.MaterializeResult(
            metadata={"status": "nothing to re-frame", "left_out": " | ".join(sentences) or "no video"},
            data_version=dg.DataVersion("none"),
        )
    return materialized(report, folders.reframe, columns=COLUMNS, left_out=left_out, log=context.log)


_INPUTS = ("scenes", "audio", "tracking")


@project_check(reframe_json, blocking=True)
def reframe_keys_valid(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Keyframes are in order, inside the picture, of the aspect, and every shot begins with one."""
    folders = workspace.project(context.partition_key)
    wrong = {}
    for video, path, document in _documents(folders):
        known = full_documents(folders, video)
        machine = read_scenes(known["scenes"]) if "scenes" in known else [Scene(1, video.total_frames)]
        cuts = reviewed_scenes(machine, made_review(folders, video))
        found = problems(document, cuts, video.total_frames)
        if found:
            wrong[path.name] = found
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


@project_check(reframe_json)
def every_video_is_reframed(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Planning failed for no video. One that it failed for is delivered without a re-framing."""
    folders = workspace.project(context.partition_key)
    found = {video.source_path: load_failure(folders.reframe, video.id) for video in _videos(folders)}
    sentences = {path: failure.sentence for path, failure in found.items() if failure is not None}
    return dg.AssetCheckResult(
        passed=not sentences,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": dg.MetadataValue.json(sentences)},
    )


@project_check(reframe_json)
def reframe_faces_in_frame(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Some face is shown wherever there is one."""
    return _judged(context, workspace, lambda document: document.measures.empty_percent > MAX_EMPTY_PERCENT)


@project_check(reframe_json)
def reframe_speaker_in_frame(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Who speaks is shown whole, as far as the face fits into the crop."""

    def bad(document: Reframing) -> bool:
        whole = document.measures.speaker_whole_percent
        return whole is not None and whole < MIN_SPEAKER_WHOLE_PERCENT

    return _judged(context, workspace, bad)


@project_check(reframe_json)
def reframe_calm(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """The camera neither wanders nor twitches."""

    def bad(document: Reframing) -> bool:
        measures, seconds = document.measures, document.total_frames / document.fps
        hold = measures.shortest_hold_s
        return (
            (seconds >= MIN_SECONDS_OF_PANS and measures.pans_per_minute > MAX_PANS_PER_MINUTE)
            or (hold is not None and hold < MIN_HOLD_SECONDS)
            or measures.reversals > max(1.0, MAX_REVERSALS_PER_MINUTE * seconds / 60)
        )

    return _judged(context, workspace, bad)


@project_check(reframe_json)
def reframe_enlargement(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """The picture is not enlarged so much that it looks soft: 1080p to 1080x1920 is 1.78, 720p is 2.67."""
    return _judged(context, workspace, lambda document: document.measures.enlargement > MAX_ENLARGEMENT)


def _judged(
    context: dg.AssetCheckExecutionContext, workspace: Workspace, bad: Callable[[Reframing], bool]
) -> dg.AssetCheckResult:
    """WARN with the measures of every document of which ``bad`` is true."""
    found = {
        f"{video.source_path} {document.aspect}": _shown(document.measures)
        for video, _, document in _documents(workspace.project(context.partition_key))
        if bad(document)
    }
    return dg.AssetCheckResult(
        passed=not found, severity=dg.AssetCheckSeverity.WARN, metadata={"to_look_at": dg.MetadataValue.json(found)}
    )


def _shown(measures: Measures) -> dict[str, float | None]:
    return {name: getattr(measures, name) for name in (*MEASURES, "too_big_frames")}


def _documents(folders: ProjectFolders) -> Iterator[tuple[Master, Path, Reframing]]:
    for video in _videos(folders):
        for path in reframed_documents(folders, video).values():
            if path.suffix == ".json":
                yield video, path, read_reframing(path)


def _videos(folders: ProjectFolders) -> tuple[Master, ...]:
    """None when the work files are gone and the delivery keeps what it has."""
    return masters_of(folders) if (folders.video / "manifest.json").exists() else ()
