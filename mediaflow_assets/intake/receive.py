"""Bringing a registered upload's archive into the project's downloads folder, verified."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from mediaflow_assets.errors import BadInput
from mediaflow_assets.files import atomic_path, contained, sha256_of
from mediaflow_assets.formats.manifest import Origin, read_document, write_document
from mediaflow_assets.layout import ProjectFolders

Fetch = Callable[[Origin, Path], Path]
"""Downloads an origin's archive into a folder and returns the file."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """The archive of a project as it lies in the downloads folder."""

    file: str
    sha256: str
    bytes: int


def receive(folders: ProjectFolders, fetch: Fetch) -> tuple[Received, Path]:
    """Make sure that the archive of a registered project is here; idempotent.

    An inbox file is moved, another local file is linked (copied where links are impossible) so
    that the sender's own file stays where it is, a link from a webhook is downloaded.

    Raises:
        BadInput: the file is gone or changed, or what arrived is not an archive.
    """
    document = folders.downloads / "received.json"
    origin = read_document(folders.origin, Origin)
    if document.exists():
        received = read_document(document, Received)
        path = contained(folders.downloads, received.file)
        if path.exists() and path.stat().st_size == received.bytes and sha256_of(path) == received.sha256:
            return received, path
    path = _bring(origin, folders.downloads, fetch)
    received = Received(file=path.name, sha256=sha256_of(path), bytes=path.stat().st_size)
    if origin.identity.startswith("sha256:") and origin.identity != f"sha256:{received.sha256}":
        raise BadInput(origin.path, "has changed since it was registered", "Register it again")
    write_document(document, received)
    return received, path


def _bring(origin: Origin, downloads: Path, fetch: Fetch) -> Path:
    if origin.kind == "webhook":
        return fetch(origin, downloads)
    if origin.path is None:
        raise BadInput(origin.project, "has neither a file nor a link", "Register it again")
    source = Path(origin.path)
    target = contained(downloads, origin.filename)
    if not source.exists():
        if target.exists():  # moved here by a run that was stopped before it could say so
            return target
        raise BadInput(source, "does not exist any more", "Put it back or register it again")
    if origin.kind == "inbox":
        _move(source, target)
    else:
        _link(source, target)
    return target


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError:  # another file system: copy whole, then remove
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
        source.unlink()


def _link(source: Path, target: Path) -> None:
    if target.exists():
        target.unlink()
    try:
        target.hardlink_to(source)
    except OSError:
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
