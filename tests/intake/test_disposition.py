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
    assert isinstance(offered_name(f"attachment; {text}"), str)
    assert isinstance(offered_name(f"attachment; filename*={text}"), str)
