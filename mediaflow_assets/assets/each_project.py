"""Several projects in one run: a stage project after project, with its model kept loaded.

Dagster gives a run one partition, or a range of them where the backfill policy allows it
(``BACKFILL_PROJECTS_PER_RUN``). Stages are written for one; these decorators call them for each.
"""

import functools
import hashlib
import traceback
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, cast

import dagster as dg

from mediaflow_assets.orchestration.dagster_internals import DATA_VERSION_TAG, WAITING
from mediaflow_assets.settings import Settings

P = ParamSpec("P")
Result = dg.MaterializeResult[None]


def each_project(
    stage: Callable[Concatenate[dg.AssetExecutionContext, P], Result],
) -> Callable[Concatenate[dg.AssetExecutionContext, P], Result]:
    """Decorator below ``@dg.asset``: a stage that knows one project serves a run over several.

    Every project is tried. When some fail, the materializations of the others are recorded and the
    step fails with a sentence for each; what was made is reused when the rest is asked for again.
    """

    @functools.wraps(stage)
    def run(context: dg.AssetExecutionContext, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        keys = _keys(context)
        if len(keys) == 1:
            return stage(context, *args, **kwargs)
        results: dict[str, Result] = {}
        failures: dict[str, dg.Failure] = {}
        for index, key in enumerate(keys, start=1):
            context.log.info(f"project {index} of {len(keys)}: {key}")
            try:
                results[key] = stage(cast(dg.AssetExecutionContext, _OneProject(context, key)), *args, **kwargs)
            except dg.Failure as failure:
                failures[key] = failure
            except Exception as error:  # noqa: BLE001 - no project may take the others with it
                context.log.error(f"{key}: {traceback.format_exc()}")
                failures[key] = dg.Failure(f"{type(error).__name__}: {error}")
        if failures:
            for key, result in results.items():
                context.log_event(_event(context.asset_key, key, result))
            sentences = " | ".join(f"{key}: {failure.description}" for key, failure in failures.items())
            raise dg.Failure(
                f"{len(failures)} of {len(keys)} projects failed ({len(results)} are done and will not be redone): "
                + sentences,
                metadata={WAITING: sentences} if all(WAITING in one.metadata for one in failures.values()) else {},
                allow_retries=any(failure.allow_retries for failure in failures.values()),
            )
        for key, result in results.items():
            context.add_asset_metadata(result.metadata or {}, partition_key=key)
        return dg.MaterializeResult(data_version=_combined(list(results.values())))

    return run


def each_project_checked(
    check: Callable[Concatenate[dg.AssetCheckExecutionContext, P], dg.AssetCheckResult],
) -> Callable[Concatenate[dg.AssetCheckExecutionContext, P], dg.AssetCheckResult]:
    """The same for a check; it passes when it passes for every project, and shows each."""

    @functools.wraps(check)
    def run(context: dg.AssetCheckExecutionContext, /, *args: P.args, **kwargs: P.kwargs) -> dg.AssetCheckResult:
        keys = _keys(context)
        if len(keys) == 1:
            return check(context, *args, **kwargs)
        results = {
            key: check(cast(dg.AssetCheckExecutionContext, _OneProject(context, key)), *args, **kwargs) for key in keys
        }
        missed = {key: result for key, result in results.items() if not result.passed}
        grave = any(result.severity is dg.AssetCheckSeverity.ERROR for result in missed.values())
        shown = {f"{key}: {name}": value for key, result in results.items() for name, value in result.metadata.items()}
        return dg.AssetCheckResult(
            passed=not missed,
            severity=dg.AssetCheckSeverity.ERROR if grave else dg.AssetCheckSeverity.WARN,
            description=", ".join(missed) or None,
            metadata=shown,
        )

    return run


def backfill_policy(settings: Settings) -> dg.BackfillPolicy:
    """How many projects a backfill gives to one run."""
    count = settings.compute.projects_per_run
    return dg.BackfillPolicy.multi_run(count) if count else dg.BackfillPolicy.single_run()


def _keys(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Sequence[str]:
    """The projects of this run. Asking for a range asks Dagster's database, so not where there is one only."""
    return [context.partition_key] if context.has_partition_key else context.partition_keys


class _OneProject:
    """The context of a run over several projects, as one of them sees it."""

    def __init__(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, key: str) -> None:
        self._context = context
        self.partition_key = key
        self.partition_keys = [key]

    def __getattr__(self, name: str) -> object:
        return getattr(self._context, name)


def _event(asset: dg.AssetKey, key: str, result: Result) -> dg.AssetMaterialization:
    tags = {DATA_VERSION_TAG: result.data_version.value} if result.data_version else {}
    return dg.AssetMaterialization(asset, partition=key, metadata=result.metadata or {}, tags=tags)


def _combined(results: Sequence[Result]) -> dg.DataVersion:
    """Dagster records one data version for all projects of a run; this one changes with each of them."""
    versions = [result.data_version.value if result.data_version else "" for result in results]
    return dg.DataVersion(hashlib.sha256("\n".join(versions).encode()).hexdigest())
