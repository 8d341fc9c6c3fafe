"""Where the places that a search found can be seen: video, picture, page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.analysis_store import AnalysisStore
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import Master, Masters, read_document
from mediaflow_assets.reporting.addresses import address
from mediaflow_assets.reporting.restored import stored_corrections
from mediaflow_assets.review.journal import journals
from mediaflow_assets.transcripts.passages import searchable
from mediaflow_assets.transcripts.search_index import Hit


def search_index(layout: Layout, store: AnalysisStore) -> Path:
    """The search index of an installation, up to date, with what people corrected.

    Raises:
        BadInput: nothing is transcribed yet.
        Unavailable: the index cannot be written.
    """
    said = {path.stem: path for path in journals(layout.archives)}
    return searchable(store, layout.state, stored_corrections(layout), said)


class Moments:
    """Args:
    layout: the installation's folders.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._records = DeliveryRecords(layout.state)
        self._known: dict[str, dict[str, tuple[str, tuple[Path, ...]]]] = {}

    def film(self, hit: Hit) -> Path | None:
        """The 25-fps video of a hit, if there still is one: the delivered one, else that of the work folder."""
        _, films = self._video(hit)
        return next((path for path in films if path.is_file()), None)

    def medium(self, hit: Hit) -> str:
        """Path of its video for editing programs; the name that it is delivered under if it is not here."""
        film = self.film(hit)
        return str(film) if film else f"{Path(hit.video).stem}.mp4"

    def page(self, hit: Hit, port: int | None = None) -> str:
        """Address of the moment in the report of its video; empty when there is no report.

        Args:
            port: of the web application; without it, the address below its root.
        """
        video_id, _ = self._video(hit)
        if not video_id:
            return ""
        report = self._layout.project(hit.project).reports / f"{video_id}.html"
        if not report.is_file():
            return ""
        name = f"{hit.project}/{video_id}.html"
        return f"{address(port, name) if port is not None else quote(name)}#t={hit.first / FPS:g}"

    def _video(self, hit: Hit) -> tuple[str, tuple[Path, ...]]:
        if hit.project not in self._known:
            self._known[hit.project] = self._videos(hit.project)
        return self._known[hit.project].get(hit.video_sha256, ("", ()))

    def _videos(self, key: str) -> dict[str, tuple[str, tuple[Path, ...]]]:
        """sha256 of the received video to its id and the places of its 25-fps video."""
        found: dict[str, tuple[str, tuple[Path, ...]]] = {}
        try:
            folders = self._layout.project(key)
            record = self._records.get(key)
            manifest = folders.video / "manifest.json"
            masters: tuple[Master, ...] = read_document(manifest, Masters).videos if manifest.exists() else ()
        except BadInput:  # a project that only the store knows, or a damaged record: nothing to show
            return found
        for video in record.videos if record else ():
            path = Path(record.folder) / video.paths["video"] if record else Path()
            found[video.master.source_sha256] = (video.master.id, (path,))
        for master in masters:
            delivered = found.get(master.source_sha256, ("", ()))[1]
            found[master.source_sha256] = (master.id, (*delivered, folders.video / master.path))
        return found
