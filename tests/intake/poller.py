"""One process that polls the webhook once and receives what it was asked to; run with ``python -m``.

Prints the projects that it received, or, with ``unpack``, unpacks them as well.
"""

from __future__ import annotations

import sys

import dagster as dg

from mediaflow_assets.execution.progress import LogProgress
from mediaflow_assets.intake.contents import unpack
from mediaflow_assets.intake.receive import content_of, receive
from mediaflow_assets.resources.downloads import Downloads
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.webhook import webhook_sensor


def poll(*then: str) -> list[str]:
    """Tick, receive, and perhaps unpack."""
    instance = dg.DagsterInstance.ephemeral()
    with dg.build_resources({"workspace": Workspace(), "downloads": Downloads(workspace=Workspace())}) as resources:
        workspace, downloads = resources.workspace, resources.downloads
        result = webhook_sensor()(dg.build_sensor_context(instance=instance, resources={"workspace": workspace}))
        assert isinstance(result, dg.SensorResult)
        keys = [str(request.partition_key) for request in result.run_requests or []]
        for key in keys:
            folders = workspace.project(key)
            log = dg.get_dagster_logger()
            receive(folders, lambda origin, folder: downloads.fetch(origin, folder, LogProgress(log)))  # noqa: B023
            if "unpack" in then:
                received, content = content_of(folders)
                unpack(content, received.sha256, folders, workspace.settings.intake.limits)
    return keys


if __name__ == "__main__":
    print(*poll(*sys.argv[1:]))  # noqa: T201
