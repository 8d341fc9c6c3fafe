"""Who may ask Dagster's web server, which has no login and asks nobody: only its own pages, and programs.

Every page of the internet that somebody opens on this machine can send requests to loopback. It cannot read the
answers, but Dagster carries out changes by GET and from any Host or Origin. Host tells a foreign name that leads here
(DNS rebinding), Origin and Sec-Fetch-Site tell a foreign page, and a GET can change nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READING = ("GET", "HEAD")


class DagsterGuard:
    """ASGI middleware before Dagster's web server.

    Args:
        app: that web server.
        hosts: names under which it may be asked beside those of loopback: those of a proxy.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await PlainTextResponse(f"{refusal}\n", 403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if _name(host) not in self.hosts:
            return f"{_name(host) or 'No host'} is no name of this server; a proxy's is set in UI_HOSTS."
        origin = headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != host:
            return "Another site's page may not ask for this."
        if scope["type"] == "websocket":
            return None
        method, asks_graphql = scope["method"], scope["path"].rstrip("/").endswith("/graphql")
        opened = (
            method in _READING
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not opened:
            return "Another site's page may not ask for this."
        if method not in (*_READING, "POST") or (asks_graphql and method != "POST"):
            return f"{method} is not allowed here."
        if asks_graphql and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return "A question is sent as application/json."
        return None


def _name(host: str) -> str:
    """Of ``name:port``."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _unframed(send: Send) -> Send:
    """No other page may show this one within itself and lead clicks to it."""

    async def unframed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("X-Frame-Options", "SAMEORIGIN")
        await send(message)

    return unframed
