"""``mediaflow verify``: read deliveries again and compare them with their manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.delivery.bag import MANIFEST, Inspection, inspect, read_manifest, version, write_view
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.execution.failures import explain


def verify(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            help="Keys, names, numbers or parts of names of projects, or folders of deliveries.", show_default=False
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every project that is delivered.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Compare names and bytes only, without reading.")] = False,
    bag: Annotated[
        Path | None, typer.Option(help="Also make this new folder a bag of the same files, for BagIt tools.")
    ] = None,
) -> None:
    """Read delivered files again and say what is missing, changed or new."""
    if every == bool(targets):
        raise typer.BadParameter("either projects, or --all")
    if bag is not None and (every or len(targets or ()) != 1):
        raise typer.BadParameter("--bag is for one delivery")
    here = installation()
    records = DeliveryRecords(here.layout.state)
    if every:
        targets = records.projects()
        if not targets:
            typer.echo("nothing is delivered yet")
    damaged = False
    for target in targets or ():
        try:
            record = records.at(Path(target)) if Path(target).is_dir() else _record(here, records, target)
            folder = Path(record.folder) if record else Path(target)
            if bag is not None:
                write_view(folder, bag)
            found = inspect(folder, content=not fast)
        except (MediaflowError, OSError) as error:
            typer.echo(explain(error), err=True)
            damaged = True
            continue
        damaged |= not _report(found, record, fast=fast)
    if damaged:
        raise typer.Exit(1)


def _record(here: Installation, records: DeliveryRecords, target: str) -> DeliveryRecord:
    record = records.get(choose_project(here, target))
    if record is None:
        known = ", ".join(item.project for item in records.all()) or "nothing is delivered yet"
        raise BadInput(target, "is not delivered", f"Delivered: {known}")
    return record


def _report(found: Inspection, record: DeliveryRecord | None, *, fast: bool) -> bool:
    intact = found.intact
    for word, paths in (("missing", found.missing), ("changed", found.changed), ("new", found.unexpected)):
        for path in paths:
            typer.echo(f"{word:8} {path!r}")
    if record is not None and version(read_manifest(found.folder)) != record.manifest_sha256:
        typer.echo(f"changed  {MANIFEST!r}: it is not the one that was written at {record.delivered_at}")
        intact = False
    how = "by name and size" if fast else "by content"
    verdict = "intact" if intact else "DAMAGED"
    typer.echo(f"{verdict} {how}: {found.files} files, {found.bytes} bytes in {found.folder}")
    return intact
