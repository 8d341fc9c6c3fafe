"""The figures of one video, kept with it in the analysis store.

``video_metadata.json`` of a stored video is ``{"created_at", "metadata", "statistics", "documents"}``,
the last of them the sha256 of the documents, by kind, that the figures are of. Where they are of former
documents, and for videos that the replaced application archived, figures are computed from the
documents, once, and kept in the store's index until a document changes. Reading never writes into
the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo
from mediaflow_assets.execution.fanout import Record
from mediaflow_assets.formats.timeline_json import Timeline
from mediaflow_assets.reporting.sources import VideoSource, stored_source
from mediaflow_assets.reporting.statistics import Statistics, compute_statistics
from mediaflow_assets.reporting.timeline import build_timeline


class _Kept(msgspec.Struct, frozen=True):
    """What is read of ``video_metadata.json``."""

    statistics: Statistics
    documents: dict[str, str] | None = None


def store_summary(store: AnalysisStore, archive_name: str, video: VideoSource, timeline: Timeline) -> None:
    """Keep the figures of a timeline with the video's analyses, if it has any there."""
    if (store.root / archive_name / video.sha256).is_dir():
        document = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "metadata": timeline.metadata,
            "statistics": compute_statistics(timeline),
            "documents": _digests({kind: item.record for kind, item in video.documents.items() if item.record}),
        }
        store.put_video_metadata(archive_name, video.sha256, document)


def stored_statistics(store: AnalysisStore, video: StoredVideo) -> Statistics:
    """Statistics of a stored video, as :func:`compute_statistics` returns them.

    Raises:
        BadInput: it has no documents, or they cannot be read.
    """
    known = _kept(video)
    if known is not None:
        return known
    fingerprint = ",".join(
        f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}" for path in video.documents.values() for stat in (path.stat(),)
    )
    key = f"{video.folder.parent.name}/{video.sha256}"
    cached = store.index.summary(key, fingerprint)
    if cached is not None:
        return msgspec.json.decode(cached, type=Statistics)
    statistics = compute_statistics(build_timeline(video.project_name, stored_source(video)))
    store.index.keep_summary(key, fingerprint, msgspec.json.encode(statistics))
    return statistics


def _kept(video: StoredVideo) -> Statistics | None:
    """Figures in the store that are whole and of the present documents."""
    try:
        kept = msgspec.json.decode((video.folder / "video_metadata.json").read_bytes(), type=_Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if (kept.documents or {}) != _digests(video.metadata.records) or kept.statistics.video.duration_seconds is None:
        return None
    return kept.statistics


def _digests(records: Mapping[str, Record]) -> dict[str, str]:
    return {kind: record.outputs[kind].sha256 for kind, record in records.items()}
