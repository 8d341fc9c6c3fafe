"""Numbers that other programs read."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.decimals import decimal_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (Fraction(-1, 3_000_000), "0"),
        (Fraction(1, 90_000), "0.000011"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (100, "100"),
        (16_441_675.0, "16441675"),
        (Fraction(1001, 30_000), "0.033367"),
    ],
)
def test_fixed_point(value: float | Fraction, text: str) -> None:
    assert decimal_text(value) == text


@given(st.floats(-1e12, 1e12) | st.fractions(-(10**9), 10**9), st.integers(0, 9))
def test_never_an_exponent_and_never_further_away_than_half_a_digit(value: float | Fraction, places: int) -> None:
    text = decimal_text(value, places)
    assert re.fullmatch(rf"-?\d+(\.\d{{1,{max(places, 1)}}})?", text)
    assert abs(Fraction(text) - Fraction(value)) <= Fraction(1, 2 * 10**places)
    assert text == "0" or Fraction(text) != 0
