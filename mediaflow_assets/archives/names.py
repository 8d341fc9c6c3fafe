"""Where each member of an archive goes: one policy for all formats, decided before anything is written.

Two kinds of names are not ordinary. Those that only an attack or damage produces (a way out of the
folder, an absolute path, NUL, the same path twice) refuse the archive. Those that honest programs
produce and that would hurt later (characters that Windows forbids, invisible direction marks, names
that differ only in case) are changed in a way that depends on nothing but the archive, and reported.

Sources: :mod:`windows_names` for reserved names and characters; Unicode
UAX #9 for direction marks; CVE-2021-37712 for collisions after normalization.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mediaflow_assets.archives.model import Finding, Limits, Member, check_count, refuse, shown
from mediaflow_assets.core.windows_names import FORBIDDEN_CHARACTERS, is_device

JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".dropbox.attr", "icon\r"})
JUNK_FOLDERS = frozenset({"__macosx"})
MAX_NAME = 255
"""Bytes of one name, the limit of every file system in use here."""
MAX_PATH = 1024
"""Bytes of a path inside a project, the limit of macOS (PATH_MAX)."""
MAX_DEPTH = 64
"""Folders inside each other. Each costs a folder on the disk, and a path of 1024 bytes could have 512."""
MAX_FINDINGS = 1000
"""Findings of one kind that are kept with their sentence."""

_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_FORBIDDEN = re.compile(f"[{re.escape(FORBIDDEN_CHARACTERS.replace(':', ''))}]")  # a colon has a finding of its own
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass
class NamePlan:
    """Path of every member that is written, by its place in the archive."""

    paths: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def report(self, kind: str, sentence: str) -> None:
        """Note a finding; of very many of one kind the rest is only counted."""
        self._counts[kind] += 1
        if self._counts[kind] <= MAX_FINDINGS:
            self.findings.append(Finding(kind, sentence))

    def close(self) -> None:
        """Say how many findings were only counted."""
        for kind, count in self._counts.items():
            if count > MAX_FINDINGS:
                self.findings.append(Finding(kind, f"and {count - MAX_FINDINGS} more of this kind"))


class _Folder:
    """A folder of the archive; each exists once, however many paths lead through it."""

    __slots__ = ("file_names", "folders", "name", "needed", "parent", "path")

    def __init__(self, name: str = "", parent: _Folder | None = None) -> None:
        self.name, self.parent = name, parent
        self.folders: dict[str, _Folder] = {}
        self.file_names: set[str] = set()
        self.needed = False
        """Whether a file below it is written."""
        self.path: str | None = None
        """Where it goes, once that is decided."""

    def archive_path(self, name: str) -> str:
        """The path in the archive of something in this folder."""
        parts = [name]
        folder: _Folder | None = self
        while folder is not None and folder.parent is not None:
            parts.append(folder.name)
            folder = folder.parent
        return "/".join(reversed(parts))


class _File(NamedTuple):
    member: int
    folder: _Folder
    name: str


def is_junk(name: str) -> bool:
    """Whether a file is something that macOS, Windows or Dropbox adds, at any level."""
    parts = re.split(r"[/\\]", name)
    if any(part.casefold() in JUNK_FOLDERS for part in parts):
        return True
    return parts[-1].casefold() in JUNK_FILES or parts[-1].startswith("._")


def plan(archive: Path, members: Sequence[Member], limits: Limits) -> NamePlan:
    """Decide the path of every file; a single root folder is packaging and left out.

    Folders that are only implied by the paths of files count like those that are listed. Time and
    memory are linear in the length of all names.

    Raises:
        BadInput: a name or a type is refused, there are too many folders, or nothing is left to write.
    """
    result = NamePlan()
    tree = _Tree(archive, limits)
    for index, member in enumerate(members):
        parts = _split(archive, member.name)
        if member.type not in ("file", "folder"):
            remedy = "Ask for an archive of plain files"
            raise refuse(archive, f"holds {shown(member.name)}, which is a {member.type}", remedy)
        if member.encrypted:
            raise refuse(archive, "is encrypted", "Ask for it without a password")
        if member.type == "folder":
            tree.folder(parts)
            continue
        if is_junk(member.name):
            tree.folder(parts[:-1])
            continue
        if not parts:
            raise refuse(archive, f"holds a file with the unusable name {shown(member.name)}", _HOSTILE)
        if "\\" in member.name:
            result.report("backslash", f"{shown(member.name)} separates folders with backslashes")
        tree.add_file(index, parts)
    tree.check()
    if not tree.files:
        raise refuse(archive, "holds no file", "Ask for the archive again, with its files")
    _Names(archive, result).place(tree.files, tree.packaging())
    result.close()
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
    if len("/".join(parts).encode("utf-8", "replace")) > MAX_PATH:
        raise refuse(archive, f"holds a path of more than {MAX_PATH} bytes ({shown(name)})", _HOSTILE)
    if len(parts) > MAX_DEPTH:
        remedy = "Ask for it with fewer folders inside each other"
        raise refuse(archive, f"holds a path of more than {MAX_DEPTH} folders ({shown(name)})", remedy)
    return parts


class _Tree:
    """Every folder that the archive lists or implies, and the files that are written."""

    def __init__(self, archive: Path, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        self._root = _Folder()
        self._count = 0
        self.files: list[_File] = []

    def folder(self, parts: Sequence[str]) -> _Folder:
        """The folder at a path, which is made with all that lead to it."""
        here = self._root
        for part in parts:
            below = here.folders.get(part)
            if below is None:
                below = here.folders[part] = _Folder(part, here)
                self._grow()
            here = below
        return here

    def add_file(self, index: int, parts: Sequence[str]) -> None:
        """Note a file that is written.

        Raises:
            BadInput: it is there already.
        """
        folder, name = self.folder(parts[:-1]), parts[-1]
        if name in folder.file_names:
            remedy = "Ask for an archive with distinct names"
            raise refuse(self._archive, f"holds {shown('/'.join(parts))} twice", remedy)
        folder.file_names.add(name)
        self.files.append(_File(index, folder, name))
        self._grow()
        above: _Folder | None = folder
        while above is not None and not above.needed:
            above.needed, above = True, above.parent

    def check(self) -> None:
        """Raises BadInput when something is a file and a folder."""
        for _, folder, name in self.files:
            if name in folder.folders:
                path = shown(folder.archive_path(name))
                raise refuse(self._archive, f"holds {path} as a file and as a folder", _HOSTILE)

    def packaging(self) -> _Folder:
        """The folder that all files lie in: the archive itself, or the single folder in its root."""
        needed = [folder for folder in self._root.folders.values() if folder.needed]
        return needed[0] if len(needed) == 1 and not self._root.file_names else self._root

    def _grow(self) -> None:
        self._count += 1
        check_count(self._archive, self._count, self._limits)


class _Names:
    """Gives each path a name that is legal, and unique even where case and accents do not count."""

    def __init__(self, archive: Path, result: NamePlan) -> None:
        self._archive, self._result = archive, result
        self._taken: dict[tuple[str, str], str] = {}
        """(parent path, key of the name) to the name that took it."""
        self._numbers: dict[tuple[str, str], int] = {}
        """(parent path, key of a stem as short as any number makes it) to the last number that was tried."""

    def place(self, files: Sequence[_File], root: _Folder) -> None:
        """Folders first, so that a file never takes the name of a folder that others need."""
        root.path = ""
        for _, folder, _ in files:
            self._folder(folder)
        for file in files:
            self._result.paths[file.member] = self._file(file)

    def _folder(self, folder: _Folder) -> str:
        """The path of a folder; folders whose names are the same to some system become one."""
        if folder.path is None:
            parent = self._folder(folder.parent) if folder.parent is not None else ""
            path = folder.archive_path("").rstrip("/")
            name = self._clean(path, folder.name)
            first = self._taken.setdefault((parent, _key(name)), name)
            if first != name:
                self._report("collision", path, f"joined {shown(first)}, which is the same on some systems")
            folder.path = f"{parent}/{first}" if parent else first
        return folder.path

    def _file(self, file: _File) -> str:
        parent = self._folder(file.folder)
        path = file.folder.archive_path(file.name)
        name = self._clean(path, file.name)
        if (parent, _key(name)) in self._taken:
            name = self._numbered(parent, name)
            self._report("collision", path, f"became {shown(name)}: its name is taken on some systems")
        self._taken[parent, _key(name)] = name
        return f"{parent}/{name}" if parent else name

    def _numbered(self, parent: str, taken: str) -> str:
        """A free name beside ``taken``. No number is tried twice for the same stem, so that thousands of
        names that are alike take no longer than others."""
        stem, suffix = _suffix(taken)
        counter = parent, _key(_shortened(stem, f" ({0:09}){suffix}"))
        number = self._numbers.get(counter, 1)
        while True:
            number += 1
            name = _shortened(stem, f" ({number}){suffix}")
            if (parent, _key(name)) not in self._taken:
                self._numbers[counter] = number
                return name

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
        apply("reserved name", f"_{name}" if is_device(name) else name)
        if len(name.encode()) > MAX_NAME:
            stem, suffix = _suffix(name)
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            apply("long name", _shortened(stem, f"~{digest}{suffix}"))
        for kind in changes:
            self._report(kind, path, f"became {shown(name)}")
        return name

    def _report(self, kind: str, path: str, what: str) -> None:
        self._result.report(kind, f"{shown(path)} {what}")


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
    room = MAX_NAME - len(end.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + end
