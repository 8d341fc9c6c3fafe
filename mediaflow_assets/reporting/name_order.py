"""The order of names in lists."""

from __future__ import annotations

import re
import unicodedata


def in_order(name: str) -> list[str | int]:
    """What names are sorted by: as people count, ``9 Camille`` before ``13 Camille``, in any case."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFKC", name).casefold())
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]
