"""Downloading an origin's archive."""

import time
from pathlib import Path

import dagster as dg

from mediaflow_assets.execution.fanout import Progress, Status
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.bandwidth import Bandwidth
from mediaflow_assets.intake.download import download
from mediaflow_assets.resources.workspace import Workspace


class Downloads(dg.ConfigurableResource):  # type: ignore[type-arg]  # gives itself; Dagster's default cannot say so
    """Fetches archives over HTTP under the intake settings."""

    workspace: dg.ResourceDependency[Workspace]

    def fetch(self, origin: Origin, folder: Path, progress: Progress) -> Path:
        """Download the first of the origin's URLs that works into ``folder``; the progress is shown."""
        settings = self.workspace.settings.intake
        bandwidth = Bandwidth(self.workspace.layout.state / "bandwidth", settings.max_rate)
        start = time.monotonic()
        progress.start("source_archive", origin.filename, 1, 1)

        def show(have: int, total: int | None) -> None:
            # Of a file without a declared size there is no fraction to show, only that it moves.
            progress.advance(have / total if total else 0.01, f"{have / 1e6:.0f} MB")

        status: Status = "failed"
        try:
            path = download(origin, folder, settings, bandwidth, show)
            status = "made"
        finally:
            progress.finish("source_archive", origin.filename, status, time.monotonic() - start)
        return path
