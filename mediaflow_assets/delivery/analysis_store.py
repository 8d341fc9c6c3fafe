"""The analysis store: full documents by content hash of the received video, for ever.

``<archives>/<project name> YYYY-MM-DD_HH-MM-SS/<sha256 of the received video>/`` holds the scenes,
audio and tracking documents of one video, with the records of how they were made. The time stamp
is that of the project's registration, so a project has one folder however often it runs. A video
that arrives again, under any name, finds its analyses here.

A document that is made anew with another engine or other parameters does not overwrite the former
one: that goes to ``superseded/`` beside it, with its record, and is found again when its recipe is
wanted again. No analysis in the store is ever removed by this package.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from filelock import FileLock

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path, contained, sha256_of, write_atomic
from mediaflow_assets.delivery.copying import copy_verified
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.store_index import Place, StoreIndex
from mediaflow_assets.execution.fanout import Made, Recipe, Record
from mediaflow_assets.formats.manifest import Master

_ALWAYS_NAMED = ("scenes", "audio", "tracking")
"""Kinds that ``copied`` names whether or not there is a document."""
ENDINGS = {
    "scenes": "_scenes.csv",
    "audio": "_audio.json",
    "tracking": "_tracking.json",
    "transcripts": "_transcript.json",
}
"""What the name of each document ends with after the video's stem."""
_FOLDER = re.compile(r"(?P<name>.+) (?P<stamp>\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})", re.DOTALL)
_STAMP = "%Y-%m-%d_%H-%M-%S"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Superseded(msgspec.Struct, frozen=True, kw_only=True):
    """A former document of a video."""

    file: str
    """Below the video's folder."""
    record: Record


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """``metadata.json`` of one stored video; the last four are ours, the rest is the contract's."""

    video_path: str = ""
    video_stem: str = ""
    video_hash: str = ""
    created_at: str = ""
    copied: dict[str, str | bool | None] = msgspec.field(default_factory=dict)
    """Kind to the name of its document; the replaced application wrote whole paths, or whether there is one."""
    engines: dict[str, str] = msgspec.field(default_factory=dict)
    parameters: dict[str, object] = msgspec.field(default_factory=dict)
    project: str = ""
    """Partition key."""
    records: dict[str, Record] = msgspec.field(default_factory=dict)
    """Kind to the record of how its document was made."""
    superseded: dict[str, tuple[Superseded, ...]] = msgspec.field(default_factory=dict)

    def document(self, kind: str) -> str:
        """File name of the present document; empty when it is not said."""
        said = self.copied.get(kind)
        return _last_part(said) if isinstance(said, str) else ""


@dataclass(frozen=True)
class StoredVideo:
    """One video of the store."""

    folder: Path
    project_name: str
    archived_at: datetime
    """From the name of the project's folder, UTC."""
    metadata: Metadata
    documents: dict[str, Path]
    """Kind to the present document; found in the folder, whatever ``metadata.json`` says."""
    problem: str = ""
    """Why ``metadata.json`` cannot be read, when it cannot."""

    @property
    def sha256(self) -> str:
        return self.folder.name

    @property
    def name(self) -> str:
        """File name of the received video, as far as it is known."""
        if self.metadata.video_path:
            return _last_part(self.metadata.video_path)
        for kind, path in self.documents.items():
            return path.name.removesuffix(ENDINGS[kind])
        return self.sha256[:12]


@lru_cache(maxsize=1 << 14)
def parse_folder(name: str) -> tuple[str, datetime] | None:
    """(project name, time) of a project's folder; None when it is not one.

    The project's name is everything before the time stamp, exactly: ``13`` and ``13 Camille`` are
    two projects.
    """
    match = _FOLDER.fullmatch(name)
    if match is None:
        return None
    try:
        return match["name"], datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def unstamped_folders(root: Path) -> list[str]:
    """Names of folders that hold analyses but no time stamp, as the replaced application once had them: not read."""
    if not root.is_dir():
        return []
    others = (path for path in sorted(root.iterdir()) if path.is_dir() and parse_folder(path.name) is None)
    return [path.name for path in others if any(_SHA256.fullmatch(child.name) for child in path.iterdir())]


