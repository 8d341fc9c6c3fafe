"""Freeing space by rules, never the only copy of anything.

Three things may go: the work folder of a project that is delivered, its received archive, and downloads that never
became one. A work folder can be made again from the archive, so it goes only while that is there and the analysis
store has every document of it. An archive goes only while every file that came out of it lies somewhere else with
the same bytes: in the delivery, or in the work folder, which then stays. Before anything goes, what is relied on is
read again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.files import PARTIAL_SUFFIX, contained, exclusive, sha256_of
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.bag import inspect, read_manifest
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.delivery.retention import clean_up, not_in_store
from mediaflow_assets.formats.manifest import Extraction, Masters, ReceivedFile, read_document
from mediaflow_assets.intake.receive import Received, content_of

Rule = Literal["work", "archives", "downloads"]
RULES: tuple[Rule, ...] = get_args(Rule)


class Doomed(NamedTuple):
    """Something that may go."""

    project: str
    rule: Rule
    path: Path
    bytes: int
    why: str


class Kept(NamedTuple):
    """A project of which something stays although a rule speaks of it."""

    project: str
    rule: Rule
    why: str


@dataclass
class Plan:
    """What may go, what stays and why."""

    doomed: list[Doomed] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(item.bytes for item in self.doomed)


class Pruner:
    """Args:
    older_than: what was delivered or touched since is left alone.
    rules: which of :data:`RULES` are asked.
    busy: projects that have a run; nothing of them goes.
    """

    def __init__(
        self,
        layout: Layout,
        store: AnalysisStore,
        older_than: timedelta,
        rules: Collection[Rule] = RULES,
        busy: Collection[str] = (),
    ) -> None:
        self._layout, self._store, self._rules, self._busy = layout, store, rules, busy
        self._before = datetime.now(UTC) - older_than
        self._records = DeliveryRecords(layout.state)

    def plan(self, projects: Collection[str] | None = None) -> Plan:
        """What would go; sizes are compared and the documents of the store are read, archives and deliveries are not.

        Args:
            projects: partition keys; None means all.
        """
        result = Plan()
        for key in self._keys() if projects is None else projects:
            self._look(key, result, content=False)
        return result

    def remove(self, projects: Collection[str] | None = None, told: Callable[[str], None] = lambda said: None) -> Plan:
        """Remove what may go; returns what went and what stayed. What stays relied on is read first.

        Args:
            projects: partition keys; None means all.
            told: told about each thing that went.
        """
        result = Plan()
        for key in self._keys() if projects is None else projects:
            try:
                with exclusive(self._records.folder(key)):
                    found = Plan()
                    self._look(key, found, content=True)
                    result.kept += found.kept
                    for item in found.doomed:
                        self._carry_out(item, result, told)
            except MediaflowError as error:
                result.kept.append(Kept(key, "work", error.sentence))
        return result

    def _keys(self) -> list[str]:
        registered = {path.parent.name for path in self._layout.downloads.glob("*/origin.json")}
        return sorted(registered | set(self._records.projects()))

    def _look(self, key: str, result: Plan, *, content: bool) -> None:
        folders = self._layout.project(key)
        if key in self._busy:
            result.kept += [Kept(key, rule, "it has a run") for rule in RULES if rule in self._rules]
            return
        if "downloads" in self._rules:
            result.doomed += self._unfinished(key, folders)
        record = self._records.get(key)
        if record is None or datetime.fromisoformat(record.delivered_at) > self._before:
            return
        problem = _delivery_problem(record, content=content)
        work = False
        if "work" in self._rules and folders.work.is_dir():
            why = problem or self._work_is_needed(folders, content=content)
            work = not why
            if why:
                result.kept.append(Kept(key, "work", why))
            else:
                reason = "can be made again from the archive"
                result.doomed.append(Doomed(key, "work", folders.work, _size(folders.work), reason))
        if "archives" in self._rules and (archive := _archive(folders)) is not None:
            why = problem or _archive_is_needed(folders, record, archive, without_work=work, content=content)
            if why:
                result.kept.append(Kept(key, "archives", why))
            else:
                reason = "all that was in it lies elsewhere"
                result.doomed.append(Doomed(key, "archives", archive, archive.stat().st_size, reason))

    def _unfinished(self, key: str, folders: ProjectFolders) -> Iterator[Doomed]:
        """Parts of downloads that nobody went on with; the link is still in the origin document."""
        if not folders.downloads.is_dir():
            return
        for path in sorted(folders.downloads.iterdir()):
            modified = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
            if path.is_file() and PARTIAL_SUFFIX in path.suffixes and modified < self._before:
                yield Doomed(key, "downloads", path, path.stat().st_size, "nobody went on with it")

    def _work_is_needed(self, folders: ProjectFolders, *, content: bool) -> str:
        """Why a work folder has to stay; empty when it has not."""
        try:
            received, path = content_of(folders)
        except BadInput as error:
            return error.sentence
        if received.folder is not None:
            why = _sender_lacks(folders, path, content=content)
        else:
            why = _archive_problem(received, path, content=content)
        if why:
            return why
        manifest = folders.video / "manifest.json"
        masters = read_document(manifest, Masters).videos if manifest.exists() else ()
        lacking = not_in_store(self._store, folders, masters)
        return f"the analysis store does not have {lacking[0].name}" if lacking else ""

    def _carry_out(self, item: Doomed, result: Plan, told: Callable[[str], None]) -> None:
        folders = self._layout.project(item.project)
        if item.rule == "work":
            record = self._records.get(item.project)
            delivered = Path(record.folder) if record else folders.work
            _, archive = content_of(folders)
            notes = clean_up(self._layout, folders, "work", archive=archive, delivered=delivered)
            if folders.work.exists():
                result.kept.append(Kept(item.project, item.rule, "; ".join(notes)))
                return
        else:
            item.path.unlink()
        result.doomed.append(item)
        told(f"{item.path} is removed")


def _delivery_problem(record: DeliveryRecord, *, content: bool) -> str:
    folder = Path(record.folder)
    if not folder.is_dir():
        return f"its delivery {folder} is not there"
    if record.left_out:
        return f"it is delivered without {record.left_out[0].path}"
    try:
        found = inspect(folder, content=content)
    except (BadInput, OSError) as error:
        return f"its delivery cannot be verified ({error})"
    if not found.intact:
        return f"its delivery lacks or has changed {(*found.missing, *found.changed)[0]}"
    return ""


def _archive(folders: ProjectFolders) -> Path | None:
    """The received archive, if it is here; a folder that stays where its owner has it is none."""
    if not folders.received.exists() or not folders.origin.exists():
        return None
    received, path = content_of(folders)
    return path if received.folder is None and path.is_file() else None


def _archive_problem(received: Received, path: Path, *, content: bool) -> str:
    if not path.is_file():
        return f"its archive {received.file} is not there, and the work folder has the only copy"
    if path.stat().st_size != received.bytes or (content and sha256_of(path) != received.sha256):
        return f"its archive {received.file} is not what was received"
    return ""


def _sender_lacks(folders: ProjectFolders, sender: Path, *, content: bool) -> str:
    """Why a folder that stays with its owner is no copy of what the work folder has."""
    if not folders.extraction.exists():
        return "what it was made from is not written down"
    root = sender / "docs" if (sender / "docs").is_dir() else sender
    for file in _received(read_document(folders.extraction, Extraction)):
        if not _is_at(root, file, content=content):
            return f"{sender} does not have its {file.path} any more"
    return ""


def _archive_is_needed(
    folders: ProjectFolders, record: DeliveryRecord, archive: Path, *, without_work: bool, content: bool
) -> str:
    """Why a received archive has to stay; empty when everything in it lies elsewhere with the same bytes."""
    if not folders.extraction.exists():
        return "what was in it is not written down any more"
    extraction = read_document(folders.extraction, Extraction)
    received, _ = content_of(folders)
    if extraction.archive_sha256 != received.sha256:
        return "what was unpacked is of another archive"
    # _delivery_problem has compared the delivery with its manifest.
    delivered = set(read_manifest(Path(record.folder)).values())
    for file in _received(extraction):
        if file.sha256 in delivered or (not without_work and _is_at(folders.extracted, file, content=content)):
            continue
        return f"it has the only copy of {file.path} as it was received"
    return ""


def _received(extraction: Extraction) -> tuple[ReceivedFile, ...]:
    return (*extraction.videos, *extraction.others)


def _is_at(root: Path, file: ReceivedFile, *, content: bool) -> bool:
    try:
        path = contained(root, file.path)
        same = path.is_file() and path.stat().st_size == file.bytes
        return same and (not content or sha256_of(path) == file.sha256)
    except (BadInput, OSError):
        return False


def _size(folder: Path) -> int:
    return sum((Path(parent) / name).lstat().st_size for parent, _, names in os.walk(folder) for name in names)
