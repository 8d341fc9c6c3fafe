"""The 25-fps video of a project, for players: from the work folder, else from the delivery."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import Masters, read_document
from mediaflow_assets.server.files import file_response, missing
from mediaflow_assets.server.site import is_key, site_of

_PRIVATE = {"Cache-Control": "private, no-cache"}


def video(request: Request) -> Response:
    """The video itself, by ranges."""
    key, video_id = request.path_params["key"], request.path_params["video"]
    file = picture(site_of(request).layout, key, video_id) if is_key(key) else None
    if file is None:
        return missing("There is no video any more: neither in the work folder nor in the delivery.")
    return file_response(request, file, "video/mp4", headers=_PRIVATE)


def picture(layout: Layout, key: str, video_id: str) -> Path | None:
    """A file with the 25-fps picture of a video, if there still is one.

    Args:
        key: partition key.
        video_id: id of the video in its project; it is compared and becomes no path.
    """
    try:
        folders = layout.project(key)
    except BadInput:
        return None
    found: list[Path] = []
    manifest = folders.video / "manifest.json"
    if manifest.exists():
        masters = read_document(manifest, Masters).videos
        found += [folders.video / master.path for master in masters if master.id == video_id]
    record = DeliveryRecords(layout.state).get(key)
    if record is not None:
        delivered = [item for item in record.videos if item.master.id == video_id]
        found += [Path(record.folder) / item.paths["video"] for item in delivered]
    return next((file for file in found if file.is_file()), None)


ROUTES = [Route("/media/{key}/{video}.mp4", video)]
