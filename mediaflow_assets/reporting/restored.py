"""Documents of the analysis store as people corrected them, for deliveries that lack them and for the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore, StoredVideo
from mediaflow_assets.delivery.documents import total_frames
from mediaflow_assets.delivery.restore import Corrected
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.reporting.corrected_words import word_corrections
from mediaflow_assets.reporting.reviewed import state_of
from mediaflow_assets.review.delivered import write_corrected
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import Made
from mediaflow_assets.review.present import KINDS, Present, review_of
from mediaflow_assets.transcripts.attribution import Corrections


def corrections_of(layout: Layout) -> Corrected:
    """Writes the documents of a video, found by its content, through its corrections."""
    store = AnalysisStore(layout.archives, layout.state)

    def corrected(digest: str, documents: Mapping[str, Path], frames: int, folder: Path) -> Mapping[str, Path]:
        for stored in store.find(digest):
            review = _review(layout, stored, documents, frames)
            if review is not None:
                return write_corrected(folder, "document", documents, frames, review)
        return {}

    return corrected


def stored_corrections(layout: Layout) -> Callable[[StoredVideo], Corrections | None]:
    """What people corrected of the words of a stored video.

    Raises:
        BadInput: its journal is damaged, or a document cannot be read.
    """

    def corrections(stored: StoredVideo) -> Corrections | None:
        lengths = [total_frames(kind, path) for kind, path in stored.documents.items() if kind in KINDS]
        return word_corrections(_review(layout, stored, stored.documents, lengths[0])) if lengths else None

    return corrections


def _review(layout: Layout, stored: StoredVideo, documents: Mapping[str, Path], frames: int) -> Review | None:
    state = state_of(layout, stored.sha256)
    if not state.said:
        return None
    full = {kind: path for kind, path in documents.items() if kind in KINDS}
    made = {kind: Made(sha256=sha256_of(path)) for kind, path in full.items()}
    return review_of(Present(_master(stored, frames), full, made), state)


def _master(stored: StoredVideo, frames: int) -> Master:
    """What is known of the 25-fps video of a stored one."""
    return Master(
        id="video",
        source_path=stored.name,
        source_sha256=stored.sha256,
        path="",
        sha256="",
        bytes=0,
        total_frames=frames,
        width=0,
        height=0,
        has_audio=True,
    )
