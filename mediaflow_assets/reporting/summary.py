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
from typing import Any, TypeGuard

import msgspec

from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo
from mediaflow_assets.execution.fanout import Record
from mediaflow_assets.reporting.sources import VideoSource, stored_source
from mediaflow_assets.reporting.statistics import compute_statistics
from mediaflow_assets.reporting.timeline import build_timeline

_SHAPE = compute_statistics({})
"""Every section and number that statistics have."""


def store_summary(store: AnalysisStore, archive_name: str, video: VideoSource, timeline: dict[str, Any]) -> None:
    """Keep the figures of a timeline with the video's analyses, if it has any there."""
    if (store.root / archive_name / video.sha256).is_dir():
        document = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "metadata": timeline["metadata"],
            "statistics": compute_statistics(timeline),
            "documents": _digests({kind: item.record for kind, item in video.documents.items() if item.record}),
        }
        store.put_video_metadata(archive_name, video.sha256, document)


def stored_statistics(store: AnalysisStore, video: StoredVideo) -> dict[str, Any]:
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
        statistics: dict[str, Any] = msgspec.json.decode(cached)
        return statistics
    statistics = compute_statistics(build_timeline(video.project_name, stored_source(video)))
    store.index.keep_summary(key, fingerprint, msgspec.json.encode(statistics))
    return statistics


def _kept(video: StoredVideo) -> dict[str, Any] | None:
    """Figures in the store that are whole and of the present documents."""
    try:
        document = msgspec.json.decode((video.folder / "video_metadata.json").read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if not isinstance(document, dict) or (document.get("documents") or {}) != _digests(video.metadata.records):
        return None
    statistics = document.get("statistics")
    return statistics if _is_whole(statistics) else None


def _digests(records: Mapping[str, Record]) -> dict[str, str]:
    return {kind: record.outputs[kind].sha256 for kind, record in records.items()}


def _is_whole(statistics: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(statistics, dict) and all(
        isinstance(statistics.get(section), dict)
        and all(isinstance(statistics[section].get(name), int | float) for name in numbers)
        for section, numbers in _SHAPE.items()
    )
