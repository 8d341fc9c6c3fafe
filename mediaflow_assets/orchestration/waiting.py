"""For what a run waits that has not been started, or whose next step has not: in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg

from mediaflow_assets.orchestration.partitions import projects_of
from mediaflow_assets.orchestration.pools import ENCODING, INFERENCE, NETWORK
from mediaflow_assets.orchestration.run_queue import is_paused

POOLS = {INFERENCE: "models", ENCODING: "encoding", NETWORK: "downloads"}
"""Pool to what is done in it, for people."""
_AT_WORK = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def what_runs_wait_for(
    instance: dg.DagsterInstance, runs: Sequence[dg.DagsterRun], known: Sequence[str]
) -> dict[str, str]:
    """Run id to a sentence, for each of the unfinished ``runs`` that waits for something that can be told.

    Args:
        known: partition keys of all projects.
    """
    at_work = [run for run in runs if run.status in _AT_WORK]
    queued = [run for run in runs if run.status is dg.DagsterRunStatus.QUEUED]
    names = {run.run_id: ", ".join(projects_of(run, known)) for run in runs}
    found = {run.run_id: sentence for run in queued if (sentence := _in_the_queue(instance, run, at_work, names))}
    return found | _in_pools(instance, at_work, names)


def _in_the_queue(
    instance: dg.DagsterInstance, run: dg.DagsterRun, at_work: Sequence[dg.DagsterRun], names: dict[str, str]
) -> str:
    if is_paused(instance):
        return "The queue is paused; mediaflow resume lets it go on."
    limits = instance.get_concurrency_config().run_queue_config
    if limits is None:
        return ""
    if 0 <= limits.max_concurrent_runs <= len(at_work):
        return f"{len(at_work)} runs are at work, and no more may be."
    for rule in limits.tag_concurrency_limits or ():
        tag, value, limit = rule["key"], rule.get("value"), rule["limit"]
        mine = run.tags.get(tag)
        if mine is None or (isinstance(value, str) and value != mine):
            continue
        same = [other for other in at_work if other.tags.get(tag) is not None]
        if value is not None:
            same = [other for other in same if other.tags[tag] == mine]
        if len(same) >= limit:
            return f"It waits for the run of {_list(names[other.run_id] or 'another job' for other in same)}."
    return ""


def _in_pools(instance: dg.DagsterInstance, at_work: Sequence[dg.DagsterRun], names: dict[str, str]) -> dict[str, str]:
    found = {}
    here = {run.run_id for run in at_work}
    for pool, use in POOLS.items():
        info = instance.event_log_storage.get_concurrency_info(pool)
        has = _list(names.get(slot.run_id) or "another run" for slot in info.claimed_slots)
        for step in info.pending_steps:
            if step.assigned_timestamp is None and step.run_id in here:
                found[step.run_id] = f"{step.step_key} waits for its turn ({use}), which {has or 'nobody'} has."
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
