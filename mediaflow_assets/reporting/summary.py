"""The figures of one video, kept with it in the analysis store.

``video_metadata.json`` of a stored video is ``{"created_at", "metadata", "statistics"}``. Videos that
the replaced application archived have no statistics: they are computed from the documents, once,
and kept in the store's index until a document changes. Reading never writes into the store.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo
from mediaflow_assets.reporting.sources import stored_source
from mediaflow_assets.reporting.statistics import compute_statistics
from mediaflow_assets.reporting.timeline import build_timeline


def store_summary(store: AnalysisStore, archive_name: str, sha256: str, timeline: dict[str, Any]) -> None:
    """Keep the figures of a timeline with the video's analyses, if it has any there."""
    if (store.root / archive_name / sha256).is_dir():
        document = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "metadata": timeline["metadata"],
            "statistics": compute_statistics(timeline),
        }
        store.put_video_metadata(archive_name, sha256, document)


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
    try:
        document = msgspec.json.decode((video.folder / "video_metadata.json").read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    statistics = document.get("statistics") if isinstance(document, dict) else None
    return statistics if isinstance(statistics, dict) else None
