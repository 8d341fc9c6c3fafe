"""Names of a ZIP's members, most of which do not say how they are written.

Without the UTF-8 flag the specification means code page 437 (appendix D), but macOS writes UTF-8 without
saying so, others add the Info-ZIP Unicode path (4.6.9), and Windows writes its own code page: that of
Japan, China, Korea or Russia there. Which one it is can only be guessed, and from all names together.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from mediaflow_assets.archives.zip_entry import UTF8, Entry

DEFAULT = "cp437"
"""What the specification says."""
_SCRIPTS = {
    "cp932": r"[\u3005\u3040-\u30ff\u4e00-\u9fff]",
    "gb18030": r"[\u4e00-\u9fff]",
    "big5": r"[\u4e00-\u9fff]",
    "cp949": r"[\uac00-\ud7af]",
    "cp866": r"[\u0400-\u045f]",
    "cp1251": r"[\u0400-\u045f]",
}
"""Encodings, and the letters that names in them consist of."""
_WESTERN = (DEFAULT, "cp850", "cp1252")
_MIN_RUN = 2.0
"""Letters of such a script that stand together on average. Read so, an accent in a French name stands alone."""
_MIN_SHARE = 0.8
"""Of all characters beyond ASCII."""
_SAMPLE = 16 << 10
"""Bytes that are looked at."""


def member_name(raw: bytes, flags: int, unicode_path: bytes | None) -> str:
    """The text of a name as far as the archive tells; code page 437 where it does not."""
    declared_utf8 = bool(flags & UTF8)
    if not declared_utf8 and unicode_path and unicode_path[:5] == b"\1" + zlib.crc32(raw).to_bytes(4, "little"):
        raw, declared_utf8 = unicode_path[5:], True
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8" if declared_utf8 else DEFAULT, "replace")


def is_undeclared(entry: Entry) -> bool:
    """Whether nothing in the archive says how a name is written."""
    return not (entry.raw_name.isascii() or entry.flags & UTF8) and entry.name == entry.raw_name.decode(DEFAULT)


def guessed_encoding(raw_names: Sequence[bytes]) -> str:
    """The encoding of names that do not say theirs; code page 437 unless another one fits clearly better."""
    sample = b"\n".join(raw_names)[:_SAMPLE].rpartition(b"\n")[0] or b"\n".join(raw_names)
    for encoding in _ranked(sample, tuple(_SCRIPTS)):
        if _is_written_in(sample.decode(encoding, "replace"), _SCRIPTS[encoding]):
            return encoding
    if all(letter.isascii() or _is_latin(letter) for letter in sample.decode(DEFAULT)):
        return DEFAULT
    return next((found for found in _ranked(sample, _WESTERN)), DEFAULT)


def _ranked(sample: bytes, encodings: Sequence[str]) -> list[str]:
    """Those of ``encodings`` in which ``sample`` reads like text, best first."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(encodings), preemptive_behaviour=False)
    found = [name for match in matches for name in (match.encoding, *match.could_be_from_charset)]
    return [name for name in dict.fromkeys(found) if name in encodings]


def _is_written_in(text: str, letters: str) -> bool:
    """Whether nearly all beyond ASCII are runs of such letters that stand beside no ASCII word."""
    beyond = sum(not letter.isascii() for letter in text)
    runs = [len(run) for run in re.findall(f"(?<![A-Za-z]){letters}+(?![a-z])", text)]
    return bool(runs) and sum(runs) / len(runs) >= _MIN_RUN and sum(runs) / beyond >= _MIN_SHARE


def _is_latin(letter: str) -> bool:
    return "\u00a1" <= letter <= "\u024f"
