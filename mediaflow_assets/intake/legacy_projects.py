"""Past projects: recognising them on disk, and which of their files are what was once received.

A project folder of the replaced application, and a delivery of this one, hold the results of an
analysis beside the videos. Those are left out: they are made again, and would be delivered twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mediaflow_assets.archives.detect_format import describe
from mediaflow_assets.archives.extract import is_archive
from mediaflow_assets.archives.names import is_junk
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import contained, copy_file
from mediaflow_assets.formats.manifest import OriginKind
from mediaflow_assets.intake.fingerprint import fingerprint, fingerprint_of_files
from mediaflow_assets.intake.register import UploadRequest
from mediaflow_assets.video.probe import is_video

DOCS = "docs"
"""Folder with the content, in a project folder of the replaced application and in a delivery."""

_RESULTS = (
    "{stem}.csv",
    "{stem}_scenes.csv",
    "{stem}.json",
    "{stem}_audio.json",
    "{stem}_audio.json.gz",
    "{stem}_tracking.json",
)
"""What an analysis puts beside ``<stem>.<any video suffix>``."""
_DELIVERY = "bagit.txt"


class Found(NamedTuple):
    """What lies at a path."""

    arrivals: list[UploadRequest]
    origins: list[Path]
    """Origin documents of projects that were registered here before."""
    problems: list[str]
    """Whatever is neither an archive nor a project, with the reason."""


def find(paths: Iterable[Path]) -> Found:
    """Past projects at ``paths``: archives, project folders, and folders full of these (one level).

    A folder is a project if it has a folder ``docs`` with a video in it, or holds a video itself. One
    of a downloads folder is known by its origin document.
    """
    found = Found([], [], [])
    for path in paths:
        path = path.expanduser().absolute()
        with _noted(found, path):
            if path.is_dir() and not (path / "origin.json").is_file() and not _is_project(path):
                children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
                for child in children:
                    _add(found, child)
                if not children:
                    found.problems.append(f"{path}: is empty")
            else:
                _add(found, path)
    return found


def arrival_of(path: Path) -> UploadRequest:
    """One archive or project folder.

    Raises:
        BadInput: it is neither.
        OSError: it cannot be read, or does not exist.
    """
    if not path.is_dir():
        if not path.is_file():
            path.stat()  # raises when it is a link to nothing, or does not exist
            raise BadInput(path, "is neither a file nor a folder", "Leave it out")
        if not is_archive(path):
            raise BadInput(path, *describe(path))
        found = fingerprint(path)
        return UploadRequest(kind="file", filename=path.name, identity=found, path=path, fingerprint=found)
    if not _is_project(path):
        raise BadInput(path, "is neither an archive nor a project folder", f"A project has videos, or {DOCS}/ has")
    files = project_files(path)
    found = fingerprint_of_project(path, files)
    # A delivery is called by its partition key, a project folder of before by its human name.
    kind: OriginKind = "folder" if (path / _DELIVERY).exists() else "legacy"
    return UploadRequest(kind=kind, filename=path.name, identity=found, path=path, fingerprint=found)


def project_files(folder: Path) -> list[str]:
    """What was received, of a project folder: POSIX paths relative to it, sorted.

    Without results of an analysis, junk, hidden files, temporary files and symbolic links.
    """
    root = _content(folder)
    paths = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    results = {path.with_name(name.format(stem=path.stem)) for path in paths if is_video(path) for name in _RESULTS}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in paths
        if path not in results and not _left_out(path.relative_to(root))
    )


def fingerprint_of_project(folder: Path, files: Iterable[str]) -> str:
    """Fingerprint of the content, wherever the folder lies."""
    root = _content(folder)
    return fingerprint_of_files(root, [(folder / file).relative_to(root).as_posix() for file in files])


def adopt(folder: Path, target: Path) -> None:
    """Make ``target`` a copy of what was received in a project folder; it shares nothing that can be changed there."""
    root = _content(folder)
    for file in project_files(folder):
        path = contained(target, (folder / file).relative_to(root).as_posix())
        copy_file(folder / file, path)


def _add(found: Found, path: Path) -> None:
    with _noted(found, path):
        if (path / "origin.json").is_file():
            found.origins.append(path / "origin.json")
        else:
            found.arrivals.append(arrival_of(path))


@contextmanager
def _noted(found: Found, path: Path) -> Iterator[None]:
    """What cannot be used is a problem of its own, and no reason to leave out the rest."""
    try:
        yield
    except BadInput as error:
        found.problems.append(error.sentence)
    except FileNotFoundError:
        found.problems.append(f"{path}: does not exist")
    except OSError as error:
        found.problems.append(f"{path}: cannot be read ({error.strerror})")


def _is_project(folder: Path) -> bool:
    docs = folder / DOCS
    candidates = [*folder.iterdir(), *(docs.rglob("*") if docs.is_dir() else ())]
    return any(path.is_file() and is_video(path) for path in candidates)


def _content(folder: Path) -> Path:
    docs = folder / DOCS
    return docs if docs.is_dir() else folder


def _left_out(relative: Path) -> bool:
    hidden = any(part.startswith(".") for part in relative.parts)
    return hidden or is_junk(relative.as_posix()) or ".temp_conversion" in relative.name
