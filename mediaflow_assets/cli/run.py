"""``mediaflow run``: projects without the UI, with warm models; the next one is converted meanwhile."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.engines_meanwhile import EnginesMeanwhile
from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.misspelt import warn_of_misspelt
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.cli.run_ahead import RunAhead
from mediaflow_assets.cli.stopping import Stopping
from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.intake.eligibility import arrival_of_link
from mediaflow_assets.settings import Settings

AGAIN = ("video_25fps", "scenes_csv", "audio_json", "tracking_json", "transcript_json", "reframe_json")
"""Stages that work on each video and can be told to make it anew."""


def run(
    projects: Annotated[
        list[str],
        typer.Argument(
            help="Archives, project folders, links; of known projects key, name, number or part of the name.",
            show_default=False,
        ),
    ],
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", help="Video to deliver without if it cannot be made; may be repeated."),
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", help=f"Stage to make anew although nothing changed; one of: {', '.join(AGAIN)}."),
    ] = None,
    videos: Annotated[
        list[str] | None,
        typer.Option("--video", help="Only this video is made anew: path, file name, stem or id; may be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Make every stage anew.")] = False,
) -> None:
    """Process projects from reception to delivery and report, and record it in Dagster.

    Exit codes: 0 all delivered, 1 something failed or waits, 2 wrong usage, 130 and 143 stopped by a signal.
    """
    from mediaflow_assets.cli.local_run import LocalRunner

    settings = Settings.load()
    warn_of_misspelt()
    home = Layout(settings.folders).home
    typer.echo(f"home {home}{'' if home.exists() else ' (new)'}", err=True)
    if wrong := [stage for stage in again or () if stage not in AGAIN]:
        raise typer.BadParameter(f"--again {wrong[0]}: one of {', '.join(AGAIN)}")
    anew = {stage: videos or ["*"] for stage in (again or (AGAIN if force or videos else ()))}
    if videos and len(projects) > 1:
        raise typer.BadParameter("--video is of one project")
    unusable = {name: problem for name in projects if (problem := _problem(name, settings))}
    known = [name for name in projects if name not in unusable]
    if not known:
        raise typer.BadParameter(" ".join(unusable.values()))
    failed = False
    with Stopping() as stopping, RunAhead(settings.compute) as ahead:
        try:
            runner = LocalRunner(settings)
            engines = EnginesMeanwhile(settings)
            for position, name in enumerate(projects):
                if name in unusable:
                    failed = True
                    typer.echo(f"\n{name}\n  FAILED {unusable[name]}")
                    continue
                later = next((one for one in projects[position + 1 :] if one in known), None)
                ahead.wait()
                try:
                    on_stage = partial(_at_stage, engines, ahead, later)
                    outcome = runner.run(name, leave_out or (), on_stage, anew, last=later is None)
                except MediaflowError as error:
                    failed = True
                    typer.echo(f"\n{name}\n  FAILED {error.sentence}")
                    continue
                failed |= not outcome.success
                if stopping.signal:
                    break
                typer.echo(outcome.summary())
        except KeyboardInterrupt:
            if not stopping.signal:
                raise
    if stopping.signal:
        typer.echo(f"stopped by {stopping.signal.name}; run it again to continue", err=True)
        raise typer.Exit(stopping.code)
    if failed:
        raise typer.Exit(1)


def _at_stage(engines: EnginesMeanwhile, ahead: RunAhead, later: str | None, stage: str) -> None:
    from mediaflow_assets.orchestration.gpu_runs import MODEL_STAGES

    engines.at_stage(stage)
    if later is not None and stage in MODEL_STAGES:
        ahead.begin(later)


def _is_path(name: str) -> bool:
    """Whether somebody who writes this means a file: it has a folder or an ending."""
    return Path(name).name != name or bool(Path(name).suffix)


def _problem(name: str, settings: Settings) -> str:
    """Why it is no link that may be fetched, no path and no known project; empty when it is one of them.

    Raises:
        BadInput: several projects fit it.
    """
    try:
        if "://" in name:
            arrival_of_link(name, settings.intake)
        elif not Path(name).exists():
            choose_project(installation(), name)
    except BadInput as error:
        if "fits" in error.problem:
            raise
        return error.sentence if "://" in name or not _is_path(name) else f"no such file: {name}"
    return ""
