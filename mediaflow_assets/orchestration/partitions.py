"""One partition is one project: one received archive."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

projects = dg.DynamicPartitionsDefinition(name="projects")
"""Keys are made and checked by :mod:`mediaflow_assets.intake.naming`."""

months = dg.MonthlyPartitionsDefinition(start_date="2025-01-01", end_offset=1)
"""Months of the archive report; the running month is included."""


def projects_of(run: dg.DagsterRun, known: Sequence[str]) -> list[str]:
    """Projects that a run is about: one, or a range of ``known`` in the order of their registration."""
    one = run.tags.get("dagster/partition")
    if one is not None:
        return [one] if one in known else []
    first, last = (run.tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
    if first not in known or last not in known:
        return []
    return list(known[known.index(first) : known.index(last) + 1])
