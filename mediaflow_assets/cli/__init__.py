"""The ``mediaflow`` command: one module per sub-command.

Exit codes: 0 all done, 1 something failed or waits (it says what and why), 2 wrong usage, 130 and 143
stopped by Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from mediaflow_assets.cli import (
    backfill,
    dev,
    doctor,
    export_tables,
    history,
    imports,
    leave_out,
    models,
    multicam,
    prepare,
    preview,
    projects,
    reframe,
    report,
    restore,
    run,
    sample,
    search,
    settings,
    verify,
)
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.execution.devices import wait_passively


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mediaflow-assets {version('mediaflow-assets')}")
        raise typer.Exit


app = typer.Typer(
    name="mediaflow",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    version_: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Received video archives become After Effects ready analysis files."""


app.command("run")(run.run)
app.command("sample")(sample.sample)
app.command("dev")(dev.dev)
app.command("prepare")(prepare.prepare)
app.command("backfill")(backfill.backfill)
app.command("first")(backfill.first)
app.command("projects")(projects.projects)
app.command("leave-out")(leave_out.leave_out)
app.command("verify")(verify.verify)
app.command("restore")(restore.restore)
app.command("preview")(preview.preview)
app.command("reframe")(reframe.reframe)
app.command("multicam")(multicam.multicam)
app.command("export-tables")(export_tables.export_tables)
app.command("search")(search.search)
app.command("doctor")(doctor.doctor)
app.command("settings")(settings.settings)
app.command("import")(imports.import_)
app.add_typer(history.app, name="history")
app.add_typer(report.app, name="report")
app.add_typer(models.app, name="models")


def main() -> None:
    """Entry point: our errors are one sentence on standard error, not a traceback."""
    telemetry_off()
    wait_passively()
    try:
        app()
    except MediaflowError as error:
        print(error.sentence, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except BrokenPipeError:  # whoever reads has read enough
        sys.stdout = None
        sys.exit(1)
    except OSError as error:
        if not error.strerror:
            raise
        named = f"{error.filename}: " if error.filename else "mediaflow: "
        print(f"{named}{error.strerror}. Check the path, its permissions and its disk.", file=sys.stderr)  # noqa: T201
        sys.exit(1)
