"""A whole installation in a folder of its own, used as a user uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from mediaflow_assets.core.layout import FolderSettings, Layout, ProjectFolders

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Installation:
    """One MEDIAFLOW_HOME and how to run the command line in it."""

    home: Path
    models: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MEDIAFLOW_HOME": str(self.home),
            "MEDIAFLOW_MODELS_DIR": str(self.models),
            "COLUMNS": "200",
        }

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "mediaflow_assets.cli", *map(str, arguments)]

    def mediaflow(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``mediaflow`` to its end."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def layout(self) -> Layout:
        return Layout(FolderSettings(home=self.home))

    @property
    def projects(self) -> list[str]:
        return sorted(path.parent.name for path in self.layout.downloads.glob("*/origin.json"))

    def project(self, key: str | None = None) -> ProjectFolders:
        """Folders of a project; of the only one when no key is given."""
        if key is None:
            (key,) = self.projects
        return self.layout.project(key)

    def delivered(self, key: str | None = None) -> Path:
        """The delivered project's ``docs`` folder."""
        return self.home / "output" / self.project(key).key / "docs"

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance of this installation."""
        os.environ["DAGSTER_HOME"] = str(self.home / "dagster")
        try:
            with dg.DagsterInstance.from_config(str(self.home / "dagster")) as instance:
                yield instance
        finally:
            del os.environ["DAGSTER_HOME"]
