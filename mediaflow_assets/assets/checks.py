"""Asset checks of one project."""

import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

from mediaflow_assets.assets.each_project import each_project_checked
from mediaflow_assets.delivery.bad_videos import bad_videos
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
