"""Asset checks of one project."""

import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

from mediaflow_assets.assets.each_project import each_project_checked
from mediaflow_assets.orchestration.partitions import projects


def project_check(
    asset: dg.AssetsDefinition, *, blocking: bool = False
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """Decorator for a check that is evaluated per project.

    Args:
        asset: what is checked.
        blocking: later assets of the run are not made when the check fails.
    """

    def decorate(function: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            # Partitioned checks work in the pinned version but are marked as preview, which would
            # print two lines per check in every command a user runs.
            warnings.simplefilter("ignore", dg.PreviewWarning)
            decorator: Any = dg.asset_check(asset=asset, blocking=blocking, partitions_def=projects)
            check: dg.AssetChecksDefinition = decorator(each_project_checked(function))
            return check

    return decorate
