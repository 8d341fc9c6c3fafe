"""What pyproject.toml cannot say: Dagster's two files go from the root of the repository into the wheel."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

DAGSTER_FILES = ("dagster.yaml", "workspace.yaml")


class BuildWithDagsterFiles(build_py):
    """Copies them into the package that is built; a checkout keeps one of each, at its root."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in DAGSTER_FILES:
                self.copy_file(name, str(Path(self.build_lib) / "mediaflow_assets" / name))


setup(cmdclass={"build_py": BuildWithDagsterFiles})
