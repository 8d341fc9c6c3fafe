"""Running projects in this process, against the same Dagster instance as the UI."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import dagster as dg

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.progress import TerminalProgress
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.bad_videos import BadVideo, bad_videos
from mediaflow_assets.delivery.leave_out import leave_out
from mediaflow_assets.delivery.readiness import full_record
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.details import AudioDetails, SceneDetails, TrackingDetails
from mediaflow_assets.formats.manifest import Extraction, Masters, Origin, read_document
from mediaflow_assets.intake.eligibility import arrival_of_link
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.intake.legacy_projects import arrival_of
from mediaflow_assets.intake.register import register
from mediaflow_assets.jobs import apply_corrections, process_project
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.orchestration.dagster_internals import is_waiting, reason
from mediaflow_assets.orchestration.ended_runs import Ended, RunFacts, how_it_ended, remember
from mediaflow_assets.orchestration.gpu_runs import FIRST_STAGES
from mediaflow_assets.orchestration.instance import close_runs_of_this_process, database_errors, open_instance
from mediaflow_assets.orchestration.last_use import LAST_TAG
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.project_states import unfinished_runs
from mediaflow_assets.orchestration.required_models import require_models
from mediaflow_assets.orchestration.run_process import PROCESS_TAG, this_process
from mediaflow_assets.settings import Settings

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class ProjectOutcome:
    """What became of one project."""

    origin: Origin
    folders: ProjectFolders
    delivery: Path | None
    seconds: dict[str, float] = field(default_factory=dict)
    """Of each stage that did something."""
    problems: tuple[str, ...] = ()
    waits: str = ""
    """What the delivery waits for, and how to go on."""
    bad: tuple[BadVideo, ...] = ()
    """Videos that could not be made."""
    notes: tuple[str, ...] = ()
    """What the delivery says of itself."""

    @property
    def success(self) -> bool:
        return not self.problems and not self.waits

    def summary(self) -> str:
        """A few lines for a terminal."""
        lines = ["", f"{self.origin.name}  ({self.origin.project})"]
        if (self.folders.video / "manifest.json").exists():
            lines += [f"  {line}" for line in _of_each_video(self.folders)]
        # Why is said once: by the delivery or by what it waits for, if there is either.
        said = self.delivery or self.waits
        lines += [f"  {video.path}: not made{'' if said else f' ({video.reason})'}" for video in self.bad]
        spent = [f"{step} {seconds:.0f}" for step, seconds in self.seconds.items() if seconds >= 1]
        total = sum(self.seconds.values())
        lines.append(f"  {total:.0f} s in all{': ' if spent else ''}{', '.join(spent)}")
        if self.folders.extraction.exists():
            lines += [f"  {remark}" for remark in read_document(self.folders.extraction, Extraction).remarks]
        if self.delivery:
            lines.append(f"  delivered to {self.delivery}")
        if (self.folders.reports / "report.html").exists():
            lines.append(f"  report       {self.folders.reports / 'report.html'}")
        lines += [f"  {note}" for note in self.notes]
        lines += [f"  WAITS {self.waits}"] if self.waits else []
        lines += [f"  FAILED {problem}" for problem in self.problems]
        return "\n".join(lines)


def _of_each_video(folders: ProjectFolders) -> list[str]:
    lines = []
    for video in read_document(folders.video / "manifest.json", Masters).videos:
        # Not of a former video of this name.
        cuts, sound, seen = (full_record(folders, video, kind) for kind in ("scenes", "audio", "tracking"))
        scenes = cuts.details_as(SceneDetails).scenes if cuts else "?"
        speakers = sound.details_as(AudioDetails).speakers if sound else "?"
        faces = seen.details_as(TrackingDetails).most_faces if seen else "?"
        lines.append(
            f"{video.source_path}: {video.total_frames} frames, {scenes} scenes, {speakers} speakers"
            f", {faces} faces at most"
        )
    return lines


class LocalRunner:
    """Runs the whole chain for projects, one after the other, with engines kept loaded.

    Args:
        settings: of this installation.
        recorded: runs are recorded in Dagster; False for :meth:`convert` alone.

    Raises:
        Unavailable: a model of a chosen engine is not there.
    """

    def __init__(self, settings: Settings, *, recorded: bool = True) -> None:
        from mediaflow_assets.definitions import defs

        self._settings = settings
        self._layout = Layout(settings.folders)
        require_models(settings, ModelStore(store_folder(settings.models, self._layout.home)))
        self._history = open_history(settings.intake, self._layout.state)
        self._instance = open_instance(settings) if recorded else dg.DagsterInstance.ephemeral()
        self._job = defs().resolve_job_def(process_project.name)
        self._stages = {key.to_user_string() for key in self._job.asset_layer.executable_asset_keys}

    def run(
        self,
        what: str,
        without: Sequence[str] = (),
        on_stage: Callable[[str], None] = lambda _: None,
        again: Mapping[str, Sequence[str]] = MappingProxyType({}),
        *,
        last: bool = False,
    ) -> ProjectOutcome:
        """Register an archive, a project folder or a link (or find its registration) and process it.

        Args:
            what: one of these, or the key of a registered project.
            again: stage to the videos that it makes anew although nothing changed; ``*`` for all.
            without: videos that the project may be delivered without.
            on_stage: is told each stage that begins to work on a video.
            last: no other project follows, so no engine is kept for one.

        Raises:
            BadInput: it is none of these, or a link that may not be fetched.
        """
        origin = self._registered(what)
        if without:
            leave_out(self._layout.project(origin.project), without)
        try:
            with database_errors(self._layout.dagster):
                result = self._carried_out(origin, on_stage, again, last)
        except Unavailable as error:
            close_runs_of_this_process(self._instance, error.sentence)
            raise
        outcome = self._outcome(origin, result)
        self._remember(outcome, result)
        return outcome

    def _carried_out(
        self, origin: Origin, on_stage: Callable[[str], None], again: Mapping[str, Sequence[str]], last: bool
    ) -> dg.ExecuteInProcessResult:
        tags = {"mediaflow/project": origin.project, "mediaflow/origin": "run", PROCESS_TAG: this_process()}
        self._instance.add_dynamic_partitions(str(projects.name), [origin.project])
        with TerminalProgress(on_stage=on_stage) as terminal:
            terminal.say(f"{origin.name}  {origin.project}")
            terminal.when_waiting(lambda: self._waits_for(origin.project))
            return self._job.execute_in_process(
                instance=self._instance,
                partition_key=origin.project,
                tags=tags | ({LAST_TAG: "yes"} if last else {}),
                run_config=_QUIET | {"ops": {stage: {"config": {"again": [*names]}} for stage, names in again.items()}},
                raise_on_error=False,
            )

    def convert(self, what: str) -> None:
        """Receive, extract and convert a project; what fails is said by the run that needs it.

        Raises:
            BadInput: see :meth:`run`.
        """
        origin = self._registered(what)
        self._instance.add_dynamic_partitions(str(projects.name), [origin.project])
        self._job.execute_in_process(
            instance=self._instance,
            partition_key=origin.project,
            asset_selection=[dg.AssetKey(stage) for stage in sorted(FIRST_STAGES)],
            run_config=_QUIET,
            raise_on_error=False,
        )

    def _registered(self, what: str) -> Origin:
        if "://" not in what and not Path(what).exists():
            key = choose_project(installation(), what, [upload.project for upload in self._history.all()])
            return read_document(self._layout.project(key).origin, Origin)
        arrival = arrival_of_link(what, self._settings.intake) if "://" in what else arrival_of(Path(what).resolve())
        return register(self._layout, self._history, arrival, self._settings.intake.keyword)[0]

    def _waits_for(self, key: str) -> str:
        run = unfinished_runs(self._instance).get(key)
        return run.waits_for if run else ""

    def _remember(self, outcome: ProjectOutcome, result: dg.ExecuteInProcessResult) -> None:
        """What the daemon's alert sensors write down of a run, whether or not there is a daemon."""
        ended = Ended("project_finished", "The run ended well.")
        if not outcome.success:
            failures = [(event.step_key or "", event.step_failure_data) for event in result.get_step_failure_events()]
            ended = how_it_ended(failures, outcome.problems[0] if outcome.problems else outcome.waits)
        run = RunFacts(result.run_id, process_project.name, round(sum(outcome.seconds.values())))
        remember(self._layout, self._history, outcome.origin.project, ended, run)

    def _outcome(self, origin: Origin, result: dg.ExecuteInProcessResult) -> ProjectOutcome:
        seconds: dict[str, float] = {}
        problems: list[str] = []
        waits = ""
        delivery = None
        for event in result.all_events:
            if event.is_step_success and event.step_key in self._stages:
                seconds[event.step_key] = event.step_success_data.duration_ms / 1000
            elif event.is_step_failure and event.step_key:
                sentence = reason(event.step_failure_data)
                if is_waiting(event.step_failure_data):
                    waits = sentence
                else:
                    problems.append(f"{event.step_key}: {sentence}")
            elif event.is_step_materialization and event.asset_key == dg.AssetKey("finalized_project"):
                delivery = Path(str(event.materialization.metadata["folder"].value))
        if not result.success and not problems and not waits:
            problems.append("the run failed; see it in the Dagster UI")
        folders = self._layout.project(origin.project)
        record = DeliveryRecords(self._layout.state).get(origin.project) if delivery else None
        return ProjectOutcome(
            origin,
            folders,
            delivery,
            seconds,
            tuple(problems),
            waits,
            tuple(bad_videos(folders)),
            record.notes if record else (),
        )


def apply_now(settings: Settings, key: str) -> list[str]:
    """Run ``apply_corrections`` for a project in this process; returns what failed, a sentence each."""
    from mediaflow_assets.definitions import defs

    with open_instance(settings) as instance:
        instance.add_dynamic_partitions(str(projects.name), [key])
        result = (
            defs()
            .resolve_job_def(apply_corrections.name)
            .execute_in_process(
                instance=instance,
                partition_key=key,
                tags={"mediaflow/project": key, "mediaflow/origin": "correction", PROCESS_TAG: this_process()},
                run_config=_QUIET,
                raise_on_error=False,
            )
        )
    failures = [event for event in result.all_events if event.is_step_failure]
    found = [f"{event.step_key}: {reason(event.step_failure_data)}" for event in failures]
    return found if result.success or found else ["the run failed; see it in the Dagster UI"]
