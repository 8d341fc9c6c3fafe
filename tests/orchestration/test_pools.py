"""Pools: waiting for a place in one."""

from __future__ import annotations

import dagster as dg
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._core.test_utils import create_run_for_test

from mediaflow_assets.definitions import defs
from mediaflow_assets.orchestration.pools import INFERENCE


def test_a_run_that_waits_for_a_place_sleeps_until_its_next_try() -> None:
    defs()
    with dg.instance_for_test() as instance:
        instance.event_log_storage.set_concurrency_slots(INFERENCE, 1)
        first, second = (create_run_for_test(instance) for _ in range(2))
        with (
            InstanceConcurrencyContext(instance, first) as has_it,
            InstanceConcurrencyContext(instance, second) as waits,
        ):
            assert has_it.claim(INFERENCE, "a")
            assert not waits.claim(INFERENCE, "b")
            assert waits.has_pending_claims()
            assert 0 < waits.interval_to_next_pending_claim_check() <= 15
