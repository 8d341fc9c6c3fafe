"""Bringing a registered upload's content into reach, verified; idempotent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import contained, copy_file, sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.formats.manifest import Origin, read_document, write_document
from mediaflow_assets.intake.fingerprint import fingerprint
from mediaflow_assets.intake.legacy_projects import fingerprint_of_project, project_files
from mediaflow_assets.intake.naming import free_path, is_archive_name, with_archive_suffix

Fetch = Callable[[Origin, Path], Path]
"""Downloads an origin's archive into a folder and returns the file."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a project as it was received."""

    file: str
    """The archive in the downloads folder; empty when the content is a folder that stays where it is."""
    sha256: str
    """Of the archive; of a folder, its fingerprint."""
    bytes: int
    fingerprint: str = ""
    folder: str | None = None
    """Where the content is, when it is a folder."""


def receive(folders: ProjectFolders, fetch: Fetch) -> tuple[Received, Path]:
    """Make sure that the content of a registered project is here.

    An inbox file is moved; another local archive is copied, so that the sender's own file stays where it
    is and nobody changes ours with it; a link from a webhook is downloaded; a folder is only looked at.
    Of several processes, one does it and the others wait for it.

    Raises:
        BadInput: the file is gone or changed, or what arrived is not an archive.
    """
    origin = read_document(folders.origin, Origin)
    with FileLock(folders.downloads / ".receive.lock"):
        if origin.kind in ("folder", "legacy"):
            received = _look(origin)
            path = Path(received.folder or "")
        else:
            known = _known(folders)
            if known is not None:
                return known
            path = _adopted(folders) or _bring(origin, folders.downloads, fetch)
            received = Received(
                file=path.name,
                sha256=sha256_of(path),
                bytes=path.stat().st_size,
                fingerprint=fingerprint(path),
            )
            if origin.identity not in _identities(origin.identity, received):
                raise BadInput(origin.path, "has changed since it was registered", "Register it again")
        write_document(folders.received, received)
    return received, path


def content_of(folders: ProjectFolders) -> tuple[Received, Path]:
    """What was received, and the archive or folder that it is.

    Raises:
        BadInput: nothing was received yet.
    """
    received = read_document(folders.received, Received)
    if received.folder is not None:
        return received, Path(received.folder)
    return received, contained(folders.downloads, received.file)


def set_aside(folders: ProjectFolders) -> None:
    """Let the next run fetch a downloaded archive anew; what was received stays, as ``<name>.refused``.

    Raises:
        BadInput: the project was not downloaded.
        Unavailable: a run is receiving it.
    """
    origin = read_document(folders.origin, Origin)
    if origin.kind != "webhook":
        raise BadInput(
            folders.key, "was not downloaded", f"Register it again, or: mediaflow history retry {folders.key}"
        )
    try:
        with FileLock(folders.downloads / ".receive.lock", timeout=0):
            folders.received.unlink(missing_ok=True)
            for archive in _archives(folders.downloads):
                archive.rename(free_path(folders.downloads, f"{archive.name}.refused"))
    except Timeout:
        raise Unavailable(folders.key, "is being received by a run", "Wait for that run, or stop it") from None


def _known(folders: ProjectFolders) -> tuple[Received, Path] | None:
    if not folders.received.exists():
        return None
    received = read_document(folders.received, Received)
    path = contained(folders.downloads, received.file)
    if path.exists() and path.stat().st_size == received.bytes and sha256_of(path) == received.sha256:
        _make_own(path)
        return received, path
    return None


def _adopted(folders: ProjectFolders) -> Path | None:
    """An archive that a run brought here before it was stopped; it is whole, as it has its final name."""
    if folders.received.exists():
        return None  # what it names is damaged or gone; nothing else here was received
    return next(iter(_archives(folders.downloads)), None)


def _archives(downloads: Path) -> list[Path]:
    visible = [path for path in downloads.iterdir() if path.is_file() and not path.name.startswith(".")]
    return [path for path in visible if is_archive_name(path.name)]


def _identities(identity: str, received: Received) -> tuple[str, ...]:
    """The identities that fit what was received; those that say nothing about content always fit."""
    if identity.startswith("sha256:"):
        return (f"sha256:{received.sha256}",)
    if identity.startswith("sample:"):
        return (received.fingerprint,)
    return (identity,)


def _look(origin: Origin) -> Received:
    folder = Path(origin.path or "")
    if not folder.is_dir():
        raise BadInput(folder, "does not exist any more", "Put it back, or import it from where it is now")
    files = project_files(folder)
    found = fingerprint_of_project(folder, files)
    if origin.identity != found:
        raise BadInput(folder, "has changed since it was registered", "Import it again")
    size = sum((folder / file).stat().st_size for file in files)
    return Received(file="", sha256=found, bytes=size, fingerprint=found, folder=str(folder))


def _bring(origin: Origin, downloads: Path, fetch: Fetch) -> Path:
    if origin.kind == "webhook":
        return fetch(origin, downloads)
    if origin.path is None:
        raise BadInput(origin.project, "has neither a file nor a link", "Register it again")
    source = Path(origin.path)
    if not source.exists():
        raise BadInput(source, "does not exist any more", "Put it back or register it again")
    target = free_path(downloads, with_archive_suffix(origin.filename, source))
    if origin.kind == "inbox":
        _move(source, target)
    else:
        copy_file(source, target)
    return target


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:  # another file system: copy whole, then remove
        copy_file(source, target)
        source.unlink()
    _make_own(target)


def _make_own(archive: Path) -> None:
    """Let no other name lead to a received archive: whoever writes there would change it."""
    if archive.stat().st_nlink > 1:
        copy_file(archive, archive)
