"""The proof of a delivery: what every file contained when it was delivered.

The tag files are those of BagIt (RFC 8493): ``manifest-sha256.txt``, ``bag-info.txt`` with
``Payload-Oxum``, ``bagit.txt``. They lie beside the payload, which is ``docs/`` instead of BagIt's
``data/``; but :func:`write_view` makes a bag of the usual form, for tools that know no other.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import contained, write_atomic
from mediaflow_assets.delivery.copying import read_back
from mediaflow_assets.delivery.places import ROOT
from mediaflow_assets.delivery.plan import DeliveredFile

MANIFEST = "manifest-sha256.txt"
RENAMED = "renamed-files.csv"
MHL = "ascmhl"
_OURS = re.compile(rf"{MANIFEST}|{RENAMED}|bagit\.txt|bag-info\.txt|{MHL}/(ascmhl_chain\.xml|0001_[^/]*)", re.DOTALL)
_JUNK = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""What Finder and Explorer leave in folders that people look at."""
_LINE = re.compile(r"([0-9a-fA-F]{64})[ \t]+\*?(.+)", re.DOTALL)


def manifest_text(files: Iterable[tuple[str, str]]) -> str:
    """The manifest of ``(sha256, path)`` pairs, sorted by path."""
    lines = sorted((path, digest) for digest, path in files)
    return "".join(f"{digest}  {_escaped(path)}\n" for path, digest in lines)


def write_bag(folder: Path, files: Iterable[DeliveredFile], project: str, notes: Sequence[str] = ()) -> None:
    """Write the tag files of a new delivery, and a list of the names that had to be changed.

    Args:
        notes: sentences for whoever receives it, as ``External-Description``.
    """
    listed = list(files)
    renamed = [file for file in listed if file.path != file.wanted]
    if renamed:
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(("Delivered as", "Name"))
        rows.writerows((file.path, file.wanted) for file in renamed)
        write_atomic(folder / RENAMED, text.getvalue())
    write_tags(folder, {file.path: file.sha256 for file in listed}, project, notes)


def write_tags(folder: Path, files: Mapping[str, str], project: str = "", notes: Sequence[str] = ()) -> None:
    """Write the tag files; the manifest is last, so its presence means that everything is there.

    Args:
        files: path below ``folder`` to sha256; every one is there.
        project: the delivery's identifier; by default the name of the folder.
        notes: see :func:`write_bag`.
    """
    size = sum((folder / path).stat().st_size for path in files)
    info = {
        "Bagging-Date": datetime.now(UTC).date().isoformat(),
        "Bag-Software-Agent": "mediaflow-assets",
        "External-Identifier": project or folder.name,
        "Payload-Oxum": f"{size}.{len(files)}",
    }
    write_atomic(folder / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    lines = [*info.items(), *(("External-Description", " ".join(note.split())) for note in notes)]
    write_atomic(folder / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in lines))
    write_atomic(folder / MANIFEST, manifest_text((digest, path) for path, digest in files.items()))


def read_manifest(folder: Path) -> dict[str, str]:
    """Path to sha256 of every file of a delivery.

    Raises:
        BadInput: there is no manifest, or a line of it is damaged.
    """
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(folder, f"has no {MANIFEST}", "It is not a delivered project, or not a whole one") from None
    except UnicodeDecodeError as error:
        raise BadInput(path, f"is damaged ({error.reason})", "Deliver the project again") from error
    except OSError as error:
        raise BadInput(path, f"cannot be read ({error.strerror})", "Check the disk, or deliver it again") from error
    files = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadInput(path, f"is damaged in line {number}", "Deliver the project again")
        files[_unescaped(match[2])] = match[1].lower()
    return files


def write_view(folder: Path, view: Path) -> None:
    """Make a bag as RFC 8493 wants it of a delivery: the same files, in ``data`` instead of ``docs``.

    They are hard links where ``view`` is on the same file system and that has them, else copies;
    symbolic links that lead out of a bag are refused by verifiers.

    Args:
        folder: a delivered project.
        view: a new folder.

    Raises:
        BadInput: the delivery has no readable manifest, or ``view`` exists.
    """
    listed = read_manifest(folder)
    if view.exists():
        raise BadInput(view, "exists already", "Name a folder that does not")
    moved = {path: f"data/{path.removeprefix(f'{ROOT}/')}" for path in listed}
    for path, target in moved.items():
        copy = contained(view, target)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.hardlink_to(contained(folder, path))
        except OSError:
            shutil.copyfile(contained(folder, path), copy)
    for name in ("bagit.txt", "bag-info.txt"):
        write_atomic(view / name, (folder / name).read_bytes())
    write_atomic(view / MANIFEST, manifest_text((listed[path], target) for path, target in moved.items()))


