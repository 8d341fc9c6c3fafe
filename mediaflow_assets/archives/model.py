"""What an archive is made of, and what it may cost."""

from __future__ import annotations

import contextlib
import errno
import lzma
import re
import struct
import tarfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from mediaflow_assets.core.errors import BadInput, Unavailable

CHUNK = 1 << 20
"""Bytes read or written at a time."""

_LIBRARY_NUMBER = re.compile(r"^Error -?\d+ while \w+ data: ")
RATIO_FLOOR = 64 << 20
"""Bytes that a member, or an archive, may always unpack to. A silent sound track or an empty project
file legitimately shrinks a thousandfold; a bomb is only a bomb when it is large as well."""


@dataclass(frozen=True)
class Limits:
    """What an archive may ask of us; bytes are counted as they are written, never as declared.

    Args:
        max_bytes: largest sum of all unpacked files.
        max_entries: most files and folders.
        max_ratio: highest ratio of unpacked to archived bytes, of one member and of the whole.
            Honest archives of videos have a ratio of 1 to 3.
        max_memory: bytes of address space of the process that decodes 7z, RAR and odd ZIPs.
        timeout: seconds that this process may take.
        reserve: bytes that must stay free on the disk.
    """

    max_bytes: int
    max_entries: int
    max_ratio: float
    max_memory: int = 4 << 30
    timeout: float = 4 * 3600
    reserve: int = 0


class Finding(NamedTuple):
    """Something about an archive that its receiver should know."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive, as the archive describes it. Nothing here is trusted.

    ``name`` may hold any text, ``packed`` is None where the format does not tell it per member.
    """

    name: str
    type: Literal["file", "folder"] | str
    size: int
    packed: int | None = None
    crc32: int | None = None
    encrypted: bool = False


MAX_NAME_BYTES = 4096
"""Longest name that is kept until the policy judges it; see :mod:`names` for what is allowed."""
MAX_NAMES_BYTES = 32 << 20
"""Bytes of all names of an archive together. 100,000 honest paths have some ten million."""


class Members(list[Member]):
    """The entries of one archive, which never take more memory than honest ones.

    Args:
        archive: for messages.
        limits: how many there may be.
    """

    def __init__(self, archive: Path, limits: Limits) -> None:
        super().__init__()
        self._archive, self._limits = archive, limits
        self._bytes = 0

    def append(self, member: Member) -> None:
        """Add the next entry.

        Raises:
            BadInput: there are too many, or their names are too long.
        """
        self._bytes += len(member.name)
        if len(member.name) > MAX_NAME_BYTES or self._bytes > MAX_NAMES_BYTES:
            raise refuse(self._archive, "lists names that are far too long", "Do not open it; ask who sent it")
        super().append(member)
        check_count(self._archive, len(self), self._limits)


Contents = Generator[tuple[int, Iterator[bytes]], None, None]
"""(place in the list of members, content) of every file; each content must be read to its end before
the next. Sizes and check sums are verified by the time it ends."""


class Reader(Protocol):
    """One archive format."""

    def members(self) -> list[Member]:
        """Every entry in archive order, after the archive's structure was found whole."""
        ...

    def contents(self, members: list[Member]) -> Contents:
        """The bytes of every file among ``members``, in archive order."""
        ...

    def findings(self) -> list[Finding]:
        """What is odd about the structure, known after :meth:`members`."""
        ...


SPLIT = ("is one part of a split archive", "Ask for it in one piece")
"""Problem and remedy for a volume of a split archive, whatever its format."""


def refuse(archive: Path, problem: str, remedy: str = "Ask for the archive again") -> BadInput:
    """The one sentence that an archive ends in."""
    return BadInput(archive.name, problem, remedy)


def shown(name: str) -> str:
    """A name from an archive as a sentence may show it: quoted, harmless in a terminal, not too long."""
    return repr(name if len(name) <= 100 else f"{name[:99]}…")


def check_count(archive: Path, entries: int, limits: Limits) -> None:
    """Raises BadInput when there are too many entries."""
    if entries > limits.max_entries:
        remedy = "If it is honest, raise EXTRACT_MAX_ENTRIES"
        raise refuse(archive, f"has more than {limits.max_entries} files and folders", remedy)


def too_large(archive: Path, most: float) -> BadInput:
    """The sentence for an archive that unpacks to more than ``most`` bytes."""
    remedy = "If it is honest, raise EXTRACT_MAX_BYTES or EXTRACT_MAX_RATIO"
    return refuse(archive, f"unpacks to more than {most:.0f} bytes", remedy)


@contextlib.contextmanager
def translated_errors(archive: Path) -> Iterator[None]:
    """Turn what decoders raise on damaged data, and a full disk, into one sentence.

    Raises:
        BadInput: the archive is damaged.
        Unavailable: this machine cannot write or read (no space, no permission, a broken disk).
    """
    from backports import zstd

    damage = (EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, tarfile.TarError, struct.error, ValueError)
    try:
        yield
    except OSError as error:
        if error.errno is None:  # bz2 and gzip raise OSError without a number for bad data
            raise refuse(archive, f"is damaged ({_phrase(error)})") from error
        remedy = "Free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Check the disk"
        raise Unavailable(archive.name, f"cannot be unpacked here ({error.strerror})", remedy) from error
    except damage as error:
        raise refuse(archive, f"is damaged ({_phrase(error)})") from error


def _phrase(error: Exception) -> str:
    """What a decoder says, without the numbers of its library."""
    text = _LIBRARY_NUMBER.sub("", str(error).strip()).splitlines()
    return text[0][:200] if text else "it cannot be decoded"
