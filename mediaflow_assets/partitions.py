"""One partition is one project: one received archive."""

from __future__ import annotations

import dagster as dg

projects = dg.DynamicPartitionsDefinition(name="projects")
"""Keys are made and checked by :mod:`mediaflow_assets.intake.naming`."""

months = dg.MonthlyPartitionsDefinition(start_date="2025-01-01", end_offset=1)
"""Months of the archive report; the running month is included."""