class AnalysisStore:
    """Args:
    root: the ``archives`` folder.
    state: the installation's ``state`` folder, for the index.
    """

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.index = StoreIndex(root, state / "analyses.sqlite")
        self._lock = FileLock(state / "analyses.writing.lock", timeout=600)

    def put(
        self, folder_name: str, video: Master, kind: str, document: Path, record: Record, project: str = ""
    ) -> Path:
        """Store one full document of a video; the same one twice is stored once.

        Args:
            folder_name: the project's folder, ``Origin.archive_name``.
            kind: one of :data:`ENDINGS`.
            record: how the document was made; its sha256 and size are the document's.
            project: partition key.

        Returns:
            The stored document.
        """
        folder = contained(self.root, folder_name, video.source_sha256)
        target = folder / NameRules().fit(video.stem, ENDINGS[kind])
        folder.mkdir(parents=True, exist_ok=True)
        Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            known = self._metadata(folder)
            former, output = known.records.get(kind), record.outputs[kind]
            present = folder / (known.document(kind) or target.name)
            if former is not None and former.outputs[kind].sha256 == output.sha256 and _has(present, output.bytes):
                if former.recipe.digest == record.recipe.digest:
                    return present
                target = present
            else:
                known = _supersede(folder, known, kind, target.name)
                with atomic_path(target) as temporary:
                    copy_verified(document, temporary, output.sha256)
            metadata = Metadata(
                video_path=video.source_path,
                video_stem=video.stem,
                video_hash=video.source_sha256,
                created_at=known.created_at or datetime.now(UTC).isoformat(timespec="seconds"),
                copied={**dict.fromkeys(_ALWAYS_NAMED), **known.copied, kind: target.name},
                engines={**known.engines, kind: record.recipe.engine},
                parameters={**known.parameters, kind: record.recipe.parameters},
                project=project or known.project,
                records={**known.records, kind: record},
                superseded=_without(folder, known, kind, output.sha256),
            )
            write_atomic(folder / "metadata.json", msgspec.json.format(msgspec.json.encode(metadata), indent=2))
        self.index.add(Place(folder_name, video.source_sha256), record.recipe.inputs.get("video"))
        return target

    def put_video_metadata(self, folder_name: str, sha256: str, document: Mapping[str, object]) -> Path:
        """Write ``video_metadata.json`` of a stored video."""
        path = contained(self.root, folder_name, sha256) / "video_metadata.json"
        return write_atomic(path, msgspec.json.format(msgspec.json.encode(document), indent=2))

    def find(self, sha256: str) -> list[StoredVideo]:
        """A received video over all projects, newest project first.

        Args:
            sha256: of the received video, or of the 25-fps video made from it.
        """
        found = [self._video(self.root / place.folder / place.sha256) for place in self.index.find(sha256)]
        return sorted((video for video in found if video), key=lambda video: video.archived_at, reverse=True)

    def folders(self, month: str | None = None) -> list[Path]:
        """Folders of projects, by name; of one month (``YYYY-MM``) if it is given."""
        if not self.root.is_dir():
            return []
        parsed = ((path, parse_folder(path.name)) for path in self.root.iterdir())
        return sorted(path for path, facts in parsed if facts and (month is None or f"{facts[1]:%Y-%m}" == month))

    def months(self) -> list[str]:
        """Months (``YYYY-MM``) in which a project was archived, oldest first."""
        stamps = (parse_folder(folder.name) for folder in self.folders())
        return sorted({f"{facts[1]:%Y-%m}" for facts in stamps if facts})

    def videos(self, project_folder: Path) -> list[StoredVideo]:
        """The stored videos of one project, by name."""
        found = [self._video(path) for path in project_folder.iterdir() if _SHA256.fullmatch(path.name)]
        return sorted((video for video in found if video), key=lambda video: (video.name, video.sha256))

    def _video(self, folder: Path) -> StoredVideo | None:
        parsed = parse_folder(folder.parent.name)
        try:
            # The entries know what they are: asking for each would double the time of a large report.
            with os.scandir(folder) as entries:
                files = sorted(entry.name for entry in entries if entry.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return None
        if parsed is None:
            return None
        problem = ""
        try:
            metadata = self._metadata(folder)
        except BadInput as error:
            metadata, problem = Metadata(), error.sentence
        return StoredVideo(folder, *parsed, metadata, _documents(folder, files, metadata), problem)

    @staticmethod
    def _metadata(folder: Path) -> Metadata:
        path = folder / "metadata.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=Metadata)
        except FileNotFoundError:
            return Metadata()
        except msgspec.DecodeError as error:
            raise BadInput(path, f"is damaged ({error})", "Restore it from a backup or remove it") from error


def _documents(folder: Path, files: list[str], metadata: Metadata) -> dict[str, Path]:
    """The present document of each kind: the one that metadata names, else the one that is there."""
    found = {}
    for kind, ending in ENDINGS.items():
        named = metadata.document(kind)
        candidates = [name for name in files if name.endswith(ending)]
        if candidates:
            found[kind] = folder / (named if named in candidates else candidates[0])
    return found


def _supersede(folder: Path, known: Metadata, kind: str, target: str) -> Metadata:
    """Move the present document of a kind aside, with its record if it has one.

    A process that is killed in between is made up for: the moved file is found by its name.
    """
    record, name = known.records.get(kind), known.document(kind) or target
    if record is None and not (folder / name).is_file():
        return known
    digest = record.recipe.digest if record else sha256_of(folder / name)
    kept = f"superseded/{digest[:12]}{ENDINGS[kind]}"
    if (folder / name).is_file():
        (folder / "superseded").mkdir(exist_ok=True)
        (folder / name).replace(folder / kept)
    if record is None or not (folder / kept).is_file():
        return known
    others = [item for item in known.superseded.get(kind, ()) if item.file != kept]
    superseded = {**known.superseded, kind: (*others, Superseded(file=kept, record=record))}
    return msgspec.structs.replace(known, superseded=superseded)


def _without(folder: Path, known: Metadata, kind: str, sha256: str) -> dict[str, tuple[Superseded, ...]]:
    """The former documents without the one that has become the present one again."""
    kept = []
    for item in known.superseded.get(kind, ()):
        if item.record.outputs[kind].sha256 == sha256:
            contained(folder, item.file).unlink(missing_ok=True)
        else:
            kept.append(item)
    return {**known.superseded, kind: tuple(kept)} if kind in known.superseded else known.superseded


def _last_part(path: str) -> str:
    """Name of a file by a path of any operating system."""
    return re.split(r"[\\/]", path)[-1]


def _has(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


class StoreReuse:
    """Lets a stage take its document from the store when the recipe is the same.

    Args:
        store: where to look.
        kind: ``scenes``, ``audio`` or ``tracking``.
        target_name: the document's name in the work folder, with ``{id}``.
    """

    def __init__(self, store: AnalysisStore, kind: str, target_name: str) -> None:
        self._store = store
        self._kind = kind
        self._target_name = target_name

    def restore(self, video: Master, recipe: Recipe, folder: Path) -> Made | None:
        """Copy the stored document of the same recipe into ``folder``; None when there is none."""
        for stored in self._store.find(video.source_sha256):
            for source, record in self._versions(stored):
                output = record.outputs.get(self._kind)
                if record.recipe.digest != recipe.digest or output is None or not _has(source, output.bytes):
                    continue
                if sha256_of(source) != output.sha256:
                    continue
                target = folder / self._target_name.format(id=video.id)
                with atomic_path(target) as temporary:
                    shutil.copyfile(source, temporary)
                return Made({self._kind: target}, record.details)
        return None

    def _versions(self, stored: StoredVideo) -> Iterator[tuple[Path, Record]]:
        present = stored.documents.get(self._kind)
        record = stored.metadata.records.get(self._kind)
        if present is not None and record is not None:
            yield present, record
        for former in stored.metadata.superseded.get(self._kind, ()):
            yield contained(stored.folder, former.file), former.record
