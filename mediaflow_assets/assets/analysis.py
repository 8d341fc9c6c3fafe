"""The frame of the analysis assets: 25-fps videos in, one full document per video out, stored for ever.

An asset file says what is its own: engine, parameters, how a document is made, what is shown. The
rest is here, once: run config, the videos that can be worked on, the recipe, reuse from the analysis
store, the watchdog, exports within the video's own try, a picture that fails nothing, the table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import getdoc
from pathlib import Path

import dagster as dg
import msgspec

from mediaflow_assets.assets.each_project import each_project
from mediaflow_assets.assets.progress import project_progress
from mediaflow_assets.assets.run_config import VideosConfig, settings_for, typed_config
from mediaflow_assets.assets.stage import OWNERS, MetadataItem, failed, materialized, preview
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import contained, sha256_of
from mediaflow_assets.core.layout import DOCUMENTS, ProjectFolders
from mediaflow_assets.core.registry import Engine
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.analysis_store import StoreReuse
from mediaflow_assets.delivery.bad_videos import made_documents, with_inputs
from mediaflow_assets.execution.fanout import Made, Progress, Recipe, Record, Report, load_record, run_stage
from mediaflow_assets.execution.memory import give_back_free_memory
from mediaflow_assets.execution.watchdog import Watched
from mediaflow_assets.formats.manifest import Master, Masters, Origin, read_document
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.orchestration.last_use import is_last_use
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import INFERENCE, queue
from mediaflow_assets.resources.compute import Compute
from mediaflow_assets.resources.engines import Engines
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.settings import Settings


@dataclass(frozen=True)
class Subject:
    """What is analysed, and with what: handed to an asset when it says what it does."""

    folders: ProjectFolders
    settings: Settings
    """With the changes of this run."""
    engines: Engines
    models: ModelStore
    state: Path
    """The installation's ``state`` folder."""

    @property
    def videos(self) -> tuple[Master, ...]:
        """The project's 25-fps videos, also those that this stage cannot work on."""
        return masters_of(self.folders)

    def picture(self, video: Master) -> Path:
        """File of a 25-fps video."""
        return contained(self.folders.video, video.path)

    def document(self, kind: str, video: Master) -> Path:
        """Full document of a video."""
        return self.folders.document(kind, video.id)


@dataclass(frozen=True)
class Analysis:
    """What an analysis asset says of itself."""

    engine: Engine
    """Whose name and models go into the recipe."""
    parameters: Mapping[str, object]
    """Settings that change the result."""
    make: Callable[[Master, Path, Progress], Mapping[str, object]]
    """Writes the document of a video to the given path and returns its details. Details whose ``engine``
    is another one than was asked make a result that is not used again."""
    other_inputs: Callable[[Master], Mapping[str, str]] = field(default=lambda _: {})
    """Name to sha256 of what a video's result depends on beside its picture and the documents needed."""
    export: Callable[[Master, Path], None] | None = None
    """Called with each video and its document, however it came; fails only that video."""
    picture: Callable[[Report[Master]], bytes | None] | None = None
    """Preview, JPEG or PNG; fails nothing."""


Define = Callable[[Subject], Analysis | None]
"""None: the settings say that this analysis is not wanted."""


