"""The search page: what was said in all projects, each place with its picture and a link to the moment."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.reporting.html import render
from mediaflow_assets.reporting.moments import Moments, search_index
from mediaflow_assets.server.files import file_response, missing
from mediaflow_assets.server.site import SHA256, Site, is_key, site_of
from mediaflow_assets.transcripts.search_index import Hit, search
from mediaflow_assets.transcripts.string_out import write_string_out

LIMIT = 200
"""Hits on the page and in a string-out."""
SIZE = (192, 108)
"""Pixels of a picture."""
_POLICY = {"Content-Security-Policy": "frame-ancestors 'none'; form-action 'self'"}
_TYPES = {".otio": "application/json", ".edl": "text/plain"}


class Wish(NamedTuple):
    """What is looked for; the names are those of the address."""

    q: str
    person: str
    project: str
    since: str

    @classmethod
    def of(cls, request: Request) -> Wish:
        return cls(*(request.query_params.get(name, "").strip()[:200] for name in cls._fields))

    @property
    def address(self) -> str:
        """The query of the same search."""
        return urlencode({name: value for name, value in self._asdict().items() if value})

    def hits(self, site: Site) -> list[Hit]:
        """The newest places.

        Raises:
            BadInput: nothing is transcribed yet.
        """
        if not self.q:
            return []
        index = search_index(site.layout, site.store)
        return list(search(index, self.q, person=self.person, project=self.project, since=self.since, limit=LIMIT))


class Found(NamedTuple):
    """One place as the page shows it."""

    hit: Hit
    page: str
    picture: str


def search_page(request: Request) -> Response:
    """The form, and what was found."""
    site, wish = site_of(request), Wish.of(request)
    problem = ""
    try:
        hits = wish.hits(site)
    except BadInput as error:
        hits, problem = [], error.sentence
    moments = Moments(site.layout)
    found = [Found(hit, moments.page(hit), _picture_of(hit) if moments.film(hit) else "") for hit in hits]
    text = render(
        "search.html.jinja",
        site.settings.reports.language,
        served=True,
        generated=datetime.now(UTC),
        wish=wish,
        found=found,
        limit=LIMIT,
        problem=problem,
    )
    return HTMLResponse(text, headers=_POLICY)


def _picture_of(hit: Hit) -> str:
    return f"search/{hit.video_sha256}/{hit.first + 1}.jpg?{urlencode({'project': hit.project})}"


def string_out(request: Request) -> Response:
    """The hits as a timeline for editing programs."""
    site, wish = site_of(request), Wish.of(request)
    suffix = f".{request.path_params['kind']}"
    if suffix not in _TYPES:
        return missing("There is no such timeline: take otio or edl.")
    moments = Moments(site.layout)
    with TemporaryDirectory() as folder:
        path = write_string_out(
            Path(folder) / f"hits{suffix}", wish.hits(site), moments.medium, name=wish.q or "search"
        )
        content = path.read_bytes()
    name = f"mediaflow-search{suffix}"
    return Response(
        content, media_type=_TYPES[suffix], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def picture(request: Request) -> Response:
    """The picture of a place: one frame of its video, small."""
    site, sha256 = site_of(request), request.path_params["sha256"]
    frame, project = request.path_params["frame"], request.query_params.get("project", "")
    if not SHA256.fullmatch(sha256) or not is_key(project):
        return missing("There is no such video.")
    kept = site.packed / "search" / sha256 / f"{frame}.jpg"
    if not kept.is_file():
        place = Hit(project, "", "", sha256, frame - 1, frame, "", "", "", "", None, "")
        film = Moments(site.layout).film(place)
        if film is None:
            return missing("There is no video any more: neither in the work folder nor in the delivery.")
        write_atomic(kept, _jpeg(film, frame))
    return file_response(request, kept, "image/jpeg")


def _jpeg(film: Path, frame: int) -> bytes:
    import av

    from mediaflow_assets.video.decode import frames_at

    try:
        (found,) = frames_at(film, [max(frame, 1)], SIZE)
    except av.FFmpegError as error:
        raise BadInput(film.name, f"cannot be decoded ({error})", "Materialize video_25fps again") from error
    stream = io.BytesIO()
    found.save(stream, "JPEG", quality=80)
    return stream.getvalue()


ROUTES = [
    Route("/search", search_page),
    Route("/search.{kind}", string_out),
    Route("/search/{sha256}/{frame:int}.jpg", picture),
]
