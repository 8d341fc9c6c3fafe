"""Weights that no package ships, for the tests of optional modes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mediaflow_assets.modelstore import ModelStore, load_catalog
from tests.conftest import MODELS
from tests.deselection import deselect

LR_ASD = Path(os.environ.get("MEDIAFLOW_SUPPLIED_MODELS", MODELS)) / load_catalog()["lr-asd-talkset"].file


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that need weights which have to be supplied, where they are not."""
    if not LR_ASD.exists():
        reason = f"no {LR_ASD.name} in MEDIAFLOW_SUPPLIED_MODELS"
        deselect(config, items, lambda item: reason if "lr_asd_store" in getattr(item, "fixturenames", ()) else "")


@pytest.fixture(scope="session")
def lr_asd_store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A model store with the LR-ASD weights of the folder of supplied models."""
    folder = tmp_path_factory.mktemp("models")
    (folder / LR_ASD.name).symlink_to(LR_ASD)
    return ModelStore(folder)
