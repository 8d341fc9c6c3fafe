"""What a project consists of: its origin, its videos, its 25-fps masters.

Three small documents, each owned by the asset that writes it:

=====================  ============================  ==========================================
document               file                          written by
=====================  ============================  ==========================================
:class:`Origin`        ``downloads/<p>/origin.json``  whoever registers the project
:class:`Extraction`    ``extracted/manifest.json``    ``extracted_archive``
:class:`Masters`       ``video/manifest.json``        ``video_25fps``
=====================  ============================  ==========================================
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic

OriginKind = Literal["webhook", "inbox", "file", "folder", "legacy"]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a project came from, written before anything else of it exists."""

    project: str
    """Partition key."""
    name: str
    """Human name, for example ``13 Camille``."""
    kind: OriginKind
    registered_at: str
    """ISO 8601, UTC."""
    identity: str
    """What makes this upload the same upload: a canonical URL, or a hash of the content with its kind
    in front."""
    filename: str
    name_is_guessed: bool = False
    """Whether nobody said ``filename``, so that the server's answer may name the file."""
    path: str | None = None
    """Local file or folder, for every kind but ``webhook``."""
    urls: tuple[str, ...] = ()
    """URLs to try in order, for kind ``webhook``."""
    sent_at: str | None = None
    """The sender's time stamp, ISO 8601 UTC."""

    @property
    def archive_name(self) -> str:
        """Folder of this project in the analysis store: ``13 Camille 2026-11-21_10-00-00``."""
        stamp = datetime.fromisoformat(self.registered_at)
        return f"{self.name} {stamp:%Y-%m-%d_%H-%M-%S}"


class VideoProbe(msgspec.Struct, frozen=True, kw_only=True):
    """Facts read from a received video's container; nothing here is trusted for frame counts."""

    container: str
    codec: str
    width: int
    height: int
    fps: str
    """Average frame rate as an exact fraction, ``30000/1001``."""
    duration: float
    """Seconds of the video stream."""
    pixel_format: str
    rotation: int = 0
    audio_codec: str | None = None
    audio_channels: int = 0
    notes: tuple[str, ...] = ()
    """Everything unusual in one phrase each: ``10-bit``, ``HDR (smpte2084)``, ``interlaced`` …"""


class ReceivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the archive; as such, one that is delivered as it came."""

    path: str
    """POSIX path relative to the ``extracted`` folder."""
    sha256: str
    bytes: int


class SourceVideo(ReceivedFile, frozen=True, kw_only=True):
    """One received video."""

    id: str
    """Safe, unique in the project, stable for the same relative path."""
    probe: VideoProbe | None = None
    problem: str | None = None
    """Why the file cannot be read as a video; such a video fails at conversion, visibly."""

    @property
    def stem(self) -> str:
        """File name without its last suffix."""
        return Path(self.path).stem

    @property
    def received_as(self) -> str:
        """What its sender calls it."""
        return self.path


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A received file that is delivered as it came although its sender may have meant more by it."""

    path: str
    """POSIX path relative to the ``extracted`` folder."""
    kind: Literal["archive", "video"]
    """An archive that was not opened, or what is named like a video and was not read."""
    reason: str = ""
    """Why an archive could not be opened; empty when nobody asked for it."""


MAX_NAMED = 5
"""Files that a remark names."""


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """Content of one extracted archive."""

    project: str
    archive: str
    archive_sha256: str
    videos: tuple[SourceVideo, ...]
    others: tuple[ReceivedFile, ...] = ()
    """Files that are delivered as they came."""
    findings: tuple[tuple[str, str], ...] = ()
    """Security and naming findings: (kind, sentence)."""
    nested: Literal["name", "open"] = "name"
    """What was done with archives within the archive (EXTRACT_NESTED)."""
    passed_over: tuple[PassedOver, ...] | None = None
    """What was neither opened nor read; None in documents of earlier versions, which did not look."""

    @property
    def files(self) -> list[ReceivedFile]:
        """Everything of the archive, sorted by path."""
        return sorted([*self.videos, *self.others], key=lambda file: file.path)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was passed over, one sentence for each kind: ``2 archives inside were not opened: a.zip, b.zip``."""
        said = (
            ("archive", "archive inside was not opened", "archives inside were not opened"),
            ("video", "file looks like a video and was not read", "files look like videos and were not read"),
        )
        remarks = []
        for kind, one, many in said:
            if names := [_with_reason(file) for file in self.passed_over or () if file.kind == kind]:
                more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
                what = f"{len(names)} {one if len(names) == 1 else many}"
                remarks.append(f"{what}: {', '.join(names[:MAX_NAMED])}{more}")
        return tuple(remarks)


def _with_reason(file: PassedOver) -> str:
    return f"{file.path} ({file.reason})" if file.reason else file.path


class Master(msgspec.Struct, frozen=True, kw_only=True):
    """One video at constant 25 fps: the clock of all its documents."""

    id: str
    source_path: str
    source_sha256: str
    path: str
    """File name in the ``video`` folder."""
    sha256: str
    bytes: int
    total_frames: int
    """Frames counted by decoding, not estimated."""
    width: int
    height: int
    has_audio: bool

    @property
    def stem(self) -> str:
        """Stem of the received file: the name of everything delivered for this video."""
        return Path(self.source_path).stem

    @property
    def received_as(self) -> str:
        """What its sender calls it."""
        return self.source_path


class Masters(msgspec.Struct, frozen=True, kw_only=True):
    """All 25-fps videos of a project."""

    project: str
    videos: tuple[Master, ...]


T = TypeVar("T", bound=msgspec.Struct)


def write_document(path: Path, document: msgspec.Struct) -> Path:
    """Write a small document as indented UTF-8 JSON, whole or not at all."""
    return write_atomic(path, msgspec.json.format(msgspec.json.encode(document), indent=2))


def read_document(path: Path, kind: type[T]) -> T:
    """Read a document that one of our stages wrote.

    Raises:
        BadInput: the file is missing, is not JSON, or is not such a document.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise BadInput(path, "does not exist", "Materialize the asset before this one first") from None
    except msgspec.DecodeError as error:
        problem = f"is not a valid {kind.__name__} document ({error})"
        raise BadInput(path, problem, "Materialize the asset that writes it again, or put it back") from error
