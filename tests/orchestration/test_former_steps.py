"""A run that an upgrade interrupted is started again as a whole where its steps have other names now."""

import dagster as dg
import pytest

from mediaflow_assets.assets.checks import one_step_per_asset
from mediaflow_assets.definitions import defs
from mediaflow_assets.orchestration.former_steps import WHOLE, has_former_steps, retry_former_runs_whole


@dg.asset
def picture() -> None:
    """What is checked."""


@dg.asset_check(asset=picture)
def is_sharp() -> dg.AssetCheckResult:
    """A step of its own, as it was."""
    return dg.AssetCheckResult(passed=True)


@pytest.mark.parametrize("former", [True, False])
def test_only_a_run_that_knows_former_steps_is_started_again_whole(former: bool) -> None:
    checks = [is_sharp] if former else one_step_per_asset([is_sharp])
    job = dg.Definitions(assets=[picture], asset_checks=checks, jobs=[dg.define_asset_job("process")]).resolve_job_def(
        "process"
    )
    with dg.DagsterInstance.ephemeral() as instance:
        started = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        retry_former_runs_whole(instance)
        run = instance.get_run_by_id(started.run_id)
        assert run is not None
        assert (WHOLE.items() <= run.tags.items()) is former


def test_no_step_of_today_is_taken_for_a_former_one() -> None:
    job = defs().resolve_job_def("process_project")
    assert not has_former_steps(node.name for node in job.nodes)
