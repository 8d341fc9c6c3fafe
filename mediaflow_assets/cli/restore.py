"""``mediaflow restore``: analyses back from the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.installation import installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.delivery.restore import restore_delivery, restore_full, restore_project
from mediaflow_assets.reporting.restored import corrections_of
from mediaflow_assets.reporting.sources import find_project
from mediaflow_assets.transcripts.delivered import words_writer


def restore(
    project: Annotated[
        str, typer.Argument(help="Key, name, number or part of the name of a project, or the folder of a delivery.")
    ],
    to: Annotated[Path | None, typer.Option(help="Copy the full documents into this folder instead.")] = None,
) -> None:
    """Add to a delivery the analyses that it lacks and the store has; other files stay as they are."""
    here = installation()
    tracking_name = here.settings.delivery.tracking_name
    write_words = words_writer(here.settings.delivery)
    corrected = corrections_of(here.layout)
    copied: Sequence[str | Path]
    if to is not None:
        source = find_project(here.layout, here.store, choose_project(here, project))
        copied = list(restore_full(here.store.videos(here.store.root / source.archive_name), to))
    else:
        records = DeliveryRecords(here.layout.state)
        folder = Path(project) if Path(project).is_dir() else None
        recorded = records.at(folder) if folder else None
        if folder and recorded is None:  # of another machine, or an older delivery
            copied = restore_delivery(folder, here.store, tracking_name, write_words, corrected)
        else:
            key = (
                recorded.project
                if recorded
                else find_project(here.layout, here.store, choose_project(here, project)).key
            )
            copied = restore_project(records, key, here.store, tracking_name, write_words, corrected)
    for path in copied:
        typer.echo(str(path))
    typer.echo(f"{len(copied)} documents restored")
