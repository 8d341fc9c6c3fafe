"""``mediaflow settings``: every setting with its value."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaflow_assets.cli.settings_page import settings_page
from mediaflow_assets.settings import Settings, current_values


def settings(markdown: Annotated[bool, typer.Option(help="Print docs/settings.md instead.")] = False) -> None:
    """Every setting with its present value; secrets are hidden."""
    if markdown:
        typer.echo(settings_page(), nl=False)
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table("variable", "value", "meaning")
    for row, value in current_values(Settings.load()):
        shown.add_row(row.names[0], value, row.description)
    Console().print(shown)
