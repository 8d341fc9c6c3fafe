"""The states of all projects of this installation, for the commands that list them."""

from __future__ import annotations

import typer

from mediaflow_assets.cli.installation import Installation
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.orchestration.project_states import ProjectStates, unfinished_runs


def project_states(here: Installation) -> ProjectStates:
    """History and runs are read once, and no Dagster home is made for a list."""
    history = open_history(here.settings.intake, here.layout.state)
    runs = {}
    if (here.layout.dagster / "dagster.yaml").exists():
        from mediaflow_assets.orchestration.instance import open_instance

        try:
            with open_instance(here.settings) as instance:
                runs = unfinished_runs(instance)
        except Unavailable as error:
            typer.echo(f"What is queued and running is not known. {error.sentence}", err=True)
    return ProjectStates(here.layout, history.all() if history.path.exists() else (), runs)
