"""Names: from an archive's file name to a project name and a partition key."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path, PurePosixPath

from slugify import slugify

from mediaflow_assets.archives.detect_format import detect_format, is_part_name
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.windows_names import FORBIDDEN_CHARACTERS

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
ARCHIVE_SUFFIXES = frozenset(".zip .zipx .rar .7z .tar .tgz .tbz .tbz2 .txz .tzst .gz .bz2 .xz .zst".split())
_MAX_NAME = 240
"""Bytes of a download's name; leaves room for a number when the name is taken."""
_FORBIDDEN = re.compile(f"[{re.escape(FORBIDDEN_CHARACTERS)}&]")


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
    name = clean_name(name)
    if name:
        return name
    rest = stem.strip("_ .")
    return f"projet_{rest}" if rest else "projet_sans_nom"


def clean_name(name: str) -> str:
    """``name`` without what a folder's name may not have; may be empty."""
    return re.sub(r"\s+", " ", _FORBIDDEN.sub("_", name)).strip("_ .")


def safe_filename(name: str | None, longest: int = 230) -> str:
    """File name of a download: word characters, ``-`` and ``.`` only, spaces as ``_`` (golden cases).

    Args:
        name: as a server or a record gives it.
        longest: characters; the suffix is kept. Of a name in an alphabet with longer codes, fewer are
            kept, so that it always fits the 255 bytes of a file system.
    """
    if name is None:
        return "fichier_nom_absent"
    cleaned = re.sub(r"[^\w.-]", "", re.sub(r"\s", "_", name.strip()))
    if not re.search(r"\w", cleaned):
        return "fichier_sans_nom_valide"
    suffix = PurePosixPath(cleaned).suffix
    if len(suffix) > 20:
        suffix = ""
    stem = cleaned.removesuffix(suffix)[: longest - len(suffix)]
    room = _MAX_NAME - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix


def is_archive_name(name: str) -> bool:
    """Whether a name has the suffix of an archive, or of a part of one."""
    return PurePosixPath(name).suffix.lower() in ARCHIVE_SUFFIXES or is_part_name(name)


def with_archive_suffix(name: str, archive: Path) -> str:
    """``name`` with the suffix of what ``archive`` is by its content, unless it has that of an archive.

    A project's documents lie in the same folder and have no such suffix, so no name can be theirs.
    """
    if is_archive_name(name):
        return name
    return f"{name}.{(detect_format(archive) or 'zip').rstrip('5')}"


def free_path(folder: Path, name: str) -> Path:
    """``folder/name``, or with ``_1``, ``_2`` … before the suffix when that is taken.

    Only for a folder that nobody else is writing to.
    """
    path, number = folder / name, 0
    while path.exists():
        number += 1
        path = folder / f"{PurePosixPath(name).stem}_{number}{PurePosixPath(name).suffix}"
    return path


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
