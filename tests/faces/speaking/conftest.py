"""Weights that no package ships, for the tests of optional modes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mediaflow_assets.modelstore import ModelStore, load_catalog
from tests.conftest import REPOSITORY

SUPPLIED = Path(os.environ.get("MEDIAFLOW_SUPPLIED_MODELS", REPOSITORY.parent / "shared" / "models"))


@pytest.fixture(scope="session")
def light_asd_store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A model store with the Light-ASD weights of the folder of supplied models."""
    folder = tmp_path_factory.mktemp("models")
    file = load_catalog()["light-asd-talkset"].file
    (folder / file).symlink_to(SUPPLIED / "light_asd" / file)
    return ModelStore(folder)
