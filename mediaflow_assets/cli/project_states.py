"""The states of all projects of this installation, for the commands that list them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import typer

from mediaflow_assets.cli.installation import Installation
from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.intake.history import Upload, open_history
from mediaflow_assets.orchestration.project_states import ProjectState, project_state, unfinished_runs


def project_states(here: Installation) -> Callable[[str], ProjectState]:
    """Key to state; history and runs are read once, and no Dagster home is made for a list."""
    by_project: defaultdict[str, list[Upload]] = defaultdict(list)
    history = open_history(here.settings.intake, here.layout.state)
    for upload in history.all() if history.path.exists() else ():
        by_project[upload.project].append(upload)
    runs = {}
    if (here.layout.dagster / "dagster.yaml").exists():
        from mediaflow_assets.orchestration.instance import open_instance

        try:
            with open_instance(here.settings) as instance:
                runs = unfinished_runs(instance)
        except Unavailable as error:
            typer.echo(f"What is queued and running is not known. {error.sentence}", err=True)
    return lambda key: project_state(here.layout, key, by_project[key], runs)
