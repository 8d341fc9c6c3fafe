"""The review page and what it asks for and sends; the journal is written by the functions behind the commands too."""

from __future__ import annotations

import gzip

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.journal import StaleParent
from mediaflow_assets.review.record import record, undo
from mediaflow_assets.review.wishes import Wishes
from mediaflow_assets.server.cast import proposed
from mediaflow_assets.server.documents import project_of, video_with_content
from mediaflow_assets.server.face_chips import face_chip
from mediaflow_assets.server.files import file_response, json_answer, missing
from mediaflow_assets.server.looking import Looked
from mediaflow_assets.server.media import picture
from mediaflow_assets.server.pages import page
from mediaflow_assets.server.security import user_of
from mediaflow_assets.server.site import SHA256, site_of
from mediaflow_assets.server.sound import peaks
from mediaflow_assets.server.tracks import chunk_file

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For addresses that are a content."""
_MIN_GZIP = 1000


class _Undo(msgspec.Struct, frozen=True, kw_only=True):
    version: str | None = None
    """None is the last one that counts."""
    redo: bool = False


def review_page(request: Request) -> Response:
    """The page of one video."""
    site = site_of(request)
    project = project_of(site, request.path_params["key"])
    video = project.video(request.path_params["video"])
    facts = {"project": project.key, "video": video.id, "sha256": video.sha256, "name": video.name}
    return page("review.html", facts)


def review(request: Request) -> Response:
    """What is known and said about a video."""
    return _described(request, _looked(request))


def news(request: Request) -> Response:
    """Whether somebody else corrected in the meantime, and whether what is said is delivered."""
    looked = _looked(request)
    return _json(request, {"head": looked.head, "delivered": looked.is_delivered, "delivered_at": looked.delivered_at})


def tracks(request: Request) -> Response:
    """One chunk of a packed tracking document."""
    sha256, number = request.path_params["sha256"], request.path_params["number"]
    if not SHA256.fullmatch(sha256):
        return missing("There is no such document.")
    file = chunk_file(site_of(request).packed, sha256, number)
    if not file.is_file():
        return missing("Nobody is seen in this part.")
    return file_response(request, file, "application/json", headers={**_FOREVER, "Content-Encoding": "gzip"})


def chip(request: Request) -> Response:
    """The face chip of a track."""
    looked = _looked(request)
    number = request.path_params["number"]
    made = looked.present.made.get("tracking")
    if made is None or looked.video.picture is None or number >= len(looked.tracks.tracks):
        return missing("There is no picture of it.")
    master = looked.present.master
    track, folder = looked.tracks.tracks[number], looked.site.packed / made.sha256
    file = face_chip(track, number, looked.video.picture, (master.width, master.height), folder)
    return file_response(request, file, "image/jpeg", headers=_FOREVER)


def wave(request: Request) -> Response:
    """The loudness of every frame, a byte each."""
    looked = _looked(request)
    video = picture(looked.site.layout, looked.project.key, looked.video.id)
    if video is None:
        return missing("There is no video any more, so its sound is not known.")
    loud = peaks(video, looked.present.master.sha256, looked.site.packed)
    return Response(loud, media_type="application/octet-stream", headers=_FOREVER)


def cast(request: Request) -> Response:
    """Whom those without a name might be, as ``mediaflow cast propose`` says it; empty while ``CAST=off``."""
    return _json(request, {"proposals": proposed(_looked(request))})


async def corrections(request: Request) -> Response:
    """Write what a person says as one version; all of it or nothing."""
    return await _written(request, Wishes)


async def undoing(request: Request) -> Response:
    """Take a version back, or the last undoing."""
    return await _written(request, _Undo)


async def _written(request: Request, kind: type[Wishes] | type[_Undo]) -> Response:
    body = await request.body()
    if not site_of(request).may_write:
        return _sentence("Corrections are switched off here (REVIEW=off).", 403)
    parent = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if not parent:
        return _sentence("A correction has to say which version it was made on (If-Match).", 428)
    try:
        said: Wishes | _Undo = msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        return _sentence(f"This is no correction ({error}).", 422)
    return await run_in_threadpool(_write, request, said, parent)


def _write(request: Request, said: Wishes | _Undo, parent: str) -> Response:
    looked = _looked(request)
    by = user_of(request)
    try:
        if isinstance(said, Wishes):
            record(
                looked.journal,
                looked.present,
                said.edits,
                by=by,
                via="review",
                parent=parent,
                note=said.note,
                review=looked.review,
            )
        else:
            undo(looked.journal, said.version, by=by, via="review", parent=parent, redo=said.redo)
    except StaleParent as error:
        return _json(request, {"sentence": error.sentence, "head": error.head}, 412, {"ETag": f'"{error.head}"'})
    except BadInput as error:
        return _sentence(error.sentence, 422)
    return _described(request, Looked(looked.site, looked.project, looked.video, looked.present), 201)


def _looked(request: Request) -> Looked:
    site = site_of(request)
    sha256 = request.path_params["sha256"]
    if not SHA256.fullmatch(sha256):
        raise BadInput(repr(sha256), "is not the SHA-256 of a received video", "Give its 64 digits")
    project, video = video_with_content(site, sha256, request.query_params.get("project", ""))
    return Looked.at(site, project, video)


def _described(request: Request, looked: Looked, status: int = 200) -> Response:
    return _json(request, looked.described(), status, {"ETag": f'"{looked.head}"'})


def _json(request: Request, document: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = msgspec.json.encode(document)
    headers = {"Vary": "Accept-Encoding", **(headers or {})}
    if len(body) >= _MIN_GZIP and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 4)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, "application/json")


def _sentence(text: str, status: int) -> Response:
    return json_answer({"sentence": text}, status)


ROUTES = [
    Route("/p/{key}/review/{video}", review_page),
    Route("/api/review/{sha256}", review),
    Route("/api/news/{sha256}", news),
    Route("/api/tracks/{sha256}/{number:int}", tracks),
    Route("/api/chips/{sha256}/{number:int}.jpg", chip),
    Route("/api/wave/{sha256}", wave),
    Route("/api/cast/{sha256}", cast),
    Route("/api/corrections/{sha256}", corrections, methods=["POST"]),
    Route("/api/undo/{sha256}", undoing, methods=["POST"]),
]
