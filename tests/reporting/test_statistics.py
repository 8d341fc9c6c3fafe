"""Statistics are the golden ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediaflow_assets.reporting.statistics import compute_statistics


def test_formulas(golden: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in golden("report_compute_statistics"):
        assert compute_statistics(case["input"]) == case["output"]
