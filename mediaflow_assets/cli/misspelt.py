"""Names in ``.env`` and the environment that no setting has, but that look like one: ``TRACKING_ENGIN``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import typer
from dotenv import dotenv_values

from mediaflow_assets.migration.names import legacy_name
from mediaflow_assets.settings import table

MIN_SIMILARITY = 0.85
"""Ratio of difflib: one wrong letter in seven, two in fourteen. The environment is full of names of other programs."""


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """Each name that is close to that of a setting, with the nearest; names of the replaced application are right."""
    rows = list(table())
    known = {name for row in rows for name in row.names}
    today = [row.names[0] for row in rows]
    found = {}
    for name in names:
        if (
            name not in known
            and legacy_name(name) is None
            and (near := get_close_matches(name.upper(), today, n=1, cutoff=MIN_SIMILARITY))
        ):
            found[name] = near[0]
    return found


def misspelt_here(env_file: Path = Path(".env")) -> dict[str, str]:
    """A sentence about each such name of ``env_file`` and of the environment, by name."""
    written = dotenv_values(env_file)
    sentences = {}
    for name, nearest in misspelt({**written, **os.environ}).items():
        where = str(env_file) if name in written else "the environment"
        sentences[name] = f"in {where} is no setting; did you mean {nearest}?"
    return sentences


def warn_of_misspelt() -> None:
    """One line on standard error for each; work goes on, for the name may belong to another program."""
    for name, sentence in misspelt_here().items():
        typer.echo(f"{name} {sentence}", err=True)
