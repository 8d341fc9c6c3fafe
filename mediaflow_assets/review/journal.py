"""The journal of one received video: append-only, a line a version, each naming the one before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import translated_errors
from mediaflow_assets.review.edits import (
    ROOT_VERSION,
    Base,
    Edit,
    Sketch,
    Version,
    Via,
    VoiceSketch,
    canonical_digest,
    sealed,
)

FOLDER = "corrections"
"""Below the analysis store; without a time stamp in its name, so that nobody takes it for a project."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATIENCE = 60
"""Seconds to wait for another writer."""


class StaleParent(BadInput):
    """Somebody else wrote in between: what was said is about a state that is not the newest."""

    def __init__(self, subject: object, problem: str, remedy: str = "", head: str = "") -> None:
        super().__init__(subject, problem, remedy)
        self.head = head
        """The newest version."""


class Journal:
    """What people said about one received video.

    Args:
        archives: the analysis store's folder.
        state: the installation's ``state`` folder, for the lock of writers.
        video: SHA-256 of the received file.

    Raises:
        BadInput: ``video`` is no SHA-256.
    """

    def __init__(self, archives: Path, state: Path, video: str) -> None:
        if not _SHA256.fullmatch(video):
            raise BadInput(repr(video), "is not the SHA-256 of a received video", "Give its 64 digits")
        self.video = video
        self.path = archives / FOLDER / video[:2] / f"{video}.jsonl"
        self._lock = FileLock(state / "corrections.writing.lock", timeout=_PATIENCE)

    def versions(self) -> list[Version]:
        """All versions, oldest first; none where nobody ever said anything.

        A last line without an end was being written by a process that was killed: it does not count.

        Raises:
            BadInput: a line is damaged, of another video, or does not follow the one before.
        """
        return list(_checked(self.path, self.video, _lines(_read(self.path))))

    @property
    def head(self) -> str:
        """The newest version; 64 zeros where there is none."""
        lines = _lines(_read(self.path))
        return _version(self.path, len(lines), lines[-1]).version if lines else ROOT_VERSION

    def append(
        self,
        *,
        base: Base,
        by: str,
        via: Via,
        edits: Sequence[Edit] = (),
        undoes: str | None = None,
        sketches: dict[str, Sketch] | None = None,
        voices: dict[str, VoiceSketch] | None = None,
        note: str = "",
        parent: str | None = None,
    ) -> Version:
        """Write one version, on the disk when this returns.

        Args:
            parent: the version that the person saw; None takes the newest.

        Raises:
            StaleParent: ``parent`` is not the newest version.
            BadInput: there is nothing to write, or the journal is damaged.
            Unavailable: the disk is full, read-only or forbidden.
        """
        if not edits and undoes is None:
            raise BadInput("the correction", "says nothing", "Give at least one edit")
        with translated_errors(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                data = _read(self.path)
                known = list(_checked(self.path, self.video, _lines(data)))
                head = known[-1].version if known else ROOT_VERSION
                self._must_follow(parent, head, known)
                if undoes is not None and undoes not in {version.version for version in known}:
                    raise BadInput(undoes[:12], "is not a version of this video's corrections", "See: corrections log")
                version = sealed(
                    Version(
                        video=self.video,
                        parent=head,
                        at=datetime.now(UTC).isoformat(timespec="seconds"),
                        by=by,
                        via=via,
                        note=note,
                        base=base,
                        edits=tuple(edits),
                        undoes=undoes,
                        sketches=dict(sketches or {}),
                        voices=dict(voices or {}),
                    )
                )
                self._write(data, version)
        return version

    def _must_follow(self, parent: str | None, head: str, known: Sequence[Version]) -> None:
        if parent is None or parent == head:
            return
        last = known[-1] if known else None
        by = f" by {last.by} at {last.at}" if last else ""
        raise StaleParent(
            "the corrections", f"were changed in the meantime{by}", "Look at the change and say it again", head
        )

    def _write(self, data: bytes, version: Version) -> None:
        whole = data.rfind(b"\n") + 1
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if whole != len(data):
                os.ftruncate(descriptor, whole)
            line = msgspec.json.encode(version) + b"\n"
            written = os.pwrite(descriptor, line, whole)
            while written < len(line):
                written += os.pwrite(descriptor, line[written:], whole + written)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            _flush_folder(self.path.parent)


def journals(archives: Path) -> Iterator[Path]:
    """The files of all journals of a store."""
    root = archives / FOLDER
    if root.is_dir():
        yield from sorted(path for path in root.glob("??/*.jsonl") if _SHA256.fullmatch(path.stem))


def read_journal(path: Path, video: str) -> list[Version]:
    """The versions of a journal file that lies anywhere, for instance one that was exported.

    Raises:
        BadInput: it is missing, damaged, or of another video.
    """
    if not path.is_file():
        raise BadInput(path, "does not exist", "Name a file that was exported with: corrections export")
    return list(_checked(path, video, _lines(_read(path))))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _lines(data: bytes) -> list[bytes]:
    return data[: data.rfind(b"\n") + 1].splitlines()


def _checked(path: Path, video: str, lines: Sequence[bytes]) -> Iterator[Version]:
    parent = ROOT_VERSION
    for number, line in enumerate(lines, start=1):
        version = _version(path, number, line)
        said = msgspec.json.decode(line)
        del said["version"]
        if version.video != video:
            raise BadInput(path, f"line {number} is about another video", "Restore it from a backup")
        if version.parent != parent or version.version != canonical_digest(said):
            raise BadInput(path, f"line {number} was changed or is out of order", "Restore it from a backup")
        parent = version.version
        yield version


def _version(path: Path, number: int, line: bytes) -> Version:
    try:
        return msgspec.json.decode(line, type=Version)
    except msgspec.DecodeError as error:
        raise BadInput(path, f"line {number} is damaged ({error})", "Restore it from a backup") from error


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # not everywhere possible (SMB, some FUSE); the file itself is on the disk
    finally:
        os.close(descriptor)
