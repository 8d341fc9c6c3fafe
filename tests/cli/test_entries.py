"""Long lists are readable where a terminal has 80 columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.cli.entries import entry
from mediaflow_assets.modelstore import load_catalog
from mediaflow_assets.settings import table


def test_paragraphs_are_wrapped_between_words_and_what_is_long_stays_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/a/very/long/path/that/has/no/room/in-the-line"
    shown = entry("NAME = value", "some words that are wrapped at the end of a line", "", path)
    assert shown.splitlines() == [
        "NAME = value",
        "    some words that are wrapped at the",
        "    end of a line",
        f"    {path}",
    ]


@pytest.mark.parametrize("command", [["settings"], ["models", "list"]])
def test_lists_have_80_columns_and_every_name_in_one_piece(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(app, command).stdout
    names = [row.names[0] for row in table()] if command == ["settings"] else list(load_catalog())
    lines = shown.splitlines()
    for name in names:
        assert any(line.split()[0] == name for line in lines if not line.startswith(" ")), name
    assert all(len(line) <= 80 for line in lines if line.startswith(" "))


def test_settings_show_the_folders_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORK_DIR", str(tmp_path / "fast"))
    lines = CliRunner().invoke(app, ["settings"]).stdout.splitlines()
    assert f"INBOX_DIR = {tmp_path / 'home' / 'inbox'}" in lines
    assert f"WORK_DIR = {tmp_path / 'fast'}" in lines
    assert "None" not in {line.rpartition(" = ")[2] for line in lines}
