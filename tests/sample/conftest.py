from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mediaflow_assets.sample import Sample


@pytest.fixture(scope="session")
def unpacked(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the sample's archive."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(sample.archive) as archive:
        archive.extractall(folder)
    return folder
