"""Every project that this installation knows: at work, delivered, archived, and what each has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore, parse_folder
from mediaflow_assets.delivery.readiness import KINDS, full_documents
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import Masters, Origin, read_document
from mediaflow_assets.reporting.name_order import in_order


@dataclass(frozen=True)
class Overview:
    """One project."""

    key: str
    """Partition key; for a project of which only the store knows, the name of its folder there."""
    name: str
    since: str
    """When it was registered or archived, ISO 8601 UTC."""
    states: tuple[str, ...]
    """``active`` (it has work files), ``delivered``, ``archived`` (the store has analyses); several may hold."""
    videos: int
    documents: dict[str, int]
    """How many videos have scenes, audio and tracking, in the work folder or else in the store."""
    delivered_to: str = ""


def overview(layout: Layout, store: AnalysisStore) -> list[Overview]:
    """All projects by name, then by age."""
    records = {record.project: record for record in DeliveryRecords(layout.state).all()}
    archived = {folder.name: folder for folder in store.folders()}
    found = []
    for path in sorted(layout.downloads.glob("*/origin.json")):
        origin = read_document(path, Origin)
        folder = archived.pop(origin.archive_name, None)
        work = _work(layout, origin.project)
        stored = _stored(store, folder) if folder else None
        record = records.get(origin.project)
        there = record is not None and Path(record.folder).is_dir()
        states = {"active": work is not None or not (record or folder), "delivered": there, "archived": bool(folder)}
        videos, documents = work or stored or (len(record.videos) if record else 0, {})
        found.append(
            Overview(
                key=origin.project,
                name=origin.name,
                since=origin.registered_at,
                states=tuple(state for state, holds in states.items() if holds),
                videos=videos,
                documents={kind: documents.get(kind, 0) for kind in KINDS},
                delivered_to=record.folder if record and there else "",
            )
        )
    for name, folder in archived.items():
        parsed = parse_folder(name)
        if parsed is not None:
            videos, documents = _stored(store, folder)
            counts = {kind: documents.get(kind, 0) for kind in KINDS}
            found.append(Overview(name, parsed[0], parsed[1].isoformat(), ("archived",), videos, counts))
    return sorted(found, key=lambda project: (in_order(project.name), project.since))


def _work(layout: Layout, key: str) -> tuple[int, dict[str, int]] | None:
    """Videos and documents in the work folder; None when there is no work."""
    folders = layout.project(key)
    manifest = folders.video / "manifest.json"
    if not folders.work.is_dir():
        return None
    if not manifest.exists():
        return 0, {}
    videos = read_document(manifest, Masters).videos
    return len(videos), dict(Counter(kind for video in videos for kind in full_documents(folders, video)))


def _stored(store: AnalysisStore, folder: Path) -> tuple[int, dict[str, int]]:
    videos = store.videos(folder)
    return len(videos), dict(Counter(kind for video in videos for kind in video.documents))
