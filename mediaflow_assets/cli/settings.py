"""``mediaflow settings``: every setting with its value."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.entries import entry
from mediaflow_assets.cli.settings_page import settings_page
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.settings import Settings, current_values, table


def settings(markdown: Annotated[bool, typer.Option(help="Print docs/settings.md instead.")] = False) -> None:
    """Every setting with its present value; secrets are hidden."""
    if markdown:
        typer.echo(settings_page(), nl=False)
        return
    loaded = Settings.load()
    folders = folders_in_force(loaded)
    for row, value in current_values(loaded):
        shown = folders.get(row.names[0], "not set" if value in ("None", "") else value)
        typer.echo(entry(f"{row.names[0]} = {shown}", row.description))


def folders_in_force(settings: Settings) -> dict[str, str]:
    """Variables of the folders to their absolute paths: most are not set and lie below ``MEDIAFLOW_HOME``."""
    layout = Layout(settings.folders)
    rows = [row for row in table() if row.group == "folders" and hasattr(layout, row.field)]
    return {row.names[0]: str(getattr(layout, row.field)) for row in rows}
