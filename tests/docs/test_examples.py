"""What the pages tell people to type is understood, and what they point to exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from mediaflow_assets.cli import app
from mediaflow_assets.migration.names import LEGACY
from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import SILENT
from mediaflow_assets.scenes.detect import detect_scenes
from mediaflow_assets.settings import Settings, table
from support.installation import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
FOREIGN = re.compile(r"CODE_VERSION|SPEAKER_\d+|(PIP|DAGSTER|CUDA|COMPOSE|NVIDIA|TORCH|POSTGRES|ONNXRUNTIME)_\w+")
"""Not settings: constants of modules, and variables of other programs."""


def commands(language: str) -> list[tuple[str, str]]:
    """Lines of all blocks of one language, with the page they are on; continued lines are joined."""
    return [
        (page.name, line.strip())
        for page in PAGES
        for kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))
        if kind == language
        for line in text.replace("\\\n", " ").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]


def test_there_are_examples() -> None:
    assert len(commands("sh")) >= 15


@pytest.mark.parametrize(
    ("page", "line"), [found for found in commands("sh") if re.match(r"(\S+=\S+ )*(\.venv/bin/)?mediaflow ", found[1])]
)
def test_commands_are_understood(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    start = next(index for index, word in enumerate(words) if word.endswith("mediaflow"))
    for assignment in words[:start]:
        assert assignment.partition("=")[0] in {name for row in table() for name in row.names}
    arguments = words[start + 1 :]
    if ">" in arguments:
        arguments = arguments[: arguments.index(">")]
    command: Any = typer.main.get_command(app)
    context = command.context_class(command, info_name="mediaflow")
    while hasattr(command, "get_command"):
        name, *arguments = arguments
        command = command.get_command(context, name)
        assert command is not None, f"{page}: mediaflow has no command {name!r}"
    # Parsing checks the options and the number of arguments and runs nothing.
    try:
        command.make_context(command.name, list(arguments), parent=context)
    except Exception as error:
        # The example's files are not here; everything else about it must be right.
        if not re.search(r"'[^']+' does not exist", str(error)):
            raise


@pytest.mark.parametrize(("page", "line"), [found for found in commands("sh") if found[1].startswith("make ")])
def test_make_targets_exist(page: str, line: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    for step in line.split("#")[0].split("&&"):
        words = step.split()
        if words[:1] == ["make"]:
            assert words[1] in targets, f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [page.parent / target for target in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_can_be_read(page: Path) -> None:
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml":
            assert yaml.safe_load(text) is not None


def test_settings_that_pages_name_exist() -> None:
    known = {name for row in table() for name in row.names} | set(LEGACY)
    compose = (REPOSITORY / "deploy/compose/.env.example").read_text(encoding="utf-8")
    known |= set(re.findall(r"^#?([A-Z_]+)=", compose, re.MULTILINE))
    unknown = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])(?:=[^`]*)?`", page.read_text(encoding="utf-8"))
        if name not in known and not FOREIGN.fullmatch(name)
    }
    assert unknown == set()


def test_the_engine_of_the_developing_page_works(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/developing.md").read_text(encoding="utf-8")
    code = next(text for kind, text in BLOCK.findall(page) if kind == "python" and "class EverySecond" in text)
    written: dict[str, Any] = {}
    exec(code, written)  # noqa: S102 - it is our own page
    film = tmp_path / "film.mp4"
    film.write_bytes(encode_film(SILENT))
    frames = SILENT.frames
    settings = Settings.load()
    engine = written["EverySecond"](settings.scenes, None, settings.compute)
    details = detect_scenes(film, frames, tmp_path / "film.csv", engine, settings.scenes)
    assert details["scenes"] == 1 + (frames - 1) // 25
