"""What the three analysis assets share: masters in, one full document per video out, stored for ever."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec

from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.core.registry import Engine
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.analysis_store import StoreReuse
from mediaflow_assets.execution.fanout import Made, Progress, Recipe, Record, Report, run_stage
from mediaflow_assets.execution.progress import progress_for
from mediaflow_assets.execution.watchdog import Watched
from mediaflow_assets.formats.manifest import Master, Masters, Origin, read_document
from mediaflow_assets.resources.workspace import Workspace


def masters_of(folders: ProjectFolders) -> tuple[Master, ...]:
    """The project's 25-fps videos."""
    return read_document(folders.video / "manifest.json", Masters).videos


def analyse(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    *,
    kind: str,
    folder: Path,
    file: str,
    engine: Engine,
    code_version: str,
    parameters: Mapping[str, Any],
    inputs: Callable[[Master], dict[str, str]],
    make: Callable[[Master, Path, Progress], Mapping[str, Any]],
    complete: Callable[[Master, Path], None] | None = None,
) -> Report[Master]:
    """Fan one analysis out over the project's videos.

    Args:
        kind: ``scenes``, ``audio`` or ``tracking``: the document's name in records and store.
        folder: the stage's folder.
        file: document name with ``{id}``.
        engine: whose name and models go into the recipe.
        parameters: settings that change the result.
        inputs: sha256 of each input of a video.
        make: writes the document of a video to the given path and returns its details. Details
            whose ``engine`` is another one than was asked make a result that is not used again.
        complete: called with each video and its document, however it came, while the folder is owned.
    """
    folders = workspace.project(context.partition_key)
    stage = context.asset_key.to_user_string()
    videos = masters_of(folders)
    lengths = {video.stem: video.total_frames / FPS for video in videos}
    progress = Watched(progress_for(context.log), lengths, workspace.settings.stall)
    models = {name: workspace.models.sha256(name) for name in engine.models}
    origin = read_document(folders.origin, Origin)

    def recipe(video: Master) -> Recipe:
        return Recipe(
            stage=stage,
            code_version=code_version,
            inputs=inputs(video),
            engine=engine.name,
            models=models,
            parameters=dict(parameters),
        )

    def make_one(video: Master) -> Made:
        target = folder / file.format(id=video.id)
        asked = recipe(video)
        details = make(video, target, progress)
        # A stand-in did the work: the next run shall ask for the real engine again.
        done = msgspec.structs.replace(asked, engine=details.get("engine") or asked.engine)
        return Made({kind: target}, details, done)

    def store(video: Master, record: Record) -> None:
        document = folder / file.format(id=video.id)
        if complete is not None:
            complete(video, document)
        workspace.analyses.put(origin.archive_name, video, kind, document, record, origin.project)

    with progress:
        return run_stage(
            videos,
            stage=stage,
            folder=folder,
            recipe_for=recipe,
            make=make_one,
            progress=progress,
            reuse=StoreReuse(workspace.analyses, kind, file),
            on_success=store,
            patience=workspace.settings.cluster.patience,
        )
