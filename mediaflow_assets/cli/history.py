"""``mediaflow history``: what was received, what failed and why, and what is not to be fetched."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, get_args
from zoneinfo import ZoneInfo

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.cli.project_states import project_states
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.formats import project_status
from mediaflow_assets.formats.project_status import ProjectStatus
from mediaflow_assets.intake.history import History, open_history
from mediaflow_assets.intake.legacy_history import read_legacy
from mediaflow_assets.intake.receive import set_aside
from mediaflow_assets.intake.uploads import State, Upload
from mediaflow_assets.intake.url_identity import identity
from mediaflow_assets.orchestration.project_states import write_state
from mediaflow_assets.settings import Settings

app = typer.Typer(name="history", help="Uploads: what came, what became of it, what failed.", no_args_is_help=True)

_STATES = ", ".join(dict.fromkeys([*get_args(State), *get_args(project_status.State)]))


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help=f"Only this state of upload or project: {_STATES}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Every upload, oldest first."""
    if state is not None and state not in _STATES.split(", "):
        raise typer.BadParameter(f"--state {state}: one of {_STATES}")
    states = project_states(installation())
    for upload in _history().all():
        project = states.of(upload.project) if upload.project else None
        if state in (None, upload.state, project.state if project else None):
            typer.echo(_json(upload, project) if as_json else _line(upload, project))


@app.command()
def summary(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How many uploads there are, by what became of them and by where they came from."""
    states, uploads = project_states(installation()), _history().all()
    counts: dict[str, Counter[str]] = {
        "state": Counter(states.of(upload.project).state if upload.project else upload.state for upload in uploads),
        "kind": Counter(upload.kind or "unknown" for upload in uploads),
    }
    if as_json:
        since = uploads[0].first_seen if uploads else None
        typer.echo(json.dumps({"uploads": len(uploads), "since": since, **counts}, ensure_ascii=False))
        return
    typer.echo(f"{len(uploads)} uploads" + (f" since {uploads[0].first_seen}" if uploads else ""))
    for counted in counts.values():
        typer.echo("")
        for name, count in counted.most_common():
            typer.echo(f"{count:7}  {name}")


@app.command()
def add(links: Annotated[list[str], typer.Argument(help="Links.", show_default=False)]) -> None:
    """Mark links as fetched, so that the webhook does not fetch them."""
    new = _history().add([(identity(link), None) for link in links], "past", "added by hand")
    typer.echo(f"{new} added, {len(links) - new} known before")


@app.command()
def forget(names: Annotated[list[str], typer.Argument(help="Links or project keys.", show_default=False)]) -> None:
    """Remove rows, so that the same upload may come again; files and projects stay."""
    history = _history()
    unknown = [name for name in names if not (history.forget(name) or history.forget(_identity(name)))]
    if unknown:
        raise BadInput(", ".join(unknown), "is not in the upload history", "See mediaflow history list")
    typer.echo(f"{len(names)} forgotten")


@app.command()
def retry(
    projects: Annotated[list[str], typer.Argument(help="Keys, names, numbers or parts of names.", show_default=False)],
    again: Annotated[
        bool, typer.Option("--again", help="Download it anew; the archive that came is kept as NAME.refused.")
    ] = False,
) -> None:
    """Ask for another run of projects that failed or wait; the inbox sensor starts it (make dev)."""
    history = _history()
    here = installation()
    known = [upload.project for upload in history.all() if upload.project]
    keys = [choose_project(here, wanted, known) for wanted in projects]
    states = project_states(here)
    for key in keys:
        states.require_retry_is_of_use(key)
        if again:
            set_aside(here.layout.project(key))
        history.retry(key)
        write_state(here.layout, history, key)
        typer.echo(f"{key} is tried again")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="download_history.sqlite3 or .json.", exists=True, dir_okay=False)],
    timezone: Annotated[str | None, typer.Option(help="Of its times, Europe/Paris; default: this machine's.")] = None,
) -> None:
    """Take over the history of the replaced application, so that nothing is fetched again."""
    legacy = read_legacy(file, ZoneInfo(timezone) if timezone else "local")
    new = _history().add(legacy.rows.items(), "past", f"imported from {file.name}")
    for problem in legacy.problems:
        typer.echo(f"left out: {problem}", err=True)
    typer.echo(f"{new} added, {len(legacy.rows) - new} known before, {len(legacy.problems)} left out")


def _history() -> History:
    settings = Settings.load()
    return open_history(settings.intake, Layout(settings.folders).state)


def _identity(name: str) -> str:
    try:
        return identity(name)
    except BadInput:
        return name


def _json(upload: Upload, project: ProjectStatus | None) -> str:
    told = ("stage", "percent", "eta_seconds")
    of_project = (
        {"project_state": project.state, "project_sentence": project.sentence}
        | {f"project_{name}": getattr(project, name) for name in told}
        if project
        else {}
    )
    return json.dumps({**upload._asdict(), **of_project}, ensure_ascii=False)


def _line(upload: Upload, project: ProjectStatus | None) -> str:
    """The state as ``mediaflow projects`` has it; of what is no project, that of the upload."""
    state, said = (project.state, project.work or project.sentence) if project else (upload.state, upload.reason)
    line = f"{upload.first_seen}  {state:<16}  {upload.project or upload.identity}"
    return f"{line}\n    {said}" if said else line
