from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.modelstore import ModelStore, load_catalog, store_folder
from mediaflow_assets.modelstore.catalog import UrlSource, find
from mediaflow_assets.modelstore.settings import ModelSettings

NOWHERE = UrlSource(url="https://example.org/a.bin")


def put(store: ModelStore, name: str, content: bytes) -> Path:
    path = store.folder / store.catalog[name].file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_with_the_pinned_hash_is_used_wherever_it_came_from(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    path = put(store, "a", b"weights")
    assert store.path("a") == path
    assert store.sha256("a") == hashlib.sha256(b"weights").hexdigest()
    assert store.status("a").state == "present"


def test_a_missing_model_names_the_command_that_fetches_it(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    assert store.status("a").state == "missing"
    for ask in (store.path, store.sha256):
        with pytest.raises(Unavailable, match="Run: mediaflow models fetch a"):
            ask("a")
    assert not store.folder.exists(), "asking must not create anything"


def test_a_different_file_is_refused_with_both_hashes(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    put(store, "a", b"WEIGHTS")
    with pytest.raises(BadInput) as caught:
        store.path("a")
    for expected in (b"weights", b"WEIGHTS"):
        assert hashlib.sha256(expected).hexdigest() in str(caught.value)
    assert "mediaflow models fetch a" in str(caught.value)
    assert store.status("a").state == "wrong"


def test_an_unpinned_model_is_what_the_user_put_there(make_store, model_row) -> None:
    store = make_store(model_row("own", None))
    with pytest.raises(Unavailable, match=r"https://example\.org/models") as caught:
        store.path("own")
    assert str(store.folder / "own.bin") in str(caught.value)
    put(store, "own", b"mine")
    assert store.path("own") == store.folder / "own.bin"
    assert store.sha256("own") == hashlib.sha256(b"mine").hexdigest()
    assert store.status("own").explanation == "unpinned: supplied by you"


def test_a_changed_file_is_noticed_in_the_same_process(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    path = put(store, "a", b"weights")
    store.path("a")
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(0, 1))
    with pytest.raises(BadInput):
        store.path("a")


def test_the_hash_is_remembered_until_size_or_time_change_and_verify_reads_again(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    path = put(store, "a", b"weights")
    before = path.stat()
    store.path("a")
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.path("a") == path, "same size and time: not read again"
    (status,) = store.verify(["a"])
    assert status.state == "wrong"


def test_a_folder_in_place_of_the_file_is_missing(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    (store.folder / "a.bin").mkdir(parents=True)
    assert store.status("a").state == "missing"


def test_unknown_names_are_refused_everywhere(make_store, model_row) -> None:
    store = make_store(model_row("a", b"weights", NOWHERE))
    by_name = (store.path, store.sha256, store.status)
    for ask in (*by_name, lambda name: store.verify([name]), lambda name: find(store.catalog, [name])):
        with pytest.raises(BadInput, match="not in the model table"):
            ask("bogus")


def test_a_store_travels_to_worker_processes(tmp_path: Path) -> None:
    store = pickle.loads(pickle.dumps(ModelStore(tmp_path)))  # noqa: S301 - our own bytes
    assert store.catalog == load_catalog()


def test_the_store_lies_where_the_setting_says_or_in_the_home_folder(tmp_path: Path) -> None:
    assert store_folder(ModelSettings(), tmp_path) == tmp_path / "models"
    assert store_folder(ModelSettings(folder=tmp_path / "shared"), Path("/elsewhere")) == tmp_path / "shared"