def analysis_asset(
    *,
    kind: str,
    settings: str,
    deps: Sequence[dg.AssetsDefinition],
    kinds: set[str],
    code_version: str,
    columns: Sequence[str],
    needs: Sequence[str] = (),
    reads: Sequence[str] = (),
    metadata: Mapping[str, object] | None = None,
    optional: bool = False,
) -> Callable[[Define], dg.AssetsDefinition]:
    """Decorator that makes an asset of a function which says what it does; its text is the node's.

    Args:
        kind: ``scenes``, ``audio`` or ``tracking``: the document in folders, records and store.
        settings: group of settings that a run may change.
        deps: assets before this one.
        kinds: badges of the node.
        code_version: changes when results do.
        columns: keys of the details to show in the table, in order.
        needs: kinds of documents that it reads; a video without one is left out, and named.
        reads: kinds of documents of which it reads a part, which ``other_inputs`` names: a change in the rest of
            them makes nothing anew.
        metadata: of the definition.
        optional: delivery and report do without it: only what the machine lacks fails the stage.
    """

    def decorate(define: Define) -> dg.AssetsDefinition:
        name = define.__name__

        @dg.asset(
            name=name,
            description=getdoc(define),
            partitions_def=projects,
            deps=deps,
            group_name="analysis",
            kinds=kinds,
            owners=OWNERS,
            code_version=code_version,
            pool=INFERENCE,
            op_tags=queue(INFERENCE),
            metadata=metadata,
        )
        @each_project
        @typed_config(settings, VideosConfig)
        def asset(
            context: dg.AssetExecutionContext,
            config: VideosConfig,
            workspace: Workspace,
            engines: Engines,
            compute: Compute,
        ) -> dg.MaterializeResult[None]:
            folders = workspace.project(context.partition_key)
            compute.tag_run(context)
            try:
                changed = settings_for(workspace.settings, settings, config)
                ready, left_out = with_inputs(folders, (*needs, *reads))
                subject = Subject(folders, changed, engines, workspace.models, workspace.layout.state)
                analysis = define(subject)
                if analysis is None:
                    return dg.MaterializeResult(metadata={"state": "off"})
                models = {model: workspace.models.sha256(model) for model in analysis.engine.models}
                frame = _Frame(name, kind, code_version, needs, models, subject, analysis, workspace)
                report, shown = frame.run(ready, context, config.again)
                if is_last_use(context.run.tags, workspace.settings.cluster):
                    engines.let_go(kind)
            except MediaflowError as error:
                raise failed(error) from error
            return materialized(
                report,
                folders.analysis(kind),
                columns=columns,
                left_out=left_out,
                extra={**compute.metadata(), **shown},
                log=context.log,
                optional=optional,
            )

        return asset

    return decorate


@dataclass(frozen=True)
class _Frame:
    stage: str
    kind: str
    code_version: str
    needs: Sequence[str]
    models: Mapping[str, str]
    subject: Subject
    analysis: Analysis
    workspace: Workspace

    def run(
        self, videos: Sequence[Master], context: dg.AssetExecutionContext, again: Sequence[str]
    ) -> tuple[Report[Master], dict[str, MetadataItem]]:
        """Fan the analysis out; returns what became of each video, and the preview."""
        lengths = {video.stem: video.total_frames / FPS for video in videos}
        origin = read_document(self.subject.folders.origin, Origin)
        shown: dict[str, MetadataItem] = {}
        with Watched(
            project_progress(context, self.workspace, lengths), lengths, self.workspace.settings.stall
        ) as progress:
            report = run_stage(
                videos,
                stage=self.stage,
                folder=self.subject.folders.analysis(self.kind),
                recipe_for=self._recipe,
                make=lambda video: self._make(video, progress),
                progress=progress,
                again=again,
                reuse=StoreReuse(self.workspace.analyses, self.kind, DOCUMENTS[self.kind]),
                on_success=lambda video, record: self._complete(video, record, origin),
                on_report=lambda report: shown.update(preview(self.analysis.picture, report)),
                lock_timeout=self.workspace.settings.cluster.lock_timeout,
            )
        return report, shown

    def _recipe(self, video: Master) -> Recipe:
        documents = {kind: sha256_of(self.subject.document(kind, video)) for kind in self.needs}
        return Recipe(
            stage=self.stage,
            code_version=self.code_version,
            inputs={"video": video.sha256, **documents, **self.analysis.other_inputs(video)},
            engine=self.analysis.engine.name,
            models=dict(self.models),
            parameters=dict(self.analysis.parameters),
        )

    def _make(self, video: Master, progress: Progress) -> Made:
        target = self.subject.document(self.kind, video)
        asked = self._recipe(video)
        try:
            details = self.analysis.make(video, target, progress)
        finally:
            # Frames and sound leave a hundred megabytes that the next stage finds no use for.
            give_back_free_memory()
        # A stand-in did the work: the next run shall ask for the real engine again.
        done = msgspec.structs.replace(asked, engine=details.get("engine") or asked.engine)
        return Made({self.kind: target}, details, done)

    def _complete(self, video: Master, record: Record, origin: Origin) -> None:
        document = self.subject.document(self.kind, video)
        if self.analysis.export is not None:
            self.analysis.export(video, document)
        self.workspace.analyses.put(origin.archive_name, video, self.kind, document, record, origin.project)


def masters_of(folders: ProjectFolders) -> tuple[Master, ...]:
    """The project's 25-fps videos."""
    return read_document(folders.video / "manifest.json", Masters).videos


def made_in(folders: ProjectFolders, kind: str) -> list[tuple[Master, Record]]:
    """For checks: the videos that the last run of a stage has a document of, with the records of it."""
    found = []
    for video in made_documents(folders, kind):
        record = load_record(folders.analysis(kind), video.id)
        if record is not None:
            found.append((video, record))
    return found
