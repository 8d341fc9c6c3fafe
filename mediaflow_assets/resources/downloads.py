"""Downloading an origin's archive."""

from pathlib import Path

import dagster as dg

from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.download import download
from mediaflow_assets.resources.workspace import Workspace


class Downloads(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Fetches archives over HTTP under the intake settings."""

    workspace: dg.ResourceDependency[Workspace]

    def fetch(self, origin: Origin, folder: Path) -> Path:
        """Download the first of the origin's URLs that works into ``folder``."""
        return download(origin, folder, self.workspace.settings.intake)
