"""Folders that belong to somebody else: the replaced application takes any project in its work folder for its own."""

from __future__ import annotations

import os

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout

_SHOWN = 3
"""Names in the sentence."""


def refuse_foreign_projects(layout: Layout) -> None:
    """Refuse a work folder in which another application has projects.

    A project of the replaced application has its videos in ``docs``; one at work here never has that folder. What lies
    in its work folder it would deliver, re-encode and delete, whoever put it there.

    Raises:
        BadInput: there are such projects.
    """
    foreign: list[str] = []
    if layout.work.is_dir():
        with os.scandir(layout.work) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
        foreign = [name for name in names if (layout.work / name / "docs").is_dir()]
    if foreign:
        more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
        raise BadInput(
            layout.work,
            f"holds projects of another application ({', '.join(foreign[:_SHOWN])}{more})",
            "Set WORK_DIR to a folder of its own; mediaflow import registers those projects, see docs/moving.md",
        )
