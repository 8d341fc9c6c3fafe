"""Amending a delivery whose work files are gone: the corrected documents are new, everything else is as delivered."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery import bag
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.deliver import Delivery, deliver
from mediaflow_assets.delivery.destination import open_destination
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.plan import DeliveredFile, document_endings
from mediaflow_assets.delivery.readiness import applied_corrections, review_document
from mediaflow_assets.delivery.record import DeliveredVideo, DeliveryRecord, DeliveryRecords, now
from mediaflow_assets.delivery.restore import stored_documents
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.delivery.words import ENDINGS, TRANSCRIPTS, WriteWords
from mediaflow_assets.execution.fanout import load_record

AMENDED = ("scenes", "transitions", "audio", "tracking", "people")
"""Kinds that corrections change."""


@dataclass(frozen=True)
class Finalized:
    """What became of a project."""

    delivery: Delivery
    record: DeliveryRecord
    removed: tuple[str, ...]
    """Work files that ``RETENTION`` let go or had to keep, one sentence each."""


def can_amend(folders: ProjectFolders, records: DeliveryRecords) -> bool:
    """Whether a project is delivered and has no 25-fps videos any more to deliver it from."""
    return not (folders.video / "manifest.json").exists() and records.get(folders.key) is not None


def amend(
    layout: Layout,
    store: AnalysisStore,
    project: str,
    settings: DeliverySettings,
    progress: Callable[[float, str], None] = lambda fraction, note: None,
    write_words: WriteWords | None = None,
) -> Finalized:
    """Deliver again what is delivered, with the reduced documents that were made anew from the analysis store.

    Words are written anew where the delivery has them.

    Raises:
        BadInput: the delivery is gone, or the documents are not made.
        Unavailable: no space, or another process is at it.
        Interrupted: the destination failed; running again goes on.
    """
    folders = layout.project(project)
    records = DeliveryRecords(layout.state)
    with records.owned(project):
        former = records.get(project)
        if former is None or not Path(former.folder).is_dir():
            raise BadInput(project, "is not delivered any more", "Materialize it from its archive")
        place = Path(former.folder)
        listed = bag.read_manifest(place)
        files = {path: _as_it_is(place, path, digest, former) for path, digest in listed.items()}
        videos = []
        for video in former.videos:
            made = dict(_made(folders, video)) | _words(folders, store, video, write_words)
            paths = dict(video.paths)
            for kind in (*AMENDED, *ENDINGS):
                if kind not in made:
                    if kind == "people" and kind in paths:
                        files.pop(paths.pop(kind))
                    continue
                if kind in paths:
                    files.pop(paths[kind], None)
                path = paths.setdefault(kind, _path_of(kind, video, settings, files))
                files[path] = _file(made[kind], path, kind, video.master.id)
            videos.append(msgspec.structs.replace(video, paths=paths))
        there = settings.model_copy(update={"output": place.parent, "fallback_output": None})
        with open_destination(there, layout.home / "output", project) as destination:
            ordered = sorted(files.values(), key=lambda file: file.path)
            left_out = [f"left out: {video.sentence}" for video in former.left_out]
            delivery = deliver(project, ordered, destination, settings, progress, left_out)
        record = _record(folders, former, tuple(videos), delivery)
        records.put(record)
    return Finalized(delivery, record, _cleaned(folders, settings))


def _made(folders: ProjectFolders, video: DeliveredVideo) -> Iterator[tuple[str, Path]]:
    record = load_record(folders.reduced, video.master.id)
    if record is None:
        raise BadInput(video.master.source_path, "has no reduced documents", "Materialize reduced_json first")
    for kind, output in record.outputs.items():
        if kind in video.paths or kind == "people":
            yield kind, folders.reduced / output.path


def _words(
    folders: ProjectFolders, store: AnalysisStore, video: DeliveredVideo, write_words: WriteWords | None
) -> dict[str, Path]:
    if write_words is None or not video.paths.keys() & ENDINGS.keys():
        return {}
    known = stored_documents(store, video.master.source_sha256) | review_document(folders, video.master)
    if TRANSCRIPTS not in known:
        return {}
    made = write_words(known, folders.work / "words" / video.master.id)
    return {kind: path for kind, path in made.items() if kind in video.paths}


def _as_it_is(place: Path, path: str, digest: str, former: DeliveryRecord) -> DeliveredFile:
    wanted = dict(former.renamed).get(path, path)
    try:
        size = (place / path).stat().st_size
    except OSError as error:
        raise BadInput(place / path, "has disappeared", "Materialize the project from its archive") from error
    kind, video = next(
        ((kind, one.master.id) for one in former.videos for kind, own in one.paths.items() if own == path),
        ("received", ""),
    )
    return DeliveredFile(place / path, path, wanted, digest, size, kind, video)


def _file(source: Path, path: str, kind: str, video: str) -> DeliveredFile:
    return DeliveredFile(source, path, path, sha256_of(source), source.stat().st_size, kind, video)


def _path_of(kind: str, video: DeliveredVideo, settings: DeliverySettings, taken: Mapping[str, object]) -> str:
    """A free path beside the video."""
    delivered = PurePosixPath(video.paths["video"])
    ending = document_endings(settings.tracking_name)[kind]
    number = 1
    while True:
        stem = delivered.stem if number == 1 else f"{delivered.stem}~{number}"
        path = delivered.with_name(NameRules().fit(stem, ending)).as_posix()
        if path not in taken:
            return path
        number += 1


def _record(
    folders: ProjectFolders, former: DeliveryRecord, videos: tuple[DeliveredVideo, ...], delivery: Delivery
) -> DeliveryRecord:
    same = former.manifest_sha256 == delivery.version and former.folder == str(delivery.folder)
    review = {video.master.id: digest for video in videos if (digest := applied_corrections(folders, video.master))}
    return msgspec.structs.replace(
        former,
        folder=str(delivery.folder),
        delivered_at=former.delivered_at if same else now(),
        manifest_sha256=delivery.version,
        bytes=delivery.bytes,
        files=len(delivery.files),
        videos=videos,
        renamed=tuple((file.path, file.wanted) for file in delivery.renamed),
        review=review or msgspec.UNSET,
    )


def _cleaned(folders: ProjectFolders, settings: DeliverySettings) -> tuple[str, ...]:
    """The work folder goes again where it is not kept: there is nothing in it that is not delivered."""
    if settings.retention == "keep" or not folders.work.is_dir():
        return ()
    for folder in (folders.reduced, folders.review, folders.work / "words"):
        shutil.rmtree(folder, ignore_errors=True)
    if not any(folders.work.iterdir()):
        folders.work.rmdir()
    return (f"the documents in {folders.work} are removed",)
