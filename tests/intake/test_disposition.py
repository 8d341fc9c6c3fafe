"""File names that servers give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.intake.disposition import offered_name

UTF8_AS_LATIN1 = "café.zip".encode().decode("latin-1")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=plain.zip", "plain.zip"),
        ('attachment; filename="with space; and semicolon.zip"', "with space; and semicolon.zip"),
        (r'attachment; filename="a \"quoted\" name.zip"', 'a "quoted" name.zip'),
        ("ATTACHMENT; FILENAME=upper.zip", "upper.zip"),
        ("attachment; filename*=UTF-8''caf%C3%A9%20%E2%82%AC.zip", "café €.zip"),
        ("attachment; filename*=iso-8859-1'fr'caf%E9.zip", "café.zip"),
        ("attachment; filename=\"fallback.zip\"; filename*=UTF-8''caf%C3%A9.zip", "café.zip"),
        ("attachment; filename*=UTF-8''caf%C3%A9.zip; filename=\"fallback.zip\"", "café.zip"),
        ('attachment; filename="caf%C3%A9.zip"', "café.zip"),
        (f'attachment; filename="{UTF8_AS_LATIN1}"', "café.zip"),
        ('attachment; filename="100%.zip"', "100%.zip"),
        ("attachment; filename*=utf-8%00''a.zip", "a.zip"),
        ("attachment; filename*=undefined''a.zip", "a.zip"),
        ("attachment; filename*=utf-7''+2AA-.zip", "+2AA-.zip"),
        ("attachment; filename*0=caf; filename*1*=%C3%A9.zip", "café.zip"),
        ("attachment; filename*=a.zip; filename*0=b.zip", ""),
        ("attachment", ""),
        ("inline; name=x", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_in_every_form(header: str | None, name: str) -> None:
    assert offered_name(header) == name


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_header_is_read(text: str) -> None:
    for header in (text, f"filename*={text}"):
        offered_name(f"attachment; {header}").encode()


charset = st.sampled_from(
    ["", "utf-8", "UTF-16", "utf-7", "punycode", "unicode_escape", "undefined", "hex", "a\0", "%00"]
)
piece = st.sampled_from(["", "*", "*0", "*0*", "*1", "*1*", "*x"])


@given(st.lists(st.tuples(piece, charset, st.text("a%80+\\ud''\"", max_size=8)), max_size=3))
def test_any_pieces_in_any_encoding_are_read(pieces: list[tuple[str, str, str]]) -> None:
    header = "; ".join(f"filename{star}={charset}''{text}" for star, charset, text in pieces)
    offered_name(f"attachment; {header}").encode()
