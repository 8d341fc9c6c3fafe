"""The sentences of the pages in every language: gettext catalogues below ``mediaflow_assets/locale``.

A sentence is written in English where it is shown, ``_("Nothing yet.")``, and looked up in the catalogue of the
language, ``<code>/LC_MESSAGES/mediaflow.po``. That file is the only one: it is read as translators save it. Reading it
once takes a process less time than importing what draws a page, and a compiled copy could be older than its source.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediaflow_assets.core.errors import BadInput

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"
"""The language that sentences are written in; it needs no catalogue."""
LOCALE = Path(__file__).parents[1] / "locale"
DOMAIN = "mediaflow"


def catalogue_file(language: str) -> Path:
    """Where the catalogue of a language is."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> tuple[str, ...]:
    """Codes of the languages that pages can be in: English, and each that has a catalogue."""
    return tuple(sorted({ENGLISH, *(file.parents[1].name for file in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))}))


if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[languages()]
"""Code of one of :func:`languages`, as gettext and Babel write it: ``fr``, ``pt_BR``. Settings refuse others."""


@cache
def translations(language: Language) -> NullTranslations:
    """``gettext``, ``ngettext`` and ``pgettext`` of a language; what its catalogue lacks stays English.

    Raises:
        BadInput: the catalogue cannot be read.
    """
    if language == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def messages(language: Language) -> dict[str, str]:
    """English sentence to its translation, for the scripts of pages; plurals are not among them.

    A context stands before its sentence, parted from it by U+0004, as in the files that gettext compiles.

    Raises:
        BadInput: the catalogue cannot be read.
    """
    if language == ENGLISH:
        return {}
    return {
        f"{message.context}\x04{message.id}" if message.context else message.id: message.string
        for message in _catalogue(language)
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string and not message.fuzzy
        if message.id
    }


@cache
def _catalogue(language: Language) -> Catalog:
    from babel.messages.pofile import PoFileError, read_po

    path = catalogue_file(language)
    try:
        with path.open("rb") as file:
            return read_po(file, domain=DOMAIN, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise BadInput(path, f"cannot be read as a gettext catalogue ({error})", "Correct it") from error
