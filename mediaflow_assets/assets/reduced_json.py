"""``reduced_json``: the documents that the After Effects script reads."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from mediaflow_assets.assets import document_schemas
from mediaflow_assets.assets import review_json as reviewed
from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.reviewing import made_review
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import atomic_path, sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.amend import can_amend
from mediaflow_assets.delivery.bad_videos import BadVideo, with_inputs
from mediaflow_assets.delivery.readiness import KINDS, full_documents, full_record, is_applied, review_digest
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.reduce import CODE_VERSION, reduce_audio, reduce_tracking
from mediaflow_assets.execution.fanout import Made, Recipe, Record, load_record, run_stage
from mediaflow_assets.formats.details import ReducedDetails
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.transitions_json import Transitions, write_transitions
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.sources import project_source
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.delivered import write_corrected
from mediaflow_assets.scenes.transitions import TRANSITIONS, transitions_in

COLUMNS = ("full_bytes", "reduced_bytes", "ratio")
_REDUCED = ("tracking", "audio")


@dataclass(frozen=True)
class _Full:
    """The full documents of one video: of the work folder, or of the analysis store when that is gone."""

    documents: Mapping[str, Path]
    scenes: Record | None
    """How its scenes were made."""
    stored: bool = False


@dg.asset(
    partitions_def=projects,
    deps=[reviewed.review_json],
    group_name="delivery",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    metadata=document_schemas.REDUCED,
)
@each_project
def reduced_json(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """Tracking and audio without what the After Effects script does not read, as people corrected them.

    The full documents stay as they are. With corrections there is a list of people, and scenes with corrected cuts.
    """
    folders = workspace.project(context.partition_key)
    full: dict[str, _Full] = {}

    def recipe(video: Master) -> Recipe:
        inputs = {kind: sha256_of(path) for kind, path in full[video.id].documents.items() if kind in _REDUCED}
        if (review := review_digest(folders, video)) is not None:
            inputs["review"] = review
        return Recipe(stage="reduced_json", code_version=CODE_VERSION, inputs=inputs, engine="reduce")

    def make(video: Master) -> Made:
        return _reduce(folders, video, full[video.id])

    try:
        if can_amend(folders, DeliveryRecords(workspace.layout.state)):
            full = _stored(workspace, context.partition_key)
            source = project_source(workspace.layout, workspace.analyses, context.partition_key)
            ready = [video.master for video in source.videos if video.master and video.master.id in full]
            left_out: list[BadVideo] = []
        else:
            ready, left_out = _with_documents(folders)
            full = {
                video.id: _Full(full_documents(folders, video), full_record(folders, video, "scenes"))
                for video in ready
            }
        report = run_stage(
            ready,
            stage="reduced_json",
            folder=folders.reduced,
            recipe_for=recipe,
            make=make,
            progress=project_progress(context, workspace),
            lock_timeout=workspace.settings.cluster.lock_timeout,
        )
    except MediaflowError as error:
        raise failed(error) from error
    made = [outcome.record.details_as(ReducedDetails) for outcome in report.outcomes if outcome.record is not None]
    totals = {
        "total_full_bytes": sum(one.full_bytes for one in made),
        "total_reduced_bytes": sum(one.reduced_bytes for one in made),
    }
    return materialized(report, folders.reduced, columns=COLUMNS, left_out=left_out, extra=totals, log=context.log)


every_video_is_reduced = every_video_check(reduced_json, "reduced")


@project_check(reduced_json, blocking=True)
def review_is_applied(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """What would be delivered is what people said: nothing is delivered that is older than the review."""
    folders = workspace.project(context.partition_key)
    source = project_source(workspace.layout, workspace.analyses, context.partition_key)
    masters = [video.master for video in source.videos if video.master is not None]
    reduced = [master for master in masters if load_record(folders.reduced, master.id) is not None]
    stale = [master.source_path for master in reduced if not is_applied(folders, master)]
    return dg.AssetCheckResult(
        passed=not stale,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"Materialize reduced_json again for {', '.join(stale)}" if stale else None,
        metadata={"stale": dg.MetadataValue.json(stale)},
    )


def _reduce(folders: ProjectFolders, video: Master, full: _Full) -> Made:
    sources = {kind: path for kind, path in full.documents.items() if kind in _REDUCED}
    review = made_review(folders, video)
    corrected: dict[str, Path] = {}
    if review is not None:
        corrected = write_corrected(
            folders.reduced, video.id, full.documents, video.total_frames, review, _transitions(video, full.scenes)
        )
    made = {kind: folders.reduced / f"{video.id}_{kind}.json" for kind in sources} | corrected
    if "tracking" in sources and "tracking" not in corrected:
        reduce_tracking(sources["tracking"], made["tracking"], video.total_frames)
    if "audio" in sources and "audio" not in corrected:
        reduce_audio(sources["audio"], made["audio"], video.total_frames, sources.get("tracking"))
    if full.stored:
        made |= _as_they_were(folders, video, full, made)
    before = sum(path.stat().st_size for path in sources.values())
    after = sum(made[kind].stat().st_size for kind in sources)
    details: dict[str, object] = {"full_bytes": before, "reduced_bytes": after, "ratio": round(after / before, 4)}
    return Made(made, details if review is None else {**details, "corrections": review.corrections})


def _transitions(video: Master, scenes: Record | None) -> Transitions | None:
    if scenes is None or TRANSITIONS not in scenes.details:
        return None
    return Transitions(Path(video.source_path).name, video.total_frames, transitions_in(scenes.details))


def _as_they_were(folders: ProjectFolders, video: Master, full: _Full, made: Mapping[str, Path]) -> dict[str, Path]:
    """Scenes and transitions of the machine, for a delivery that may have corrected ones and no work files."""
    found: dict[str, Path] = {}
    if "scenes" in full.documents and "scenes" not in made:
        found["scenes"] = folders.reduced / f"{video.id}_scenes.csv"
        with atomic_path(found["scenes"]) as copy:
            shutil.copyfile(full.documents["scenes"], copy)
        if (transitions := _transitions(video, full.scenes)) is not None:
            path = folders.reduced / f"{video.id}_scenes_transitions.json"
            found["transitions"] = write_transitions(path, transitions)
    return found


def _stored(workspace: Workspace, key: str) -> dict[str, _Full]:
    """Full documents in the analysis store, by the id of the video."""
    found = {}
    for video in project_source(workspace.layout, workspace.analyses, key).videos:
        documents = {kind: document.path for kind, document in video.documents.items() if kind in KINDS}
        if video.master is not None and documents.keys() & set(_REDUCED):
            scenes = video.documents.get("scenes")
            found[video.master.id] = _Full(documents, scenes.record if scenes else None, stored=True)
    return found


def _with_documents(folders: ProjectFolders) -> tuple[list[Master], list[BadVideo]]:
    """The videos that nothing before failed on and that have tracking or audio, and the others."""
    ready, left_out = with_inputs(folders, (), without_failure_in=(*KINDS, "review"))
    nothing = [video for video in ready if not full_documents(folders, video).keys() & set(_REDUCED)]
    for video in nothing:
        sentence = (
            f"{video.source_path}: has no tracking and no audio of its present 25-fps video. Materialize them first."
        )
        left_out.append(BadVideo(video.id, video.source_path, video.source_sha256, "tracking_json", sentence))
    return [video for video in ready if video not in nothing], left_out
