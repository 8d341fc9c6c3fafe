"""What every route needs to know of this installation."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

from starlette.requests import Request

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.intake.naming import KEY_PATTERN
from mediaflow_assets.server.dagster_runs import DagsterRuns
from mediaflow_assets.server.projects import Projects
from mediaflow_assets.server.reviews import Reviews
from mediaflow_assets.settings import Settings

SHA256 = re.compile(r"[0-9a-f]{64}")
Apply = Callable[[Settings, str], list[str]]
"""Brings what people said about a project into its delivery; returns what failed, a sentence each."""


@dataclass(frozen=True)
class Site:
    """One installation, served."""

    settings: Settings
    layout: Layout
    store: AnalysisStore
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """What a page has to show before it may write; another one after each start."""
    reviews: Reviews = field(default_factory=Reviews)
    ui: str = ""
    """Address of Dagster's UI, if it is known."""
    apply: Apply | None = None
    """What the command ``corrections apply`` calls; whoever serves brings it, for it needs all definitions."""
    applying: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, settings: Settings, ui: str = "", apply: Apply | None = None) -> Site:
        layout = Layout(settings.folders)
        return cls(settings, layout, AnalysisStore(layout.archives, layout.state), ui=ui, apply=apply)

    @cached_property
    def runs(self) -> DagsterRuns:
        """What Dagster knows."""
        return DagsterRuns(self.settings, self.layout)

    @cached_property
    def projects(self) -> Projects:
        """All projects."""
        return Projects(self.settings, self.layout, self.store, self.runs)

    @property
    def packed(self) -> Path:
        """What is made of documents for the browser; it can be deleted at any time."""
        return self.layout.state / "web"

    @property
    def may_write(self) -> bool:
        return self.settings.web.review == "on"


def site_of(request: Request) -> Site:
    """The installation that a request is about."""
    site: Site = request.app.state.site
    return site


def is_key(text: str) -> bool:
    """Whether this may be the key of a project; no other text becomes part of a path."""
    return KEY_PATTERN.fullmatch(text) is not None and ".." not in text
