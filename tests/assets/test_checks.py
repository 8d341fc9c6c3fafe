"""All checks of an asset are one step: what each says is recorded, and none takes another with it."""

from collections.abc import Sequence

import dagster as dg

from mediaflow_assets.assets.checks import one_step_per_asset
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.definitions import defs


class Limit(dg.ConfigurableResource[None]):
    frames: int = 25


@dg.asset
def picture() -> None:
    """What is checked."""


@dg.asset(deps=[picture])
def delivery() -> None:
    """What waits for the checks that block."""


@dg.asset_check(asset=picture)
def is_sharp(context: dg.AssetCheckExecutionContext, limit: Limit) -> dg.AssetCheckResult:
    """Asks for a resource."""
    return dg.AssetCheckResult(passed=limit.frames == 25, severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=picture)
def is_readable(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Cannot say anything."""
    raise BadInput("a.mp4", "cannot be read", "Ask for it again")


@dg.asset_check(asset=picture)
def is_known(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Fails as nobody foresaw."""
    raise FileNotFoundError(2, "No such file", "/inner/path")


@dg.asset_check(asset=picture, blocking=True)
def is_whole(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Blocks."""
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset=picture, blocking=True)
def is_lost(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Blocks, and fails."""
    return dg.AssetCheckResult(passed=False)


@dg.asset_check(asset=picture, blocking=True)
def is_torn(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Blocks, and cannot say anything."""
    raise OSError("gone")


def materialized(*checks: dg.AssetChecksDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [picture, delivery, *one_step_per_asset(checks)],
        resources={"limit": Limit()},
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
    )


def said(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {one.check_name: one.passed for one in result.get_asset_check_evaluations()}


def made(result: dg.ExecuteInProcessResult) -> Sequence[str]:
    return sorted(event.asset_key.to_user_string() for event in materializations(result))


def materializations(result: dg.ExecuteInProcessResult) -> Sequence[dg.AssetMaterialization]:
    return [event.step_materialization_data.materialization for event in result.get_asset_materialization_events()]


def test_a_check_that_cannot_say_anything_fails_alone() -> None:
    result = materialized(is_sharp, is_readable, is_whole)
    assert result.success
    assert said(result) == {"is_sharp": True, "is_readable": False, "is_whole": True}
    (failed,) = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert failed.severity is dg.AssetCheckSeverity.ERROR
    assert failed.description == "It could not be checked. a.mp4: cannot be read. Ask for it again."
    assert made(result) == ["delivery", "picture"]
    assert len({event.step_key for event in result.all_events if event.is_step_success}) == 3


def test_what_nobody_foresaw_is_a_sentence_without_inner_paths() -> None:
    result = materialized(is_known)
    assert result.success
    (failed,) = result.get_asset_check_evaluations()
    assert not failed.passed
    assert failed.description == "It could not be checked. See the log of this run, and make picture again."


def test_what_a_blocking_check_finds_blocks_after_all_have_spoken() -> None:
    result = materialized(is_lost, is_sharp)
    assert not result.success
    assert said(result) == {"is_lost": False, "is_sharp": True}
    assert made(result) == ["picture"]


def test_a_blocking_check_that_cannot_say_anything_blocks() -> None:
    result = materialized(is_torn)
    assert not result.success
    assert made(result) == ["picture"]


def test_one_check_can_be_asked_for_alone() -> None:
    job = dg.define_asset_job("one", selection=dg.AssetSelection.checks(dg.AssetCheckKey(picture.key, "is_sharp")))
    definitions = dg.Definitions(
        assets=[picture],
        asset_checks=one_step_per_asset([is_sharp, is_readable, is_whole]),
        resources={"limit": Limit(frames=24)},
        jobs=[job],
    )
    result = definitions.resolve_job_def("one").execute_in_process(instance=dg.DagsterInstance.ephemeral())
    assert said(result) == {"is_sharp": False}


def test_every_check_of_the_graph_is_in_the_step_of_its_asset() -> None:
    repository = defs().get_repository_def()
    graph = repository.asset_graph
    for key in graph.asset_check_keys:
        step = repository.asset_checks_defs_by_key[key].op.name
        assert step == f"{key.asset_key.to_python_identifier()}_checks"
