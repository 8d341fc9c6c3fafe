"""The ``mediaflow`` command: one module per sub-command, imported when it is called.

Exit codes: 0 all done, 1 something failed or waits (it says what and why), 2 wrong usage, 130 and 143
stopped by Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from mediaflow_assets.cli.lazily import CommandTable
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.garbage import collect_rarely
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.execution.devices import wait_passively

_HERE = "mediaflow_assets.cli"
_COMMANDS = {
    "run": f"{_HERE}.run:run",
    "sample": f"{_HERE}.sample:sample",
    "dev": f"{_HERE}.dev:dev",
    "web": f"{_HERE}.web:web",
    "prepare": f"{_HERE}.prepare:prepare",
    "backfill": f"{_HERE}.backfill:backfill",
    "first": f"{_HERE}.queue:first",
    "approve": f"{_HERE}.queue:approve",
    "pause": f"{_HERE}.queue:pause",
    "resume": f"{_HERE}.queue:resume",
    "projects": f"{_HERE}.projects:projects",
    "leave-out": f"{_HERE}.leave_out:leave_out",
    "verify": f"{_HERE}.verify:verify",
    "prune": f"{_HERE}.prune:prune",
    "restore": f"{_HERE}.restore:restore",
    "preview": f"{_HERE}.preview:preview",
    "reframe": f"{_HERE}.reframe:reframe",
    "multicam": f"{_HERE}.multicam:multicam",
    "export-tables": f"{_HERE}.export_tables:export_tables",
    "review": f"{_HERE}.review:review",
    "search": f"{_HERE}.search:search",
    "name": f"{_HERE}.correct:name",
    "merge": f"{_HERE}.correct:merge",
    "split": f"{_HERE}.correct:split",
    "ignore": f"{_HERE}.correct:ignore",
    "speaks": f"{_HERE}.correct:speaks",
    "cut": f"{_HERE}.correct:cut",
    "word": f"{_HERE}.correct:word",
    "corrections": f"{_HERE}.corrections:app",
    "cast": f"{_HERE}.cast:app",
    "doctor": f"{_HERE}.doctor:doctor",
    "settings": f"{_HERE}.settings:settings",
    "import": f"{_HERE}.imports:import_",
    "migrate": f"{_HERE}.migrate:migrate",
    "history": f"{_HERE}.history:app",
    "report": f"{_HERE}.report:app",
    "models": f"{_HERE}.models:app",
}
"""Where each sub-command is: a function, or a typer application with sub-commands of its own."""


class _Commands(typer.core.TyperGroup):
    """Only the module of the command that is called is imported; help imports them all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = CommandTable(_COMMANDS)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mediaflow-assets {version('mediaflow-assets')}")
        raise typer.Exit


app = typer.Typer(
    name="mediaflow",
    cls=_Commands,
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


def main() -> None:
    """Entry point: our errors are one sentence on standard error, not a traceback."""
    telemetry_off()
    wait_passively()
    collect_rarely()
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
