"""Who may ask, and who may write.

It listens on loopback, so every request comes from a program of this machine: a browser that shows our page, a
browser that shows a page of the internet, or a proxy. Host and Origin tell the first from the second; the
token proves that the page could read an answer of ours, which pages of other origins cannot.
"""

from __future__ import annotations

import getpass
import hmac
import unicodedata
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mediaflow_assets.reporting.addresses import HOST
from mediaflow_assets.server.site import Site, site_of

TOKEN_HEADER = "x-review-token"  # noqa: S105 - a header's name
MAX_BODY = 64 * 1024
"""Bytes of a request; the largest set of corrections that a page sends is a hundredth of it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_READING = ("GET", "HEAD")


def guards(site: Site) -> list[Middleware]:
    """What every request passes, outermost first."""
    web = site.settings.web
    hosts = [HOST, "localhost", *web.hosts]
    return [
        Middleware(Headed),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(Guard, origins=web.origins, token=site.token),
    ]


def user_of(request: Request) -> str:
    """Who writes: the user that the proxy names, else the user who runs the program."""
    header = site_of(request).settings.web.user_header
    named = request.headers.get(header, "") if header else ""
    plain = "".join(char for char in named if unicodedata.category(char)[0] != "C").strip()
    return plain[:80] or getpass.getuser()


class Headed:
    """Adds the headers that forbid what no page of ours does; an answer may bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, headed)


class Guard:
    """Refuses what another site's page asks for, and what does not prove that it comes from a page of ours."""

    def __init__(self, app: ASGIApp, origins: Sequence[str], token: str) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is not None:
            status, sentence = refusal
            await PlainTextResponse(sentence, status)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        reading = scope["method"] in _READING
        # A link in a message or on another site may lead here: that site cannot read what it opens.
        opened = reading and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if headers.get("sec-fetch-site") == "cross-site" and not opened:
            return 403, "Another site's page may not ask for this."
        return None if reading else self._refusal_to_write(scope, headers)

    def _refusal_to_write(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        own = f"{scope['scheme']}://{headers.get('host', '')}"
        if headers.get("origin") not in {own, *self.origins}:
            return 403, "Only a page of this application may write; behind a proxy set REVIEW_ORIGINS."
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
            return 403, "The page was opened before the program was started again. Reload it."
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return 403, "Corrections are sent as application/json."
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return 413, f"A request may have {MAX_BODY} bytes and has to say how many it has."
        return None
