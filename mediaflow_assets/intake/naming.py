"""Names: from an archive's file name to a project name and a partition key."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath

from slugify import slugify

from mediaflow_assets.errors import BadInput

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*&]')


def project_name(filename: str, keyword: str = "camille") -> str:
    """Human name of the project that an archive holds, ``13_Camille_2025.zip`` -> ``13 Camille``.

    The rules of the studio's naming (golden cases): a number and the part with the keyword; or
    the first part with the keyword and the word after it; else all parts.
    """
    stem = PurePosixPath(filename).stem
    parts = stem.split("_")
    word = keyword.casefold()
    with_word = [word in part.casefold() for part in parts]
    following = parts[1] if len(parts) > 1 else ""
    if len(parts) > 1 and parts[0].isdigit() and with_word[1]:
        name = f"{parts[0]} {parts[1]}"
    elif with_word[0]:
        name = f"{parts[0]} {following}" if following.isalpha() and following.casefold() != word else parts[0]
    else:
        name = " ".join(parts)
    name = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", name)).strip("_ .")
    if name:
        return name
    rest = stem.strip("_ .")
    return f"projet_{rest}" if rest else "projet_sans_nom"


def partition_key(name: str, at: datetime, attempt: int = 1) -> str:
    """Partition key for a project registered at ``at``: ASCII, a legal folder name everywhere.

    ``13 Camille`` -> ``13_Camille_2026-11-21_10-00-00``; ``attempt`` numbers further projects of
    the same second.
    """
    slug = slugify(name, lowercase=False, separator="_", max_length=70) or "projet"
    suffix = f"-{attempt}" if attempt > 1 else ""
    return check_key(f"{slug}_{at:%Y-%m-%d_%H-%M-%S}{suffix}")


def check_key(key: str) -> str:
    """Return ``key`` if it is a legal partition key.

    Dagster accepts any text as a dynamic partition key, also ``../x`` and ``a...b`` (its range
    syntax), so this is the check.

    Raises:
        BadInput: it is not.
    """
    if not KEY_PATTERN.fullmatch(key) or ".." in key:
        raise BadInput(
            repr(key), "is not a project key", "Use 1 to 100 of A-Z a-z 0-9 _ . - with a letter or digit first"
        )
    return key
