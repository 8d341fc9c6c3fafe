"""Why sensors start runs and no ``AutomationCondition`` does (docs/architecture.md, "What starts a run").

Each test but the first holds what Dagster does with a condition; where one fails, its reason is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import pytest

from mediaflow_assets.definitions import defs
from mediaflow_assets.orchestration.partitions import months, projects

KEYS = [f"project_{number}" for number in range(20)]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_nothing_asks_for_runs_beside_our_sensors() -> None:
    assert [spec.key for spec in defs().resolve_all_asset_specs() if spec.automation_condition] == []
    sensors = defs().get_repository_def().sensor_defs
    assert not any(isinstance(sensor, dg.AutomationConditionSensorDefinition) for sensor in sensors)


def test_on_the_first_of_a_month_a_condition_takes_the_month_that_has_begun(instance: dg.DagsterInstance) -> None:
    @dg.asset(partitions_def=months, automation_condition=dg.AutomationCondition.on_cron("0 6 1 * *"))
    def report() -> None: ...

    graph = dg.Definitions([report])
    before = dg.evaluate_automation_conditions(graph, instance, evaluation_time=datetime(2026, 10, 31, 23))
    after = dg.evaluate_automation_conditions(
        graph, instance, evaluation_time=datetime(2026, 11, 1, 6, 1), cursor=before.cursor
    )
    assert after.get_requested_partitions(report.key) == {"2026-11-01"}


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        (dg.AutomationCondition.code_version_changed(), len(KEYS)),
        (dg.AutomationCondition.eager(), 0),
        (dg.AutomationCondition.on_missing(), 0),
    ],
    ids=["code_version_changed", "eager", "on_missing"],
)
def test_a_new_version_is_asked_for_every_project_or_none(
    instance: dg.DagsterInstance, condition: dg.AutomationCondition[dg.AssetKey], asked: int
) -> None:
    def graph(version: str) -> dg.Definitions:
        @dg.asset(partitions_def=projects, code_version=version, automation_condition=condition)
        def report() -> None: ...

        return dg.Definitions([report])

    instance.add_dynamic_partitions(str(projects.name), KEYS)
    for key in KEYS:
        instance.report_runless_asset_event(dg.AssetMaterialization("report", partition=key))
    before = dg.evaluate_automation_conditions(graph("1"), instance)
    after = dg.evaluate_automation_conditions(graph("2"), instance, cursor=before.cursor)
    assert (before.total_requested, after.total_requested) == (0, asked)
