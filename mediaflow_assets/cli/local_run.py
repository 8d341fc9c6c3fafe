"""Running projects in this process, against the same Dagster instance as the UI."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from mediaflow_assets.cli.progress import TerminalProgress
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.execution.fanout import load_record
from mediaflow_assets.formats.manifest import Masters, Origin, read_document
from mediaflow_assets.intake.eligibility import arrival_of_link
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.intake.past import arrival_of
from mediaflow_assets.intake.register import Arrival, register
from mediaflow_assets.jobs import process_project
from mediaflow_assets.orchestration.dagster_internals import reason
from mediaflow_assets.orchestration.instance import PROCESS_TAG, open_instance, this_process
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.settings import Settings


@dataclass(frozen=True)
class ProjectOutcome:
    """What became of one project."""

    origin: Origin
    folders: ProjectFolders
    delivery: Path | None
    seconds: dict[str, float] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def success(self) -> bool:
        return not self.problems

    def summary(self) -> str:
        """A few lines for a terminal."""
        lines = ["", f"{self.origin.name}  ({self.origin.project})"]
        if (self.folders.video / "manifest.json").exists():
            for video in read_document(self.folders.video / "manifest.json", Masters).videos:
                scenes = load_record(self.folders.scenes, video.id)
                audio = load_record(self.folders.audio, video.id)
                tracking = load_record(self.folders.tracking, video.id)
                lines.append(
                    f"  {video.source_path}: {video.total_frames} frames"
                    f", {scenes.details['scenes'] if scenes else '?'} scenes"
                    f", {audio.details['speakers'] if audio else '?'} speakers"
                    f", {tracking.details['most_faces'] if tracking else '?'} faces at most"
                )
        lines.append("  seconds: " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in self.seconds.items()))
        lines += [f"  FAILED {problem}" for problem in self.problems]
        if self.delivery:
            lines.append(f"  delivered to {self.delivery}")
            lines.append(f"  report       {self.folders.reports / 'report.html'}")
        return "\n".join(lines)


class LocalRunner:
    """Runs the whole chain for projects, one after the other, with engines kept loaded."""

    def __init__(self, settings: Settings) -> None:
        from mediaflow_assets.definitions import defs

        self._settings = settings
        self._layout = Layout(settings.folders)
        self._history = open_history(settings.intake, self._layout.state)
        self._instance = open_instance(settings)
        self._job = defs().resolve_job_def(process_project.name)

    def run(self, what: str) -> ProjectOutcome:
        """Register an archive, a project folder or a link (or find its registration) and process it.

        Raises:
            BadInput: it is none of these, or a link that may not be fetched.
        """
        origin, _ = register(self._layout, self._history, self._arrival(what), self._settings.intake.keyword)
        self._instance.add_dynamic_partitions(str(projects.name), [origin.project])
        with TerminalProgress() as terminal:
            terminal.console.print(f"[bold]{origin.name}[/]  {origin.project}", highlight=False)
            result = self._job.execute_in_process(
                instance=self._instance,
                partition_key=origin.project,
                tags={"mediaflow/project": origin.project, "mediaflow/origin": "run", PROCESS_TAG: this_process()},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        return self._outcome(origin, result)

    def _arrival(self, what: str) -> Arrival:
        return arrival_of_link(what, self._settings.intake) if "://" in what else arrival_of(Path(what).resolve())

    def _outcome(self, origin: Origin, result: dg.ExecuteInProcessResult) -> ProjectOutcome:
        seconds: dict[str, float] = {}
        problems: list[str] = []
        delivery = None
        for event in result.all_events:
            if event.is_step_success and event.step_key:
                seconds[event.step_key] = event.step_success_data.duration_ms / 1000
            elif event.is_step_failure and event.step_key:
                problems.append(f"{event.step_key}: {reason(event.step_failure_data)}")
            elif event.is_step_materialization and event.asset_key == dg.AssetKey("finalized_project"):
                delivery = Path(str(event.materialization.metadata["folder"].value))
        if not result.success and not problems:
            problems.append("the run failed; see it in the Dagster UI")
        return ProjectOutcome(origin, self._layout.project(origin.project), delivery, seconds, tuple(problems))
