"""The analysis store: full documents by content hash of the received video, for ever.

``<archives>/<project name> YYYY-MM-DD_HH-MM-SS/<sha256 of the received video>/`` holds the scenes,
audio and tracking documents of one video, with the recipes that made them. A video that arrives
again, under any name, finds its analyses here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mediaflow_assets.errors import BadInput
from mediaflow_assets.fanout import Made, Recipe, Record
from mediaflow_assets.files import atomic_path, contained, sha256_of, write_atomic
from mediaflow_assets.formats.manifest import Master

DOCUMENTS = {"scenes": "{stem}_scenes.csv", "audio": "{stem}_audio.json", "tracking": "{stem}_tracking.json"}


class StoredAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """``metadata.json`` of one stored video."""

    video_path: str
    video_stem: str
    video_hash: str
    created_at: str
    copied: dict[str, str | None]
    engines: dict[str, str] = msgspec.field(default_factory=dict)
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    records: dict[str, Record] = msgspec.field(default_factory=dict)
    """Stage name to the record of how its document was made."""


class AnalysisStore:
    """Args:
    root: the ``archives`` folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, folder_name: str, video: Master, kind: str, document: Path, record: Record) -> Path:
        """Store one full document of a video; replaces an older one of the same delivery."""
        folder = contained(self.root, folder_name, video.source_sha256)
        name = DOCUMENTS[kind].format(stem=video.stem)
        target = contained(folder, name)
        with atomic_path(target) as temporary:
            shutil.copyfile(document, temporary)
        known = self._read(folder / "metadata.json")
        stored = StoredAnalysis(
            video_path=video.source_path,
            video_stem=video.stem,
            video_hash=video.source_sha256,
            created_at=known.created_at if known else datetime.now(UTC).isoformat(timespec="seconds"),
            copied={**dict.fromkeys(DOCUMENTS), **(known.copied if known else {}), kind: name},
            engines={**(known.engines if known else {}), kind: record.recipe.engine},
            parameters={**(known.parameters if known else {}), kind: record.recipe.parameters},
            records={**(known.records if known else {}), kind: record},
        )
        write_atomic(folder / "metadata.json", msgspec.json.format(msgspec.json.encode(stored), indent=2))
        return target

    def find(self, video_sha256: str) -> Iterator[tuple[Path, StoredAnalysis]]:
        """Stored analyses of a received video over all projects, newest folder first."""
        for folder in sorted(
            self.root.glob(f"*/{video_sha256}"), key=lambda path: path.parent.name[-19:], reverse=True
        ):
            stored = self._read(folder / "metadata.json")
            if stored is not None:
                yield folder, stored

    @staticmethod
    def _read(path: Path) -> StoredAnalysis | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=StoredAnalysis)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise BadInput(path, f"is damaged ({error})", "Restore it from a backup or remove its folder") from error


class StoreReuse:
    """Lets a stage take its document from the store when the recipe is the same.

    Args:
        store: where to look.
        kind: ``scenes``, ``audio`` or ``tracking``.
        target_for: the document's path in the work folder for a video.
    """

    def __init__(self, store: AnalysisStore, kind: str, target_name: str) -> None:
        self._store = store
        self._kind = kind
        self._target_name = target_name

    def restore(self, video: Master, recipe: Recipe, folder: Path) -> Made | None:
        """Copy the stored document of the same recipe into ``folder``; None when there is none."""
        for stored_folder, stored in self._store.find(video.source_sha256):
            record = stored.records.get(self._kind)
            name = stored.copied.get(self._kind)
            if record is None or name is None or record.recipe.digest != recipe.digest:
                continue
            source = contained(stored_folder, name)
            output = record.outputs.get(self._kind)
            if output is None or not source.exists() or sha256_of(source) != output.sha256:
                continue
            target = folder / self._target_name.format(id=video.id)
            with atomic_path(target) as temporary:
                shutil.copyfile(source, temporary)
            return Made({self._kind: target}, record.details)
        return None
