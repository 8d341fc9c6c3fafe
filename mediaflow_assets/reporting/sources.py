"""What a report is made from: the videos of a project, wherever their documents are now.

A project that is being worked on has everything in its work folder. After ``RETENTION`` removed
that, the delivery and the analysis store still have it; of the projects of the replaced
application only the store knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from slugify import slugify

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import Layout, ProjectFolders
from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo, parse_folder
from mediaflow_assets.delivery.bad_videos import bad_videos
from mediaflow_assets.delivery.readiness import ALL_KINDS, KINDS, full_documents, full_record, reframed_documents
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.execution.fanout import Record
from mediaflow_assets.formats.manifest import (
    Extraction,
    Master,
    Masters,
    Origin,
    PassedOver,
    SourceVideo,
    read_document,
)
from mediaflow_assets.formats.timeline_json import Provenance

if TYPE_CHECKING:
    from mediaflow_assets.review.document import Review


@dataclass(frozen=True)
class Document:
    """One full analysis document."""

    path: Path
    provenance: Provenance
    created_at: str
    """ISO 8601, UTC."""
    record: Record | None = None
    """How it was made; None for documents of the replaced application."""


def content_sha256(kind: str, document: Document) -> str:
    """SHA-256 of a document; the recorded one is taken while the size is right, which saves reading it."""
    output = document.record.outputs.get(kind) if document.record else None
    if output is not None and document.path.stat().st_size == output.bytes:
        return output.sha256
    return sha256_of(document.path)


@dataclass(frozen=True)
class VideoSource:
    """One video of a project."""

    id: str
    """Safe as a file name, unique in the project."""
    path: str
    """In the received archive."""
    sha256: str
    """Of the received file."""
    master: Master | None = None
    picture: Path | None = None
    """A file with the 25-fps picture, if there still is one."""
    delivered: Path | None = None
    """Where the 25-fps video was delivered."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """``scenes``, ``audio``, ``tracking``, ``transcripts``, for what exists."""
    reframings: Mapping[str, Path] = field(default_factory=dict)
    """``9x16`` … to the re-framing document."""
    previews: Mapping[str, Path] = field(default_factory=dict)
    """``9x16`` … to the rendered small video."""
    problem: str = ""
    """Why there is nothing to report about it."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """Kind of analysis that failed when it was last tried to the sentence about it."""
    review: Review | None = None
    """What people corrected; see :func:`mediaflow_assets.reporting.reviewed.with_reviews`."""

    @property
    def stem(self) -> str:
        return Path(self.path).stem

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """Kinds of analysis that are not there, or are former ones, each with why if it failed."""
        kinds = [kind for kind in KINDS if kind not in self.documents or kind in self.failures]
        return [(kind, self.failures.get(kind, "")) for kind in kinds]

    @property
    def missing(self) -> str:
        """:attr:`lacking` in one line."""
        return " | ".join(why or f"no {kind}" for kind, why in self.lacking)

    @property
    def received_as(self) -> str:
        """What its sender calls it."""
        return self.path


@dataclass(frozen=True)
class ProjectSource:
    """One project."""

    key: str
    """Partition key; for a project of which only the store knows, the name of its folder there."""
    name: str
    archive_name: str
    registered_at: datetime
    videos: tuple[VideoSource, ...]
    record: DeliveryRecord | None = None
    waits_for: tuple[str, ...] = ()
    """What a delivery waits for: a sentence for each bad video that is not left out of the present one."""
    passed_over: tuple[PassedOver, ...] = ()
    """What of the archive was neither opened nor read."""

    def video(self, wanted: str) -> VideoSource:
        """The video with this id, path, file name or stem.

        Raises:
            BadInput: none or several have it; lists them.
        """
        for names in (("id", "path"), ("name", "stem")):
            found = [video for video in self.videos if wanted in [getattr(video, name) for name in names]]
            if len(found) == 1:
                return found[0]
        choice = ", ".join(f"{video.path} ({video.id})" for video in self.videos)
        raise BadInput(repr(wanted), f"is not one video of {self.key}", f"Choose from: {choice}")


def find_project(layout: Layout, store: AnalysisStore, wanted: str) -> ProjectSource:
    """A project by its key, by the name of its folder in the store, or by a name that only it has.

    Raises:
        BadInput: there is none, or the name is that of several; lists them.
    """
    origins = {path.parent.name: path for path in sorted(layout.downloads.glob("*/origin.json"))}
    if wanted in origins:
        return project_source(layout, store, wanted)
    folders = {path.name: path for path in store.folders()}
    if wanted in folders:
        return archived_source(layout, store, folders[wanted])
    named = [key for key, path in origins.items() if read_document(path, Origin).name == wanted]
    registered = {read_document(origins[key], Origin).archive_name for key in named}
    archived = [name for name in folders if (parse_folder(name) or ("",))[0] == wanted and name not in registered]
    if len(named) + len(archived) == 1:
        if named:
            return project_source(layout, store, named[0])
        return archived_source(layout, store, folders[archived[0]])
    several = f"Choose from: {', '.join([*named, *archived])}" if named or archived else "See: mediaflow projects"
    raise BadInput(repr(wanted), "is not the key or name of one project", several)


def project_source(layout: Layout, store: AnalysisStore, key: str) -> ProjectSource:
    """A registered project.

    Raises:
        BadInput: it is not registered, or not a single video of it is known.
    """
    folders = layout.project(key)
    origin = read_document(folders.origin, Origin)
    record = DeliveryRecords(layout.state).get(key)
    archive = store.root / origin.archive_name
    stored = {video.sha256: video for video in (store.videos(archive) if archive.is_dir() else ())}
    videos = tuple(_videos(folders, record, stored))
    if not videos:
        raise BadInput(key, "has no video that is known", "Materialize extracted_archive")
    return ProjectSource(
        key=key,
        name=origin.name,
        archive_name=origin.archive_name,
        registered_at=datetime.fromisoformat(origin.registered_at),
        videos=videos,
        record=record,
        waits_for=_waits_for(folders, record),
        passed_over=_passed_over(folders),
    )


def _waits_for(folders: ProjectFolders, record: DeliveryRecord | None) -> tuple[str, ...]:
    left_out = {video.sha256 for video in record.left_out} if record else set()
    return tuple(video.reason for video in bad_videos(folders) if video.sha256 not in left_out)


def _passed_over(folders: ProjectFolders) -> tuple[PassedOver, ...]:
    if not folders.extraction.exists():
        return ()
    return read_document(folders.extraction, Extraction).passed_over or ()


def archived_source(layout: Layout, store: AnalysisStore, folder: Path) -> ProjectSource:
    """A project of the store; as a registered project if it is one."""
    videos = store.videos(folder)
    parsed = parse_folder(folder.name)
    if parsed is None:
        raise BadInput(folder, "is not a project of the analysis store", "Its name must end with a time stamp")
    for key in dict.fromkeys(video.metadata.project for video in videos if video.metadata.project):
        if layout.project(key).origin.exists():
            return project_source(layout, store, key)
    return ProjectSource(
        key=folder.name,
        name=parsed[0],
        archive_name=folder.name,
        registered_at=parsed[1],
        videos=tuple(stored_source(video) for video in videos),
    )


def stored_source(video: StoredVideo) -> VideoSource:
    """A video of which only the store knows."""
    slug = slugify(Path(video.name).stem, lowercase=False, separator="_", max_length=40) or "video"
    return VideoSource(
        id=f"{slug}-{video.sha256[:8]}",
        # The replaced application wrote where the file was on its machine.
        path=video.metadata.video_path if video.metadata.records else video.name,
        sha256=video.sha256,
        documents=_stored_documents(video, None),
        problem=video.problem or ("" if video.documents else "the store has no analysis of it"),
    )


def _videos(
    folders: ProjectFolders, record: DeliveryRecord | None, stored: Mapping[str, StoredVideo]
) -> Iterator[VideoSource]:
    in_work = folders.extraction.exists()
    masters = {video.master.source_path: video.master for video in record.videos} if record else {}
    if (folders.video / "manifest.json").exists():
        masters |= {
            master.source_path: master for master in read_document(folders.video / "manifest.json", Masters).videos
        }
    received: tuple[SourceVideo, ...] = ()
    if in_work:
        received = read_document(folders.extraction, Extraction).videos
    for video in received:
        if video.path not in masters:
            failure = load_failure(folders.video, video.id)
            problem = failure.sentence if failure else (video.problem or "it was not converted to 25 frames per second")
            yield VideoSource(video.id, video.path, video.sha256, problem=problem)
    known = {video.path for video in received}
    for left_out in record.left_out if record and not in_work else ():
        yield VideoSource(left_out.id, left_out.path, left_out.sha256, problem=left_out.sentence)
    for path, master in sorted(masters.items()):
        if not in_work or path in known:
            yield _video(folders, master, record, stored.get(master.source_sha256))


def _video(
    folders: ProjectFolders, master: Master, record: DeliveryRecord | None, stored: StoredVideo | None
) -> VideoSource:
    found = _stored_documents(stored, master) if stored else {}
    for kind, path in full_documents(folders, master, ALL_KINDS).items():
        found[kind] = Document(path, "project", _modified(path), full_record(folders, master, kind))
    delivered = None
    reframed = dict(reframed_documents(folders, master))
    for item in record.videos if record else ():
        if item.master.id == master.id and record is not None:
            delivered = Path(record.folder) / item.paths["video"]
            if not reframed:
                reframed = {kind: Path(record.folder) / path for kind, path in item.paths.items()}
    tried = {kind: load_failure(folders.analysis(kind), master.id) for kind in KINDS}
    failures = {kind: failure.sentence for kind, failure in tried.items() if failure}
    pictures = [folders.video / master.path, *([delivered] if delivered else [])]
    return VideoSource(
        id=master.id,
        path=master.source_path,
        sha256=master.source_sha256,
        master=master,
        picture=next((path for path in pictures if path.is_file()), None),
        delivered=delivered,
        documents=found,
        reframings=_reframings(reframed, "reframe_", ".json"),
        previews=_reframings(reframed, "preview_", ".mp4"),
        problem="" if found else " | ".join(failures.values()) or "it has no analysis",
        failures=failures,
    )


def _reframings(files: Mapping[str, Path], kind: str, suffix: str) -> dict[str, Path]:
    """Aspect to file, of those that are there."""
    return {
        name.removeprefix(kind): path
        for name, path in files.items()
        if name.startswith(kind) and path.suffix == suffix and path.is_file()
    }


def _stored_documents(video: StoredVideo, master: Master | None) -> dict[str, Document]:
    """The stored documents, without those that were made from another 25-fps video than ``master``."""
    found = {}
    for kind, path in video.documents.items():
        record = video.metadata.records.get(kind)
        if master is not None and record is not None and record.recipe.inputs.get("video") != master.sha256:
            continue
        found[kind] = Document(path, "archives", video.metadata.created_at or video.archived_at.isoformat(), record)
    return found


def _modified(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
