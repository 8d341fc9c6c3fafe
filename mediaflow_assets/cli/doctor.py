"""``mediaflow doctor``: what this installation is and can do."""

from __future__ import annotations

import typer

from mediaflow_assets.settings import Settings


def doctor() -> None:
    """Versions, ffmpeg, devices, engines, models, folders, settings."""
    from rich.console import Console
    from rich.markup import escape

    from mediaflow_assets.cli.diagnosis import diagnose

    console = Console()
    sections = diagnose(Settings.load())
    for section in sections:
        console.rule(section.title, align="left")
        for line in section.lines:
            mark = "[green]ok[/]" if line.ok else "[red]no[/]" if line.needed else "[dim]--[/]"
            console.print(f"{mark}  [bold]{escape(line.name)}[/]  {escape(line.text)}", highlight=False)
    if not all(line.ok or not line.needed for section in sections for line in section.lines):
        raise typer.Exit(1)
