"""The sentences of the pages: every catalogue is complete, and one folder more is one language more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.reframe_json import Layout, Why
from mediaflow_assets.reporting import texts
from mediaflow_assets.reporting.export_names import EXPORTS
from mediaflow_assets.reporting.labels import export_label, layout_label, why_label
from support.installation import REPOSITORY

PACKAGE = REPOSITORY / "mediaflow_assets"
TRANSLATED = sorted(set(texts.languages()) - {texts.ENGLISH})
VALUE = re.compile(r"%\((\w+)\)s")


def pybabel(command: str, *arguments: object) -> None:
    """What ``make messages`` calls, with the options of pyproject.toml."""
    line = [sys.executable, "-m", "babel.messages.frontend", "--quiet", command, *map(str, arguments)]
    subprocess.run(line, cwd=REPOSITORY, check=True, capture_output=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every sentence that the package shows, without a translation."""
    path = tmp_path_factory.mktemp("messages") / "mediaflow.pot"
    pybabel("extract", "--output-file", path)
    return path


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """A sentence, or its singular and plurals."""
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete(language: str, template: Path) -> None:
    catalogue = read(texts.catalogue_file(language))
    wanted = {(message.context, message.id) for message in read(template)}
    assert {(message.context, message.id) for message in catalogue} == wanted, "run: make messages"
    assert [message.id for message in catalogue if message.id and not all(forms(message.string))] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_values_stay_in_their_sentences_and_sentences_are_no_markup(language: str) -> None:
    catalogue = read(texts.catalogue_file(language))
    assert list(catalogue.check()) == []
    for message in catalogue:
        values = set(VALUE.findall(forms(message.id)[-1]))
        for said in [*forms(message.id), *forms(message.string)] if message.id else []:
            assert set(VALUE.findall(said)) == values, said
            assert not re.search(r'[<>&"]|%(?!\(\w+\)s)', said), f"templates and scripts show it as it is: {said}"


def test_extraction_sees_every_sentence() -> None:
    """One that is put together, or chosen inside the brackets, would stay English without a word."""
    reporting = PACKAGE / "reporting"
    found = [*reporting.glob("*.py"), *reporting.rglob("*.jinja"), *(PACKAGE / "server/static").rglob("*.js")]
    for file in found:
        calls = re.findall(r"(?<![\w$.])(?:_|n?gettext|pgettext)\((.)", file.read_text(encoding="utf-8"))
        assert set(calls) <= {'"'}, file


def test_what_is_counted_is_singular_or_plural() -> None:
    def count(language: str, number: int) -> str:
        return texts.translations(language).ngettext("%(num)s frame", "%(num)s frames", number) % {"num": number}

    assert [count("fr", number) for number in (0, 1, 2)] == ["0 image", "1 image", "2 images"]
    assert [count("en", number) for number in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]


def test_a_context_tells_two_meanings_apart() -> None:
    french = texts.translations("fr")
    assert (french.gettext("Name"), french.pgettext("button", "Name")) == ("Nom", "Nommer")
    assert texts.messages("fr")["button\x04Name"] == "Nommer"


def test_every_word_of_the_documents_has_a_label() -> None:
    names = [*EXPORTS, "reframe_clipboard_9x16", "timeline"]
    labels = [export_label(name, str) for name in names]
    labels += [layout_label(layout, str) for layout in get_args(Layout)] + [
        why_label(why, str) for why in get_args(Why)
    ]
    assert all(labels)


@pytest.mark.parametrize("damage", [b'"Projecten"\nProjecten', b'"Bo\xeete"'], ids=["no gettext", "no UTF-8"])
def test_a_damaged_catalogue_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bytes) -> None:
    monkeypatch.setattr(texts, "LOCALE", tmp_path)
    path = texts.catalogue_file("nl")
    path.parent.mkdir(parents=True)
    path.write_bytes(b'msgid "Projects"\nmsgstr ' + damage)
    with pytest.raises(BadInput, match=r"mediaflow\.po: cannot be read as a gettext catalogue"):
        texts.translations("nl")


_GERMAN_PAGE = """
from datetime import UTC, datetime
from mediaflow_assets.reporting.html import render
from mediaflow_assets.settings import Settings
language = Settings.load(None, {"REPORT_LANGUAGE": "de"}).reports.language
now = datetime(2026, 12, 1, tzinfo=UTC)
print(render("start.html.jinja", language, generated=now, zone="UTC", months=["2026-03"], projects=[]))
"""


def test_one_folder_more_is_one_language_more(tmp_path: Path, template: Path) -> None:
    package = tmp_path / "mediaflow_assets"
    package.mkdir()
    for part in PACKAGE.iterdir():
        if part.name not in ("locale", "__pycache__"):
            (package / part.name).symlink_to(part)
    pybabel("update", "--init-missing", "--locale", "de", "--input-file", template, "--output-dir", package / "locale")
    path = package / "locale/de/LC_MESSAGES/mediaflow.po"
    catalogue = read(path)
    catalogue["Projects"].string = "Projekte"
    with path.open("wb") as file:
        write_po(file, catalogue)

    done = subprocess.run(
        [sys.executable, "-c", _GERMAN_PAGE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert '<html lang="de">' in done.stdout
    assert ">Projekte<" in done.stdout
    assert "März 2026" in done.stdout
    assert ">Reports<" in done.stdout, "what is not translated yet is English"
