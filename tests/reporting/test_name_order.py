"""Names in lists."""

from __future__ import annotations

from mediaflow_assets.reporting.name_order import in_order


def test_names_are_sorted_as_people_count() -> None:
    names = ["13 Camille", "9 camille", "9 Camille 2", "9 Camille 10", "Léa", "100"]
    assert sorted(names, key=in_order) == ["9 camille", "9 Camille 2", "9 Camille 10", "13 Camille", "100", "Léa"]
