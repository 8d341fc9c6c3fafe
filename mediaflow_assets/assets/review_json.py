"""``review_json``: what the corrections mean for the present documents."""

import dagster as dg

from mediaflow_assets.assets import audio_json as audio
from mediaflow_assets.assets import corrections as said
from mediaflow_assets.assets import scenes_csv as scenes
from mediaflow_assets.assets import tracking_json as tracking
from mediaflow_assets.assets.checks import every_video_check, project_check
from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.stage import OWNERS, failed, materialized
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.execution.failures import forget_failure
from mediaflow_assets.execution.fanout import Made, Recipe, load_record, run_stage
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.reporting.reviewed import journal_of, presents
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.document import Review, read_review, write_review
from mediaflow_assets.review.present import FILE, Present, review_of
from mediaflow_assets.review.resolve import CODE_VERSION
from mediaflow_assets.review.state import NOTHING, State, fold

STAGE = "review_json"
COLUMNS = ("people", "named", "applied", "partly", "to_look_at", "gone")


@dg.asset(
    partitions_def=projects,
    deps=[said.corrections, scenes.scenes_csv, audio.audio_json, tracking.tracking_json],
    group_name="review",
    kinds={"json"},
    owners=OWNERS,
    code_version=CODE_VERSION,
)
@each_project
def review_json(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[None]:
    """Who is who in the present documents, by what people said: runs of frames, some kB.

    Faces are found again by where they are, voices by their turns, whichever engine made the documents. What is not
    found is listed, not guessed. A video that nobody corrected has none.
    """
    folders = workspace.project(context.partition_key)
    try:
        states: dict[str, State | MediaflowError] = {}
        wanted = []
        for video in presents(workspace.layout, workspace.analyses, context.partition_key):
            try:
                states[video.id] = state = fold(journal_of(workspace.layout, video.video).versions())
            except MediaflowError as error:  # the journal is damaged: this video waits, the others go on
                states[video.id] = error
                wanted.append(video)
                continue
            if state.said:
                wanted.append(video)
            else:
                _forget(workspace, context.partition_key, video.id)

        def state_of(video: Present) -> State:
            found = states[video.id]
            if isinstance(found, MediaflowError):
                raise found
            return found

        def recipe(video: Present) -> Recipe:
            inputs = {**video.inputs, "corrections": state_of(video).digest}
            return Recipe(stage=STAGE, code_version=CODE_VERSION, inputs=inputs, engine="resolve")

        def make(video: Present) -> Made:
            review = review_of(video, state_of(video))
            return Made({"review": write_review(folders.review / FILE.format(id=video.id), review)}, _details(review))

        if not wanted:
            return dg.MaterializeResult(
                metadata={"state": "nobody corrected anything"}, data_version=dg.DataVersion(NOTHING)
            )
        report = run_stage(
            wanted,
            stage=STAGE,
            folder=folders.review,
            recipe_for=recipe,
            make=make,
            progress=project_progress(context, workspace),
            lock_timeout=workspace.settings.cluster.lock_timeout,
        )
    except MediaflowError as error:
        raise failed(error) from error
    return materialized(report, folders.review, columns=COLUMNS, log=context.log)


every_video_is_reviewed = every_video_check(review_json, "review")


@project_check(review_json)
def corrections_hold(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Everything that people said is found in the present documents; the rest is to be looked at."""
    found = {}
    for video, review in _reviews(context.partition_key, workspace):
        for edit in review.to_look_at:
            found[f"{video.received_as}: {edit.id}"] = f"{edit.op}: {edit.result} ({edit.why})"
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(found)} to be looked at: mediaflow corrections look" if found else None,
        metadata={"to_look_at": dg.MetadataValue.json(found)},
    )


@project_check(review_json, blocking=True)
def review_matches_documents(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Each review is of the present documents, its frames are frames of the video, its shots have no gap."""
    wrong = {}
    for video, review in _reviews(context.partition_key, workspace):
        if review.inputs != video.inputs:
            wrong[video.received_as] = "is of other documents"
        elif problem := _problem(review, video.total_frames):
            wrong[video.received_as] = problem
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": dg.MetadataValue.json(wrong)})


def _reviews(key: str, workspace: Workspace) -> list[tuple[Present, Review]]:
    folder = workspace.project(key).review
    return [
        (video, read_review(folder / record.outputs["review"].path))
        for video in presents(workspace.layout, workspace.analyses, key)
        if (record := load_record(folder, video.id)) is not None
    ]


def _problem(review: Review, total: int) -> str:
    lanes = (review.faces, review.ids, review.voices, review.labels)
    runs = [run for lane in lanes for own in lane.values() for run in own]
    if any(not 1 <= first <= last <= total for first, last, _ in runs):
        return "has frames outside of the video"
    scenes = review.scenes or [(1, total)]
    expected = 1
    for first, last in scenes:
        if first != expected or last < first:
            return f"its shots have a gap at frame {expected}"
        expected = last + 1
    return "" if expected == total + 1 else "its shots do not end with the video"


def _details(review: Review) -> dict[str, object]:
    results = [edit.result for edit in review.edits]
    return {
        "people": len(review.people),
        "named": ", ".join(person.name for person in review.people if person.name),
        "applied": results.count("applied"),
        "partly": results.count("partly"),
        "to_look_at": results.count("look"),
        "gone": results.count("gone"),
        "corrections": review.corrections,
        "framing": review.framing,
    }


def _forget(workspace: Workspace, key: str, video: str) -> None:
    """A video that nobody corrects any more has no review."""
    folder = workspace.project(key).review
    if folder.is_dir():
        (folder / ".records" / f"{video}.json").unlink(missing_ok=True)
        (folder / FILE.format(id=video)).unlink(missing_ok=True)
        forget_failure(folder, video)
