"""Bringing analyses back from the store: into a delivery, or as they are."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path, contained, sha256_of
from mediaflow_assets.delivery import bag, documents
from mediaflow_assets.delivery.analysis_store import ENDINGS, AnalysisStore, StoredVideo
from mediaflow_assets.delivery.copying import copy_verified
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.plan import document_endings
from mediaflow_assets.delivery.record import DeliveredVideo, DeliveryRecords
from mediaflow_assets.delivery.reduce import reduce_audio, reduce_tracking
from mediaflow_assets.delivery.words import ENDINGS as WORDS
from mediaflow_assets.delivery.words import TRANSCRIPTS, WriteWords


def stored_documents(store: AnalysisStore, sha256: str) -> dict[str, Path]:
    """The newest full document of each kind of a video, over all projects.

    Args:
        sha256: of the received video, or of a 25-fps video made from it.
    """
    found: dict[str, Path] = {}
    for stored in store.find(sha256):
        for kind, path in stored.documents.items():
            found.setdefault(kind, path)
    return found


Corrected = Callable[[str, Mapping[str, Path], int, Path], Mapping[str, Path]]
"""From the SHA-256 of a video, its full documents, their frames and an empty folder to those documents as people
corrected them, in the form in which they are delivered; nothing where nobody did."""


def restore_document(kind: str, source: Path, target: Path, total_frames: int, tracking: Path | None = None) -> Path:
    """Write the delivered form of a stored full document: scenes as they are, the others reduced.

    ``tracking`` is the stored tracking document of the same video, for its ``audio``.

    Raises:
        BadInput: the stored document is damaged, or of a video of another length.
    """
    length = documents.total_frames(kind, source)
    if length != total_frames:
        raise BadInput(source, f"has {length} frames and the video {total_frames}", "It was made from another video")
    if kind == "tracking" and not documents.is_reduced(source):
        reduce_tracking(source, target, total_frames)
    elif kind == "audio":
        reduce_audio(source, target, total_frames, tracking)
    else:
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
    return target


def restore_delivery(
    folder: Path,
    store: AnalysisStore,
    tracking_name: str,
    write_words: WriteWords | None = None,
    corrected: Corrected = lambda *_: {},
) -> list[str]:
    """Add to a delivered project the analyses that it lacks and the store has.

    Files that are there stay as they are. The manifest is renewed last, so a restoration that is
    interrupted leaves files that are not in it, and is finished by running it again.

    Args:
        folder: a delivered project, with its manifest.
        tracking_name: ``TRACKING_NAME``.
        write_words: writes what is said in a video, if that is delivered.
        corrected: makes documents that people corrected.

    Returns:
        Paths of the added documents, below ``folder``.

    Raises:
        BadInput: the folder has no manifest, a stored document cannot be used, or somebody's file
            has the name of one.
    """
    listed = bag.read_manifest(folder)
    added = {}
    for video in sorted(path for path in listed if path.casefold().endswith(".mp4")):
        found = stored_documents(store, listed[video])
        stem = PurePosixPath(video).stem
        paths = {
            kind: PurePosixPath(video).with_name(NameRules().fit(stem, ending)).as_posix()
            for kind, ending in document_endings(tracking_name).items()
        }
        if any(kind in found and path not in listed for kind, path in paths.items()):
            with tempfile.TemporaryDirectory() as temporary:
                fresh = Path(temporary)
                (fresh / "corrected").mkdir()
                ready = dict(corrected(listed[video], found, _length(found), fresh / "corrected"))
                for kind, path in paths.items():
                    if path in listed or (kind not in found and kind not in ready):
                        continue
                    source = ready.get(kind) or _fresh(kind, found, fresh / kind)
                    added[path] = _place(source, contained(folder, path))
        if write_words is not None and TRANSCRIPTS in found:
            added |= _add_words(folder, video, found, write_words, listed)
    if added:
        bag.write_tags(folder, {**listed, **added})
    return sorted(added)


def _fresh(kind: str, found: Mapping[str, Path], target: Path) -> Path:
    return restore_document(kind, found[kind], target, _length(found), found.get("tracking"))


def _add_words(
    folder: Path, video: str, found: Mapping[str, Path], write_words: WriteWords, listed: Mapping[str, str]
) -> dict[str, str]:
    """Write the words of a delivered video beside it; returns path to sha256 of what was not there before."""
    added = {}
    with tempfile.TemporaryDirectory() as temporary:
        for kind, fresh in write_words(found, Path(temporary)).items():
            delivered = PurePosixPath(video)
            path = delivered.with_name(NameRules().fit(delivered.stem, WORDS[kind])).as_posix()
            if path not in listed:
                added[path] = _place(fresh, contained(folder, path))
    return added


def _place(fresh: Path, target: Path) -> str:
    """Copy a file to a name that is free, or that already has it; returns its sha256."""
    digest = sha256_of(fresh)
    if not target.exists():
        with atomic_path(target) as copy:
            copy_verified(fresh, copy, digest)
    elif not _is(target, digest):
        raise BadInput(target, "is there already and is not from the store", "Move it away")
    return digest


def restore_project(
    records: DeliveryRecords,
    project: str,
    store: AnalysisStore,
    tracking_name: str,
    write_words: WriteWords | None = None,
    corrected: Corrected = lambda *_: {},
) -> list[str]:
    """:func:`restore_delivery` for the newest delivery of a project, with its record renewed.

    Raises:
        BadInput: the project is not delivered, or its delivery cannot be used.
        Unavailable: the project is being delivered.
    """
    record = records.get(project)
    if record is None:
        raise BadInput(project, "is not delivered", "Name the folder of a delivery")
    with records.owned(project):
        folder = Path(record.folder)
        added = restore_delivery(folder, store, tracking_name, write_words, corrected)
        found = bag.inspect(folder, content=False)
        videos = tuple(_with_documents(video, added, tracking_name) for video in record.videos)
        records.put(
            msgspec.structs.replace(
                record,
                manifest_sha256=bag.version(bag.read_manifest(folder)),
                files=found.files,
                bytes=found.bytes,
                videos=videos,
            )
        )
    return added


def _with_documents(video: DeliveredVideo, added: list[str], tracking_name: str) -> DeliveredVideo:
    delivered = PurePosixPath(video.paths["video"])
    paths = dict(video.paths)
    for kind, ending in document_endings(tracking_name).items():
        path = delivered.with_name(NameRules().fit(delivered.stem, ending)).as_posix()
        if path in added:
            paths[kind] = path
    return msgspec.structs.replace(video, paths=paths)


def restore_full(videos: list[StoredVideo], target: Path) -> Iterator[Path]:
    """Copy stored full documents into a folder, under the store's names and the archive's folders.

    A name that something else has gets the beginning of the video's sha256 in front.

    Raises:
        BadInput: that name is taken too.
    """
    for video in videos:
        received = PurePosixPath(video.metadata.video_path.replace("\\", "/"))
        inside = PurePosixPath(*[part for part in received.parent.parts if part not in ("/", "..")])
        for kind, source in video.documents.items():
            digest = sha256_of(source)
            stem = f"{video.sha256[:8]}_{source.name.removesuffix(ENDINGS[kind])}"
            names = (source.name, NameRules().fit(stem, ENDINGS[kind]))
            copies = [contained(target, (inside / name).as_posix()) for name in names]
            copy = next((path for path in copies if not path.exists() or _is(path, digest)), None)
            if copy is None:
                raise BadInput(copies[-1], "is there already and is not from the store", "Name another folder")
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                with atomic_path(copy) as temporary:
                    copy_verified(source, temporary, digest)
            yield copy


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


def _length(found: Mapping[str, Path]) -> int:
    """Frames of the video that stored documents were made from; they must agree."""
    lengths = {documents.total_frames(kind, path) for kind, path in found.items()}
    if len(lengths) != 1:
        folder = next(iter(found.values())).parent
        raise BadInput(folder, f"its documents have {sorted(lengths)} frames", "Materialize the analyses again")
    return lengths.pop()