@dataclass(frozen=True)
class Inspection:
    """What re-reading a delivery found; paths below the project's folder."""

    folder: Path
    files: int
    """Files of the manifest that are there and right."""
    bytes: int
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    """Files that the delivery did not make; not a fault of what was delivered."""

    @property
    def intact(self) -> bool:
        return not (self.missing or self.changed)


def inspect(folder: Path, *, content: bool = True, advance: Callable[[int], None] = lambda _: None) -> Inspection:
    """Compare a delivered folder with its manifest.

    Args:
        content: read every byte; otherwise only ``Payload-Oxum``, that is which files there are and
            how many bytes they have together.
        advance: told the bytes of each file that has been looked at.

    Raises:
        BadInput: the folder has no readable manifest.
    """
    listed = read_manifest(folder)
    missing, changed, total = [], [], 0
    for path in sorted(listed):
        try:
            size = _size(contained(folder, path))
            if size is None:
                missing.append(path)
                continue
            if content and read_back(contained(folder, path)) != listed[path]:
                changed.append(path)
        except (BadInput, OSError):  # a failing disk, or a link that leads outside
            changed.append(path)
            continue
        total += size
        advance(size)
    files = len(listed) - len(missing) - len(changed)
    if not content and files == len(listed) and _oxum(folder) != (total, files):
        changed.append(f"{ROOT}/ (has {total} bytes in {files} files, not Payload-Oxum)")
        files -= 1
    return Inspection(
        folder,
        files=files,
        bytes=total,
        missing=tuple(missing),
        changed=tuple(changed),
        unexpected=tuple(_unlisted(folder, listed)),
    )


def foreign_files(folder: Path) -> list[str]:
    """Files in a delivered folder that we did not write there, or that were changed since.

    They are somebody's work: nothing removes a folder that has them. What file managers leave is
    nobody's, and of an ASC MHL history only the first generation is ours.
    """
    outside = [path for path in _paths(folder, folder) if not path.startswith(f"{ROOT}/") and not _OURS.fullmatch(path)]
    try:
        found = inspect(folder)
        unlisted, changed = found.unexpected, found.changed
    except BadInput:
        unlisted, changed = tuple(_paths(folder, folder / ROOT)), ()
    return sorted([*(path for path in (*outside, *unlisted) if not _is_junk(path)), *changed])


def version(files: Mapping[str, str]) -> str:
    """SHA-256 of the manifest of ``path -> sha256``: equal content, equal version."""
    return hashlib.sha256(manifest_text((digest, path) for path, digest in files.items()).encode()).hexdigest()


def _paths(folder: Path, below: Path) -> Iterator[str]:
    """Paths from ``folder`` of everything under ``below`` that is not a folder, or cannot be listed."""
    closed: list[OSError] = []
    for parent, _, names in os.walk(below, onerror=closed.append):
        for name in names:
            yield Path(parent, name).relative_to(folder).as_posix()
    for error in closed:
        if not isinstance(error, FileNotFoundError):
            yield Path(error.filename).relative_to(folder).as_posix()


def _is_junk(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("._") or name.casefold() in _JUNK


def _unlisted(folder: Path, listed: Iterable[str]) -> list[str]:
    """Payload that the manifest does not name; some file systems list names in another case or form."""
    known = set(listed)
    other = [path for path in _paths(folder, folder / ROOT) if path not in known]
    folded = {_folded(path): path for path in known} if other else {}
    return sorted(
        path for path in other if (twin := folded.get(_folded(path))) is None or not _same(folder / twin, folder / path)
    )


def _same(one: Path, other: Path) -> bool:
    """Whether two names are those of one file; not, when that cannot be seen."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _size(path: Path) -> int | None:
    """Bytes of a file; None where there is none."""
    return path.stat().st_size if path.is_file() else None


def _oxum(folder: Path) -> tuple[int, int] | None:
    try:
        text = (folder / "bag-info.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    match = re.search(r"^Payload-Oxum: (\d+)\.(\d+)$", text, re.MULTILINE)
    return (int(match[1]), int(match[2])) if match else None


def _escaped(path: str) -> str:
    """Line breaks as RFC 8493 writes them, and ``%`` only where it could be taken for one of them.

    The RFC escapes every ``%``; readers in use (``bagit`` 1.9, ``sha256sum``) do not take that back.
    """
    path = re.sub(r"%(?=25|0[AaDd])", "%25", path)
    return path.replace("\n", "%0A").replace("\r", "%0D")


def _unescaped(path: str) -> str:
    return re.sub(r"%(25|0[AaDd])", lambda match: chr(int(match[1], 16)), path)
