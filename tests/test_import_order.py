"""Imports run one way through the package, those inside functions too, and never in a circle."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from support.installation import REPOSITORY

PACKAGE = "mediaflow_assets"
FLOORS = """
    core
    execution formats
    archives modelstore video
    speech scenes delivery
    faces transcripts review
    reframing intake tables cast
    reporting multicam operations sample
    settings
    migration
    orchestration
    resources
    assets
    jobs
    sensors server
    definitions
    cli
"""
"""From the ground up. A part imports from the floors below its own, never from its own or above."""
FLOOR = {part: floor for floor, line in enumerate(FLOORS.split("\n")) for part in line.split()}


def imports(file: Path, *, types: bool = True) -> Iterator[str]:
    """Full names of the modules that a file imports anywhere; of packages, also what is taken out of them.

    Args:
        types: also what is imported for annotations only.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree if types else WithoutTypes().visit(tree)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class WithoutTypes(ast.NodeTransformer):
    """Takes ``if TYPE_CHECKING:`` out."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else node


def files(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def part(module: str) -> str | None:
    """The part of the package that a module belongs to: ``faces`` of ``mediaflow_assets.faces.boxes``."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] if top == PACKAGE and rest else None


def climbs(module: str, imported: str) -> bool:
    here, there = part(module), part(imported)
    return here is not None and there is not None and here != there and FLOOR[there] >= FLOOR[here]


def edges(*, types: bool = True) -> dict[str, set[str]]:
    """Every module of the package and the modules of it that it imports."""
    modules = {module_of(file): file for file in files(PACKAGE)}
    return {
        name: {other for other in imports(file, types=types) if other in modules} - {name}
        for name, file in modules.items()
    }


def test_every_part_has_a_floor() -> None:
    parts = {part(module) for module in edges()} - {None}
    assert parts - FLOOR.keys() == set(), "add the new part to FLOORS and to docs/architecture.md"


def test_imports_run_one_way() -> None:
    found = [f"{name} imports {other}" for name, others in edges().items() for other in others if climbs(name, other)]
    assert found == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("mediaflow_assets.core.files", "mediaflow_assets.formats"),
        ("mediaflow_assets.video.probe", "mediaflow_assets.archives.names"),
    ],
)
def test_a_climb_would_be_found(module: str, imported: str) -> None:
    assert climbs(module, imported)


def test_no_circle_of_modules() -> None:
    # A package that its own modules are listed in (``from package import module``) is no circle.
    graph = {name: {o for o in others if not name.startswith(f"{o}.")} for name, others in edges(types=False).items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_only_the_upper_floors_know_dagster() -> None:
    guilty = {
        module_of(file)
        for file in files(PACKAGE)
        if FLOOR.get(part(module_of(file)) or "", 0) <= FLOOR["settings"]
        for name in imports(file)
        if name.split(".")[0].startswith("dagster")
    }
    assert guilty == set()


def test_core_needs_little() -> None:
    used = {name.split(".")[0] for file in files(f"{PACKAGE}/core") for name in imports(file)}
    assert used - sys.stdlib_module_names == {PACKAGE, "filelock", "pydantic"}


def test_the_architecture_page_draws_this_order() -> None:
    page = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    drawn = [line.split() for line in page.split("```")[1].splitlines()[1:] if line.strip()]
    assert drawn == [line.split() for line in FLOORS.splitlines() if line.strip()][::-1]


@pytest.mark.parametrize("folder", ["benchmarks", "support", PACKAGE])
def test_nothing_imports_tests(folder: str) -> None:
    guilty = {module_of(file) for file in files(folder) for name in imports(file) if name.split(".")[0] == "tests"}
    assert guilty == set()
