"""Deployments with real containers. Not part of the normal tests: ``make test-deploy``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample import Sample
from support.deployment.engine import Engine, Images, build_images, engine
from support.deployment.stack import give_away
from tests.deploy.delivered import documents
from tests.deploy.films import BACKWARDS, packed


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The Docker engine."""
    with engine(tmp_path_factory.mktemp("engine")) as found:
        yield found


@pytest.fixture(scope="session")
def images(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Images:
    """The image of this repository and those that stand in for PostgreSQL's and Redis's."""
    return build_images(docker, tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one short silent video."""
    return packed(BACKWARDS, tmp_path_factory.mktemp("small") / "21_Camille_small.zip")


@pytest.fixture(scope="session")
def one_machine(
    docker: Engine, images: Images, tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore, sample: Sample
) -> dict[str, str]:
    """What ``mediaflow run`` delivers for the sample, in one container of the same image."""
    folder = tmp_path_factory.mktemp("one_machine")
    shutil.copy(sample.archive, folder)
    shutil.copytree(model_store.folder, folder / "models")
    give_away(folder)
    docker.docker(
        *("run", "--rm", "--network", "host", "--volume", f"{folder}:/data"),
        *(images.app, "mediaflow", "run", sample.archive.name),
    )
    (delivered,) = folder.glob("output/*/docs")
    return documents(delivered)
