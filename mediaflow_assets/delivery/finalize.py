"""Finalizing a project: ready, planned, delivered, recorded, cleaned up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.amend import Finalized, amend, can_amend
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.bad_videos import BadVideo, bad_videos
from mediaflow_assets.delivery.deliver import Delivery, deliver
from mediaflow_assets.delivery.destination import open_destination
from mediaflow_assets.delivery.leave_out import decide, names_to_leave_out, waits
from mediaflow_assets.delivery.plan import plan
from mediaflow_assets.delivery.readiness import (
    ALL_KINDS,
    applied_corrections,
    check_ready,
    delivered_documents,
    full_documents,
    review_document,
)
from mediaflow_assets.delivery.record import DeliveredVideo, DeliveryRecord, DeliveryRecords, LeftOutVideo, now
from mediaflow_assets.delivery.restore import restore_document, stored_documents
from mediaflow_assets.delivery.retention import clean_up, not_in_store
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.delivery.words import TRANSCRIPTS, WriteWords
from mediaflow_assets.formats.manifest import Extraction, Master, Masters, Origin, read_document


def finalize(
    layout: Layout,
    store: AnalysisStore,
    project: str,
    archive: Path,
    settings: DeliverySettings,
    progress: Callable[[float, str], None] = lambda fraction, note: None,
    without: Sequence[str] = (),
    write_words: WriteWords | None = None,
) -> Finalized:
    """Deliver a project whose analyses are made.

    Args:
        project: partition key.
        archive: the received archive, which nothing removes.
        progress: told the finished part (0 to 1) of the copy and the file at work.
        without: names of bad videos that need not be waited for, beside those that people said before.
        write_words: writes what is said in a video, if that is delivered. A video without a transcript holds up
            nothing; a note says so.

    Raises:
        DeliveryWaits: a video is bad and nobody said that it may be left out; nothing is changed then.
        BadInput: the project is not ready; nothing is changed then.
        Unavailable: no destination, no space, or another process is at it.
        Interrupted: the destination failed; running again goes on.
    """
    folders = layout.project(project)
    records = DeliveryRecords(layout.state)
    if can_amend(folders, records):
        return amend(layout, store, project, settings, progress, write_words)
    origin = read_document(folders.origin, Origin)
    extraction = read_document(folders.extraction, Extraction)
    masters = read_document(folders.video / "manifest.json", Masters).videos
    with records.owned(project):
        former = records.get(project)
        decision = decide(
            bad_videos(folders),
            [*names_to_leave_out(folders), *without],
            settings.on_bad_video,
            [video.master.id for video in former.videos] if former else (),
        )
        if decision.waits_for:
            raise waits(project, decision.waits_for, len(extraction.videos))
        extraction, masters = _without(extraction, masters, decision.left_out)
        analyses, notes = _analyses(folders, masters, store if settings.restore_archives else None, write_words)
        check_ready(project, extraction, masters, analyses, settings.finalize_mode)
        left_out = tuple(
            LeftOutVideo(id=bad.id, path=bad.path, sha256=bad.sha256, stage=bad.stage, sentence=bad.reason)
            for bad in decision.left_out
        )
        with open_destination(settings, layout.home / "output", project) as destination:
            files = plan(folders, extraction, masters, analyses, settings.tracking_name, destination.rules)
            said = [f"left out: {video.sentence}" for video in left_out]
            delivery = deliver(project, files, destination, settings, progress, said)
        if former is not None and Path(former.folder) != delivery.folder and Path(former.folder).exists():
            notes.append(f"an earlier delivery of this project is still at {former.folder}")
        record = _record(origin, masters, delivery, (*said, *delivery.notes, *notes), left_out, former)
        corrected = {video.id: digest for video in masters if (digest := applied_corrections(folders, video))}
        if corrected:
            record = msgspec.structs.replace(record, review=corrected)
        records.put(record)
        removed: list[str] = []
        if settings.retention != "keep":
            unstored = not_in_store(store, folders, masters)
            removed = clean_up(
                layout, folders, settings.retention, archive=archive, delivered=delivery.folder, unstored=unstored
            )
    return Finalized(delivery, record, tuple(removed))


def _without(
    extraction: Extraction, masters: tuple[Master, ...], left_out: Sequence[BadVideo]
) -> tuple[Extraction, tuple[Master, ...]]:
    """A project as if it had come without some of its videos."""
    ids = {video.id for video in left_out}
    videos = tuple(video for video in extraction.videos if video.id not in ids)
    kept = tuple(master for master in masters if master.id not in ids)
    return msgspec.structs.replace(extraction, videos=videos), kept


def _analyses(
    folders: ProjectFolders,
    masters: tuple[Master, ...],
    store: AnalysisStore | None,
    write_words: WriteWords | None,
) -> tuple[dict[str, Mapping[str, Path]], list[str]]:
    """Video id to its deliverable documents; what is missing comes from ``store``, if one is given."""
    analyses: dict[str, Mapping[str, Path]] = {}
    notes = []
    for master in masters:
        found = delivered_documents(folders, master)
        stored = stored_documents(store, master.source_sha256) if store else {}
        for kind, source in stored.items():
            if kind in found or kind == TRANSCRIPTS:
                continue
            target = folders.work / "restored" / f"{master.id}_{kind}{source.suffix}"
            try:
                found[kind] = restore_document(kind, source, target, master.total_frames, stored.get("tracking"))
                notes.append(f"{kind} of {master.source_path} is restored from {source.parent.parent.name}")
            except BadInput as error:
                notes.append(f"{kind} of {master.source_path} is not restored: {error.sentence}")
        if write_words is not None:
            known = stored | full_documents(folders, master, ALL_KINDS) | review_document(folders, master)
            try:
                found |= write_words(known, folders.work / "words" / master.id)
            except BadInput as error:
                notes.append(f"what is said in {master.source_path} is not delivered: {error.sentence}")
        analyses[master.id] = found
    return analyses, notes


def _record(
    origin: Origin,
    masters: tuple[Master, ...],
    delivery: Delivery,
    notes: tuple[str, ...],
    left_out: tuple[LeftOutVideo, ...],
    former: DeliveryRecord | None,
) -> DeliveryRecord:
    same = former is not None and former.manifest_sha256 == delivery.version and former.folder == str(delivery.folder)
    paths: dict[str, dict[str, str]] = {}
    for file in delivery.files:
        if file.video:
            paths.setdefault(file.video, {})[file.kind] = file.path
    return DeliveryRecord(
        project=origin.project,
        name=origin.name,
        archive_name=origin.archive_name,
        folder=str(delivery.folder),
        delivered_at=former.delivered_at if former is not None and same else now(),
        manifest_sha256=delivery.version,
        bytes=delivery.bytes,
        files=len(delivery.files),
        videos=tuple(DeliveredVideo(master=master, paths=paths[master.id]) for master in masters),
        renamed=tuple((file.path, file.wanted) for file in delivery.renamed),
        notes=notes,
        left_out=left_out,
    )
