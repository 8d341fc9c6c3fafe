"""What is private in Dagster is still there, and still as it was when it was worked around."""

from __future__ import annotations

import inspect

import dagster as dg
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.orchestration import dagster_internals as internals


def test_dagster_still_busy_waits_for_a_place_in_a_pool() -> None:
    """When this fails Dagster has mended it: remove ``sleep_while_waiting``."""
    source = inspect.getsource(inspect.getmodule(InstanceConcurrencyContext) or InstanceConcurrencyContext)
    (line,) = [line for line in source.splitlines() if "min([0" in line or "min(0" in line]
    assert "_pending_timeouts" in source
    assert "timestamp" in line or "now" in line


def test_a_backfill_can_still_be_made_of_assets_and_partitions() -> None:
    arguments = inspect.signature(internals.PartitionBackfill.from_asset_partitions).parameters
    ours = "backfill_id asset_graph partition_names asset_selection backfill_timestamp tags dynamic_partitions_store"
    assert {*ours.split(), "all_partitions", "title", "description", "run_config"} <= set(arguments)
    assert internals.make_new_backfill_id() != internals.make_new_backfill_id()


def test_the_data_version_of_a_materialization_is_read_from_its_tag() -> None:
    @dg.asset
    def one() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(data_version=dg.DataVersion("abc"))

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([one], instance=instance)
        (event,) = result.get_asset_materialization_events()
        assert event.step_materialization_data.materialization.tags is not None
        assert event.step_materialization_data.materialization.tags[internals.DATA_VERSION_TAG] == "abc"


def test_the_reason_of_a_failed_step_is_our_sentence() -> None:
    @dg.op
    def raises() -> None:
        raise BadInput("x.zip", "is empty", "Send it again")

    @dg.op
    def fails() -> None:
        raise dg.Failure("it cannot be")

    @dg.op
    def breaks() -> None:
        raise ValueError("first line\nsecond line")

    @dg.job
    def job() -> None:
        raises(), fails(), breaks()

    result = job.execute_in_process(raise_on_error=False)
    reasons = {e.step_key: internals.reason(e.step_failure_data) for e in result.all_events if e.is_step_failure}
    assert reasons["raises"] == "x.zip: is empty. Send it again."
    assert reasons["fails"] == "it cannot be"
    assert "first line" in reasons["breaks"]
    assert "\n" not in reasons["breaks"]


def test_the_reason_of_a_failed_check_names_the_check() -> None:
    @dg.asset
    def frames() -> None: ...

    @dg.asset_check(asset=frames, blocking=True)
    def in_order() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False)

    @dg.asset(deps=[frames])
    def after() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([frames, in_order, after], instance=instance, raise_on_error=False)
    (sentence,) = [internals.reason(e.step_failure_data) for e in result.all_events if e.is_step_failure]
    assert sentence.startswith("a check found it wrong (")
    assert "in_order" in sentence
    assert "Error" not in sentence
    assert "\n" not in sentence


def test_the_function_of_a_check_is_the_one_that_was_decorated() -> None:
    def decide() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    assert internals.check_function(dg.asset_check(asset="frames")(decide)) is decide
