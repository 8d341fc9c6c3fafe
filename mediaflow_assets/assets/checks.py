"""Asset checks of one project, and how they are carried out: all checks of an asset in one step."""

import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import dagster as dg

from mediaflow_assets.assets.each_project import each_project_checked
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.orchestration.dagster_internals import check_function
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.resources.workspace import Workspace


def project_check(
    asset: dg.AssetsDefinition, *, blocking: bool = False, name: str | None = None
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """Decorator for a check that is evaluated per project.

    Args:
        asset: what is checked.
        blocking: later assets of the run are not made when the check fails.
        name: when it is not the function's.
    """

    def decorate(function: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            # Partitioned checks work in the pinned version but are marked as preview, which would
            # print two lines per check in every command a user runs.
            warnings.simplefilter("ignore", dg.PreviewWarning)
            decorator: Any = dg.asset_check(asset=asset, name=name, blocking=blocking, partitions_def=projects)
            check: dg.AssetChecksDefinition = decorator(each_project_checked(function))
            return check

    return decorate


def every_video_check(asset: dg.AssetsDefinition, folder: str) -> dg.AssetChecksDefinition:
    """The check that fails while a stage has no result of a video; the delivery alone waits for it.

    Args:
        asset: the stage.
        folder: name of its folder among the work files.
    """

    @project_check(asset, name="every_video_is_made")
    def check(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        """No video failed here. Later stages go on with the others; the delivery waits (ON_BAD_VIDEO)."""
        bad = bad_videos(workspace.project(context.partition_key), (folder,))
        return dg.AssetCheckResult(
            passed=not bad,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" | ".join(video.sentence for video in bad) or None,
            metadata={"failed": dg.MetadataValue.json({video.path: video.sentence for video in bad})},
        )

    return check


def one_step_per_asset(checks: Sequence[dg.AssetChecksDefinition]) -> list[dg.AssetChecksDefinition]:
    """The same checks, those of an asset as one step that may also be asked for some of them.

    A step costs more than most checks: 0.05 s of events in a process, a task on a cluster.
    """

    def asset(check: dg.AssetChecksDefinition) -> dg.AssetKey:
        (spec,) = check.check_specs
        return spec.asset_key

    return [_as_one_step(key, list(group)) for key, group in groupby(sorted(checks, key=asset), asset)]


def _as_one_step(asset: dg.AssetKey, checks: Sequence[dg.AssetChecksDefinition]) -> dg.AssetChecksDefinition:
    decided = {spec.key: (spec, check_function(check)) for check in checks for spec in check.check_specs}
    resources = {name for _, decide in decided.values() for name in _resources(decide)}

    @dg.multi_asset_check(
        name=f"{asset.to_python_identifier()}_checks",
        specs=[spec for spec, _ in decided.values()],
        description="; ".join(spec.name for spec, _ in decided.values()),
        required_resource_keys=resources,
        can_subset=True,
    )
    def checked(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for key, (spec, decide) in decided.items():
            if key in context.selected_asset_check_keys:
                yield _decided(context, spec, decide)._replace(asset_key=key.asset_key, check_name=key.name)

    return checked


def _decided(
    context: dg.AssetCheckExecutionContext, spec: dg.AssetCheckSpec, decide: Callable[..., dg.AssetCheckResult]
) -> dg.AssetCheckResult:
    """What a check says; when it cannot say anything, only a blocking one may fail the step of the others."""
    try:
        return decide(context, **{name: getattr(context.resources, name) for name in _resources(decide)})
    except Exception as error:
        if spec.blocking:
            raise
        context.log.error(f"{spec.name}: {traceback.format_exc()}")
        otherwise = f"See the log of this run, and make {spec.asset_key.to_user_string()} again."
        why = error.sentence if isinstance(error, MediaflowError) else otherwise
        return dg.AssetCheckResult(passed=False, description=f"It could not be checked. {why}")


def _resources(decide: Callable[..., dg.AssetCheckResult]) -> list[str]:
    """Names of the resources that a check asks for, after its context."""
    return list(inspect.signature(decide).parameters)[1:]
