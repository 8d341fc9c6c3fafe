"""The example notebook, executed as a reader would."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.installation import REPOSITORY

NOTEBOOK = REPOSITORY / "docs" / "examples" / "who_speaks_how_long.ipynb"


@pytest.mark.slow
def test_the_example_shows_who_speaks_how_long_over_ten_projects(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("MEDIAFLOW_ARCHIVES", str(store))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("HOME", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    done = nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = ["".join(output["data"]["text/plain"]) for cell in done.cells for output in cell.get("outputs", [])]
    assert shown[0] == "10"
    assert "SPEAKER_01" in shown[1]
    assert "10 Camille 2026-11-10_10-00-00" in shown[1]
    assert "share on screen" in shown[2]
