"""What is known of a delivery after its work files are gone: ``state/deliveries/<project>/delivery.json``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import contained, exclusive, remove_leftovers
from mediaflow_assets.formats.manifest import Master, read_document, write_document


class DeliveredVideo(msgspec.Struct, frozen=True, kw_only=True):
    """One video of a delivery."""

    master: Master
    paths: dict[str, str]
    """``video``, ``scenes``, ``audio``, ``tracking`` to the path below the delivered folder."""


class LeftOutVideo(msgspec.Struct, frozen=True, kw_only=True):
    """One video that a delivery goes without."""

    id: str
    path: str
    """In the received archive."""
    sha256: str
    """Of the received file."""
    stage: str
    """Asset that could not make it."""
    sentence: str


class DeliveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The newest delivery of a project."""

    project: str
    """Partition key."""
    name: str
    archive_name: str
    """The project's folder in the analysis store."""
    folder: str
    delivered_at: str
    """ISO 8601, UTC; when the delivered content last changed."""
    manifest_sha256: str
    """Of the listed content, in the order of paths: :func:`mediaflow_assets.delivery.bag.version`."""
    bytes: int
    files: int
    videos: tuple[DeliveredVideo, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    """(path as delivered, path that was wanted)."""
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOutVideo, ...] = ()
    review: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    """Id of a video to the digest of the corrections that are applied to it; those without any are not in it."""

    @property
    def applied(self) -> dict[str, str]:
        """:attr:`review`, empty for deliveries without corrections."""
        return {} if isinstance(self.review, msgspec.UnsetType) else self.review

    @property
    def without(self) -> str:
        """What is left out and why, in one line; empty when it is complete."""
        return " | ".join(video.sentence for video in self.left_out)


class DeliveryRecords:
    """Args:
    state: the installation's ``state`` folder.
    """

    def __init__(self, state: Path) -> None:
        self._root = state / "deliveries"

    def folder(self, project: str) -> Path:
        """The project's own folder."""
        return contained(self._root, project)

    @contextmanager
    def owned(self, project: str) -> Iterator[None]:
        """Nobody else delivers the project meanwhile; what one that was killed left in its folder is removed.

        Raises:
            Unavailable: somebody else delivers it.
        """
        with exclusive(self.folder(project)):
            remove_leftovers(self.folder(project))
            yield

    def put(self, record: DeliveryRecord) -> Path:
        """Replace the record of a project."""
        return write_document(self.folder(record.project) / "delivery.json", record)

    def get(self, project: str) -> DeliveryRecord | None:
        """The record of a project that was delivered."""
        path = self.folder(project) / "delivery.json"
        return read_document(path, DeliveryRecord) if path.exists() else None

    def at(self, folder: Path) -> DeliveryRecord | None:
        """The record of the delivery that is in ``folder``, if it is the newest one of a project."""
        for path in sorted(self._root.glob("*/delivery.json")):
            try:
                record = read_document(path, DeliveryRecord)
            except BadInput:  # another project's damage; a record that says nothing says nothing of this folder
                continue
            if Path(record.folder).resolve() == folder.resolve():
                return record
        return None

    def projects(self) -> list[str]:
        """Keys of the projects that have a record."""
        return [path.parent.name for path in sorted(self._root.glob("*/delivery.json"))]

    def all(self) -> list[DeliveryRecord]:
        """Every record, by project."""
        return [read_document(path, DeliveryRecord) for path in sorted(self._root.glob("*/delivery.json"))]


def now() -> str:
    """The present time as records write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
