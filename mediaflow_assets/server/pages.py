"""Our own pages and what they load: files of the package, without a build step."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from markupsafe import escape
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

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


ROUTES = [Mount("/static", StaticFiles(packages=[(_PACKAGE, "static")]), name="static")]
