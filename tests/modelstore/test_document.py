from __future__ import annotations

from pathlib import Path

import msgspec

from mediaflow_assets.modelstore import load_catalog
from mediaflow_assets.modelstore.document import markdown

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_page_is_in_step_with_the_table() -> None:
    assert PAGE.read_text("utf-8") == markdown(load_catalog()), "run: mediaflow models list --markdown > docs/models.md"


def test_every_model_is_on_the_page_with_licence_and_hash() -> None:
    page = markdown(load_catalog())
    for model in load_catalog().values():
        assert model.name in page
        assert model.terms in page
        assert model.sha256 in page


def test_a_pipe_does_not_break_the_table(model_row) -> None:
    model = msgspec.structs.replace(model_row("own", None), summary="This | that.")
    (row,) = [line for line in markdown({"own": model}).splitlines() if line.startswith("| own")]
    assert "This \\| that." in row
    assert row.count(" | ") == 5
