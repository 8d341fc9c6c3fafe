"""Names that a destination can hold: exact where they can be, changed and listed where they cannot.

What Windows forbids: :mod:`mediaflow_assets.core.windows_names`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mediaflow_assets.core import windows_names
from mediaflow_assets.core.errors import BadInput

MAX_NAME = 255
"""Bytes of UTF-8 in a name on Linux file systems."""
_CUTS = (228, 100, 40)
"""Bytes that a shortened stem may have. 228 leaves room for the mark and the longest of our endings, so
that every document of one video is shortened to the same stem; some file systems take less."""
_PLAIN = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9 _.-]{0,98}[A-Za-z0-9_-])?")


def _accept_short(name: str) -> bool:
    return len(name.encode()) <= MAX_NAME


@dataclass(frozen=True)
class NameRules:
    """What a destination does with names.

    Args:
        windows: names that Windows forbids are changed.
        case_sensitive: ``a`` and ``A`` are two files.
        accepts: whether the file system takes a name and gives back the same one.
    """

    windows: bool = False
    case_sensitive: bool = True
    accepts: Callable[[str], bool] = _accept_short

    def fit(self, stem: str, ending: str) -> str:
        """``stem + ending`` if that is allowed, else the nearest name that is.

        Raises:
            BadInput: the file system takes none of them.
        """
        for name in _candidates(stem, ending):
            if self._allowed(name, stem):
                return name
        raise BadInput(repr(stem + ending), "is a name that the destination refuses", "Rename it in the archive")

    def key(self, path: str) -> str:
        """Two paths with the same key are one file at the destination."""
        return path if self.case_sensitive else unicodedata.normalize("NFC", path).casefold()

    def _allowed(self, name: str, stem: str) -> bool:
        if self.windows and (
            not windows_names.is_allowed(name) or (name.startswith(stem) and windows_names.is_device(stem))
        ):
            return False
        # Asking the file system about each ordinary name would cost minutes over a network.
        return _PLAIN.fullmatch(name) is not None or self.accepts(name)


def _candidates(stem: str, ending: str) -> Iterator[str]:
    """The name; without what Windows forbids; shortened; both."""
    mark = "~" + hashlib.sha256(stem.encode()).hexdigest()[:8]
    clean, clean_ending = _windows_stem(stem), windows_names.FORBIDDEN.sub("_", ending)
    yield stem + ending
    yield _without_loose_end(clean + clean_ending)
    for text, end in ((stem, ending), (clean, _without_loose_end(clean_ending))):
        for cut in _CUTS:
            yield text.encode()[:cut].decode(errors="ignore") + mark + end


def _windows_stem(stem: str) -> str:
    """``stem`` without forbidden characters; a device's name gets a mark in front."""
    clean = windows_names.FORBIDDEN.sub("_", stem)
    return f"_{clean}" if windows_names.is_device(clean) else clean


def _without_loose_end(name: str) -> str:
    kept = name.rstrip(" .")
    return kept + "_" * (len(name) - len(kept))
