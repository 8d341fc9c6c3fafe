"""Every command takes a project as people call it, and asks when it could be several."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from mediaflow_assets.cli import app
from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import Origin, write_document
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.intake.uploads import Claim
from mediaflow_assets.settings import Settings

CAMILLE = "13_Camille_2026-11-21_10-00-00"
CAMILLE_LATER = "113_Camille_b_2026-11-22_10-00-00"
LEA = "9_Lea_ete_2026-11-23_10-00-00"
ARCHIVED = "7 Zoé 2025-03-04_05-06-07"
NAMES = {CAMILLE: "13 Camille", CAMILLE_LATER: "113 Camille b", LEA: "9 Léa été"}


@pytest.fixture
def here() -> Installation:
    """Three registered projects, and one of which only the store knows."""
    found = installation()
    for key, name in NAMES.items():
        at = f"{key[-19:-9]}T10:00:00+00:00"
        origin = Origin(project=key, name=name, kind="file", registered_at=at, identity=key, filename=f"{name}.zip")
        write_document(found.layout.project(key).origin, origin)
    (found.store.root / ARCHIVED).mkdir(parents=True)
    return found


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (CAMILLE, CAMILLE),
        ("13 Camille 2026-11-21_10-00-00", CAMILLE),
        ("13 Camille", CAMILLE),
        ("13_camille", CAMILLE),
        ("13", CAMILLE),
        ("013", CAMILLE),
        ("113", CAMILLE_LATER),
        ("CAMILLE B", CAMILLE_LATER),
        ("9 lea ETE", LEA),
        ("léa", LEA),
        ("le\u0301a", LEA),
        ("2026-11-23", LEA),
        (ARCHIVED, ARCHIVED),
        ("zoe", ARCHIVED),
        ("7", ARCHIVED),
    ],
)
def test_a_project_is_found_as_people_call_it(here: Installation, wanted: str, key: str) -> None:
    assert choose_project(here, wanted) == key


def test_a_part_of_several_names_lists_them(here: Installation) -> None:
    with pytest.raises(BadInput) as caught:
        choose_project(here, "camille")
    assert f"fits 2 projects. Choose from: {CAMILLE_LATER}, {CAMILLE}." in str(caught.value)


@pytest.mark.parametrize("wanted", ["", " ", "_", "11", "2026", "Camille c", "../13 Camille"])
def test_what_no_project_is_called(here: Installation, wanted: str) -> None:
    with pytest.raises(BadInput, match="is not the key, name, number"):
        choose_project(here, wanted)


def test_a_damaged_project_is_found_by_its_key_and_hides_no_other(here: Installation) -> None:
    here.layout.project(LEA).origin.write_text("{")
    assert choose_project(here, LEA) == choose_project(here, "lea") == LEA
    assert choose_project(here, "13") == CAMILLE


@pytest.mark.parametrize(
    "command",
    [
        "verify camille",
        "restore camille",
        "preview camille a",
        "reframe camille a",
        "multicam camille a b",
        "report project camille",
        "report video camille a",
        "leave-out camille",
        "history retry camille",
        "first camille",
        "export-tables camille",
        "projects camille",
    ],
)
def test_every_command_asks_which_one(here: Installation, command: str) -> None:
    result = CliRunner().invoke(app, command.split())
    assert result.exit_code == 1
    assert "fits 2 projects" in f"{result.stderr} {result.exception}"


def test_what_failed_is_tried_again_by_its_number(here: Installation) -> None:
    history = open_history(Settings.load().intake, here.layout.state)
    history.claim(Claim("one", lambda attempt: CAMILLE))
    history.mark(CAMILLE, "failed", reason="It burned.")
    assert CliRunner().invoke(app, ["history", "retry", "13"]).stdout == f"{CAMILLE} is tried again\n"
    assert history.of_project(CAMILLE)[0].state == "retry"
