"""What Dagster is told, compared with what it was told before: a change of the graph is seen in review.

After an intended change: ``MEDIAFLOW_UPDATE_SNAPSHOT=1 python -m pytest tests/orchestration/test_snapshot.py``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from mediaflow_assets.definitions import defs

SNAPSHOT = Path(__file__).with_name("definitions.json")


def told() -> dict[str, Any]:
    definitions = defs()
    graph = definitions.resolve_asset_graph()
    repository = definitions.get_repository_def()
    return {
        "assets": {
            node.key.to_user_string(): {
                "after": sorted(parent.to_user_string() for parent in node.parent_keys),
                "checks": sorted(f"{key.name}{_blocking(graph, key)}" for key in node.check_keys),
                "group": node.group_name,
                "kinds": sorted(node.kinds),
                "owners": sorted(node.owners),
                "partitions": node.partitions_def.name
                if isinstance(node.partitions_def, dg.DynamicPartitionsDefinition)
                else type(node.partitions_def).__name__,
                "pools": sorted(node.pools or ()),
                "tags": {name: value for name, value in node.tags.items() if not name.startswith("dagster/kind/")},
                "fresh": type(node.freshness_policy).__name__,
            }
            for node in sorted(graph.asset_nodes, key=lambda node: node.key)
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "resources": sorted(repository.get_top_level_resources()),
        "schedules": {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs},
        "sensors": {sensor.name: sensor.default_status.value for sensor in repository.sensor_defs},
    }


def _blocking(graph: Any, key: dg.AssetCheckKey) -> str:
    return " (blocking)" if graph.get_check_spec(key).blocking else ""


def test_the_definitions_are_those_of_the_snapshot() -> None:
    now = told()
    if os.environ.get("MEDIAFLOW_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert now == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_shows_where_its_code_is() -> None:
    for spec in defs().resolve_all_asset_specs():
        if spec.key.to_user_string() not in ("system_status", "webhook_links"):
            (reference, *_) = spec.metadata["dagster/code_references"].code_references
            lines = Path(reference.file_path).read_text(encoding="utf-8").splitlines()
            name = spec.key.to_user_string()
            assert lines[reference.line_number - 1].startswith((f"def {name}(", f"{name} = "))
