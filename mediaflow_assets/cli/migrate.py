"""``mediaflow migrate``: settings, history and analyses of the replaced application are taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer


def migrate(
    folder: Annotated[
        Path, typer.Argument(help="Where the replaced application is installed.", exists=True, file_okay=False)
    ],
    write: Annotated[bool, typer.Option("--write", help="Do it; without this, only say what would be done.")] = False,
    env_file: Annotated[Path, typer.Option(help="Where today's settings are written.", dir_okay=False)] = Path(".env"),
    timezone: Annotated[str | None, typer.Option(help="Of its times, Europe/Paris; default: this machine's.")] = None,
) -> None:
    """Take over the settings, download history and analyses of the replaced application, by copying.

    Nothing of it is changed, moved or linked to. Without --write the report is printed and nothing is written.
    """
    from mediaflow_assets.core.files import write_atomic
    from mediaflow_assets.core.layout import Layout
    from mediaflow_assets.intake.history import open_history
    from mediaflow_assets.migration.migrate import carry_out, read_installation, refuse_overlap
    from mediaflow_assets.migration.report import report
    from mediaflow_assets.settings import Settings

    settings = Settings.load()
    layout = Layout(settings.folders)
    history = open_history(settings.intake, layout.state)
    found = read_installation(folder, ZoneInfo(timezone) if timezone else "local")
    refuse_overlap(found, layout, layout.archives, history.path)
    if not write:
        typer.echo(report(found), nl=False)
        return
    carry_out(found, layout, history, env_file, lambda said: typer.echo(said, err=True))
    page = write_atomic(layout.home / "migration.md", report(found))
    for sentence in found.written:
        typer.echo(sentence)
    for sentence in found.analyses.left_out:
        typer.echo(f"left out: {sentence}", err=True)
    typer.echo(f"report: {page}")
