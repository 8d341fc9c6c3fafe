"""Where each member of an archive goes: one policy for all formats, decided before anything is written.

Two kinds of names are not ordinary. Those that only an attack or damage produces (a way out of the
folder, an absolute path, NUL, the same path twice) refuse the archive. Those that honest programs
produce and that would hurt later (characters that Windows forbids, invisible direction marks, names
that differ only in case) are changed in a way that depends on nothing but the archive, and reported.

Sources: "Naming Files, Paths, and Namespaces" (Microsoft) for reserved names and characters; Unicode
UAX #9 for direction marks; CVE-2021-37712 for collisions after normalization.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mediaflow_assets.archives.model import Finding, Member, refuse, shown

JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".dropbox.attr", "icon\r"})
JUNK_FOLDERS = frozenset({"__macosx"})
LONGEST_NAME = 255
"""Bytes of one name, the limit of every file system in use here."""
LONGEST_PATH = 1024
"""Bytes of a path inside a project, the limit of macOS (PATH_MAX)."""

_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_FORBIDDEN = re.compile(r'[<>"|?*]')
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{name}{digit}" for name in ("com", "lpt") for digit in "0123456789¹²³"}
)


@dataclass
class Plan:
    """Path of every member that is written, by its place in the archive."""

    paths: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def is_junk(name: str) -> bool:
    """Whether a file is something that macOS, Windows or Dropbox adds, at any level."""
    parts = re.split(r"[/\\]", name)
    if any(part.casefold() in JUNK_FOLDERS for part in parts):
        return True
    return parts[-1].casefold() in JUNK_FILES or parts[-1].startswith("._")


def plan(archive: Path, members: Sequence[Member]) -> Plan:
    """Decide the path of every file; a single root folder is packaging and left out.

    Raises:
        BadInput: a name or a type is refused, or nothing is left to write.
    """
    result = Plan()
    wanted: dict[int, tuple[str, ...]] = {}
    folders: set[tuple[str, ...]] = set()
    for index, member in enumerate(members):
        parts = _split(archive, member.name)
        if member.type not in ("file", "folder"):
            remedy = "Ask for an archive of plain files"
            raise refuse(archive, f"holds {shown(member.name)}, which is a {member.type}", remedy)
        if member.encrypted:
            raise refuse(archive, "is encrypted", "Ask for it without a password")
        folders.update(parts[:length] for length in range(1, len(parts) + (member.type == "folder")))
        if member.type == "file" and not is_junk(member.name):
            if not parts:
                raise refuse(archive, f"holds a file with the unusable name {shown(member.name)}", _HOSTILE)
            if "\\" in member.name:
                result.findings.append(Finding("backslash", f"{shown(member.name)} separates folders with backslashes"))
            wanted[index] = parts
    _no_duplicates(archive, wanted.values(), folders)
    if not wanted:
        raise refuse(archive, "holds no file", "Ask for the archive again, with its files")
    roots = {parts[0] for parts in wanted.values()}
    if len(roots) == 1 and all(len(parts) > 1 for parts in wanted.values()):
        wanted = {index: parts[1:] for index, parts in wanted.items()}
    _Names(archive, result).place(wanted)
    return result


_HOSTILE = "Do not open it; ask who sent it"


def _split(archive: Path, name: str) -> tuple[str, ...]:
    """The parts of a name; both kinds of slashes separate."""
    unsafe = refuse(archive, f"holds a file with the unsafe name {shown(name)}", _HOSTILE)
    absolute = name.startswith(("/", "\\")) and name != "/"  # Dropbox lists the root folder of a ZIP as "/"
    if "\0" in name or absolute or _DRIVE.match(name):
        raise unsafe
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", "."))
    # Some programs see two dots in other characters (U+2025, U+FF0E) and drop spaces after them.
    compatible = re.split(r"[/\\]", unicodedata.normalize("NFKC", name))
    if any(part.strip() == ".." for part in (*parts, *compatible)):
        raise unsafe
    if len("/".join(parts).encode("utf-8", "replace")) > LONGEST_PATH:
        raise refuse(archive, f"holds a path of more than {LONGEST_PATH} bytes ({shown(name)})", _HOSTILE)
    return parts


def _no_duplicates(archive: Path, files: Iterable[tuple[str, ...]], folders: set[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for parts in files:
        if parts in seen:
            raise refuse(archive, f"holds {shown('/'.join(parts))} twice", "Ask for an archive with distinct names")
        if parts in folders:
            raise refuse(archive, f"holds {shown('/'.join(parts))} as a file and as a folder", _HOSTILE)
        seen.add(parts)


class _Names:
    """Gives each path a name that is legal, and unique even where case and accents do not count."""

    def __init__(self, archive: Path, result: Plan) -> None:
        self._archive, self._result = archive, result
        self._taken: dict[tuple[str, str], str] = {}
        """(parent path, key of the name) to the name that took it."""
        self._folders: dict[tuple[str, ...], str] = {}
        self._files: set[str] = set()

    def place(self, wanted: dict[int, tuple[str, ...]]) -> None:
        """Folders first, so that a file never takes the name of a folder that others need."""
        for parts in wanted.values():
            for length in range(1, len(parts)):
                self._folder(parts[:length])
        for index, parts in wanted.items():
            self._result.paths[index] = self._file(parts)

    def _folder(self, parts: tuple[str, ...]) -> str:
        """The path of a folder; folders whose names are the same to some system become one."""
        if parts not in self._folders:
            parent = self._folders[parts[:-1]] if len(parts) > 1 else ""
            name = self._clean("/".join(parts), parts[-1])
            first = self._taken.setdefault((parent, _key(name)), name)
            if first != name:
                self._report("collision", "/".join(parts), f"joined {shown(first)}, which is the same on some systems")
            self._folders[parts] = f"{parent}/{first}" if parent else first
        return self._folders[parts]

    def _file(self, parts: tuple[str, ...]) -> str:
        parent = self._folders[parts[:-1]] if len(parts) > 1 else ""
        path = "/".join(parts)
        name = first = self._clean(path, parts[-1])
        number = 1
        while (parent, _key(name)) in self._taken:
            number += 1
            stem, suffix = _suffix(first)
            name = _shortened(stem, f" ({number}){suffix}")
        if number > 1:
            self._report("collision", path, f"became {shown(name)}: its name is taken on some systems")
        self._taken[parent, _key(name)] = name
        return f"{parent}/{name}" if parent else name

    def _clean(self, path: str, name: str) -> str:
        """``name`` without what some system forbids; each kind of change is reported once."""
        changes: list[str] = []

        def apply(kind: str, changed: str) -> None:
            nonlocal name
            if changed != name:
                changes.append(kind)
                name = changed

        apply("direction mark", _BIDI.sub("_", name))
        apply("control character", "".join("_" if unicodedata.category(c) in _UNPRINTABLE else c for c in name))
        apply("stream", name.replace(":", "_"))
        apply("forbidden character", _FORBIDDEN.sub("_", name))
        apply("trailing dot or space", name.rstrip(". ") or "_")
        apply("reserved name", f"_{name}" if name.partition(".")[0].strip().casefold() in _DEVICES else name)
        if len(name.encode()) > LONGEST_NAME:
            stem, suffix = _suffix(name)
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            apply("long name", _shortened(stem, f"~{digest}{suffix}"))
        for kind in changes:
            self._report(kind, path, f"became {shown(name)}")
        return name

    def _report(self, kind: str, path: str, what: str) -> None:
        self._result.findings.append(Finding(kind, f"{shown(path)} {what}"))


def _key(name: str) -> str:
    """What case-insensitive and normalizing file systems compare."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _suffix(name: str) -> tuple[str, str]:
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > 16:
        suffix = ""
    return name.removesuffix(suffix), suffix


def _shortened(stem: str, end: str) -> str:
    """``stem`` and ``end`` in at most 255 bytes, never cut inside a character."""
    room = LONGEST_NAME - len(end.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + end
