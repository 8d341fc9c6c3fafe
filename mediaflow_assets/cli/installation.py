"""What the commands share: this installation's settings, folders and analysis store."""

from __future__ import annotations

from typing import NamedTuple

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.settings import Settings


class Installation(NamedTuple):
    """One MEDIAFLOW_HOME."""

    settings: Settings
    layout: Layout
    store: AnalysisStore


def installation() -> Installation:
    """The installation that the environment and ``.env`` describe."""
    settings = Settings.load()
    layout = Layout(settings.folders)
    return Installation(settings, layout, AnalysisStore(layout.archives, layout.state))
