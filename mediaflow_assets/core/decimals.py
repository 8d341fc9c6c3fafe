"""Numbers as other programs read them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_WIDE = Context(prec=60)
"""Digits enough for every float in fixed point."""


def decimal_text(value: float | Fraction, places: int = 6) -> str:
    """``value`` in fixed point: no exponent, no rounding noise, no trailing zeros, never ``-0``.

    ffmpeg's options, filters and most file formats refuse or misread ``3e-07``; a difference of
    two times that is only rounding noise is ``0``.

    Args:
        value: finite.
        places: digits after the point; the default is ffmpeg's microsecond.
    """
    ratio = Fraction(value)
    exact = _WIDE.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=_WIDE)
    text = f"{rounded:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
