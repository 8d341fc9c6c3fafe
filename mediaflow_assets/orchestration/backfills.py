"""Making past projects again, from any stage on, as one Dagster backfill."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

import dagster as dg

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.orchestration.dagster_internals import PartitionBackfill, make_new_backfill_id
from mediaflow_assets.orchestration.gpu_runs import gpu_tags
from mediaflow_assets.orchestration.launch_check import STAGE_OF_GROUP, check_launch
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.settings import Settings, table

LAST_STAGE = "project_report"
WORDS = "transcript_json"
"""A stage that none of the others waits for."""
TITLE_TAG = "mediaflow/backfill"
PRIORITY = "-10"
"""Runs of a backfill wait until no run of a new project waits."""


def launch(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    settings: Settings,
    *,
    keys: Sequence[str],
    first_stage: str,
    changes: Mapping[str, str],
    title: str | None = None,
) -> str:
    """Ask the daemon for a backfill; returns its id.

    Args:
        keys: partition keys of the projects.
        first_stage: asset to start from; everything after it is made too.
        changes: settings for these runs only, by variable name.

    Raises:
        BadInput: no project, an unknown one, an unknown stage, or a setting that does not belong to
            a stage of this backfill.
        Unavailable: a chosen engine's library or model is not here.
    """
    known = instance.get_dynamic_partitions(str(projects.name))
    unknown = [key for key in keys if key not in known]
    if unknown or not keys:
        raise BadInput("backfill", f"no such project: {', '.join(unknown) or 'none given'}", "See: mediaflow projects")
    graph = definitions.resolve_asset_graph()
    stages = stages_from(definitions, first_stage)
    config = run_config(settings, stages, changes)
    check_launch(settings, stages, config or {})
    titled = {TITLE_TAG: title} if title else {}
    backfill = PartitionBackfill.from_asset_partitions(
        backfill_id=make_new_backfill_id(),
        asset_graph=graph,
        partition_names=list(keys),
        asset_selection=[dg.AssetKey(stage) for stage in stages],
        backfill_timestamp=time.time(),
        tags={
            "dagster/priority": PRIORITY,
            "mediaflow/origin": "backfill",
            "mediaflow/analysis": "yes",
            **titled,
            **gpu_tags(settings.compute, stages),
        },
        dynamic_partitions_store=instance,
        all_partitions=False,
        title=title,
        description=None,
        run_config=config,
    )
    instance.add_backfill(backfill)
    return backfill.backfill_id


def stages_from(definitions: dg.Definitions, first: str) -> list[str]:
    """``first`` and every asset after it up to the report."""
    chain = dg.AssetSelection.assets(LAST_STAGE).upstream() | dg.AssetSelection.assets(WORDS)
    graph = definitions.resolve_asset_graph()
    names = {key.to_user_string() for key in chain.resolve(graph)}
    if first not in names:
        raise BadInput(repr(first), "is not a stage", f"Choose one of: {', '.join(sorted(names))}")
    later = dg.AssetSelection.assets(first).downstream() & chain
    return sorted(key.to_user_string() for key in later.resolve(graph))


def run_config(settings: Settings, stages: Sequence[str], changes: Mapping[str, str]) -> dict[str, object] | None:
    """Run configuration that carries ``changes`` to the stages that they belong to; checked first."""
    groups: dict[str, dict[str, str]] = {}
    group_of = {name: row.group for row in table() for name in row.names}
    for name, value in changes.items():
        group = group_of.get(name, "")
        stage = STAGE_OF_GROUP.get(group)
        if stage is None or stage not in stages:
            raise BadInput(name, "is not a setting of a stage of this backfill", f"Stages: {', '.join(stages)}")
        groups.setdefault(group, {})[name] = value
    for group, values in groups.items():
        settings.override(group, values)
    ops = {STAGE_OF_GROUP[group]: {"config": {"settings": values}} for group, values in groups.items()}
    return {"ops": ops} if ops else None


def keys_of_month(keys: Sequence[str], month: str) -> list[str]:
    """Keys of projects registered in ``month`` (``YYYY-MM``)."""
    if not re.fullmatch(r"\d{4}-\d{2}", month):
        raise BadInput(repr(month), "is not a month", "Write it as 2026-11")
    return [key for key in keys if re.search(rf"_{month}-\d{{2}}_\d{{2}}-\d{{2}}-\d{{2}}", key)]


def put_first(instance: dg.DagsterInstance, key: str) -> int:
    """Give the queued runs of a project the highest priority; returns how many there were."""
    queued = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED], tags={"dagster/partition": key}))
    for run in queued:
        instance.add_run_tags(run.run_id, {"dagster/priority": "100"})
    return len(queued)
