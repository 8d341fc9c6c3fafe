"""Our own pages and what they load: files of the package, without a build step."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from mediaflow_assets.reporting.locale_formats import language_tag
from mediaflow_assets.reporting.texts import languages, messages
from mediaflow_assets.server.files import json_answer, missing

_PACKAGE = "mediaflow_assets.server"


def page(name: str, facts: Mapping[str, str]) -> Response:
    """A page of the package with what it is about in the attributes of its body.

    Args:
        name: file in ``static``; ``{{facts}}`` stands where the attributes go.
        facts: ``data-`` attributes of the body.
    """
    text = files(_PACKAGE).joinpath("static", name).read_text(encoding="utf-8")
    attributes = " ".join(f'data-{key}="{escape(value)}"' for key, value in facts.items())
    return HTMLResponse(text.replace("{{facts}}", attributes))


def texts(request: Request) -> Response:
    """The sentences of the pages' scripts in a language, by their English, and what browsers call the language."""
    language = request.path_params["language"]
    if language not in languages():
        return missing("There is no catalogue of this language.")
    return json_answer({"tag": language_tag(language), "messages": messages(language)})


ROUTES = [
    Route("/api/texts/{language}", texts),
    Mount("/static", StaticFiles(packages=[(_PACKAGE, "static")]), name="static"),
]
