"""Settings, folders and upload history, as every asset and sensor sees them."""

from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.intake.history import History, open_history
from mediaflow_assets.modelstore import ModelStore, store_folder
from mediaflow_assets.settings import Settings


class Workspace(dg.ConfigurableResource):  # type: ignore[type-arg]  # gives itself; Dagster's default cannot say so
    """This installation. Values come from the environment, so that no secret is in run config."""

    env_file: str = Field(default=".env", description="File with settings, beside the environment.")
    _settings: Settings = PrivateAttr()
    _history: History = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._settings = Settings.load(Path(self.env_file))
        self._history = open_history(self._settings.intake, self.layout.state)

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def layout(self) -> Layout:
        return Layout(self._settings.folders)

    def project(self, key: str) -> ProjectFolders:
        """Folders of one project."""
        return self.layout.project(key)

    @property
    def history(self) -> History:
        return self._history

    @property
    def analyses(self) -> AnalysisStore:
        return AnalysisStore(self.layout.archives, self.layout.state)

    @property
    def models(self) -> ModelStore:
        return ModelStore(store_folder(self._settings.models, self.layout.home))
