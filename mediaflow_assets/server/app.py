"""The application: its parts, and the server that runs it beside Dagster's."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mediaflow_assets.core.errors import BadInput, MediaflowError, Unavailable
from mediaflow_assets.reporting.addresses import HOST, address
from mediaflow_assets.server import applying, home, media, pages, reports, review, search, session, steering
from mediaflow_assets.server.security import guards
from mediaflow_assets.server.site import Site

PARTS = (home, steering, applying, session, pages, review, media, search, reports)
"""Modules with ``ROUTES``; the first whose address fits answers."""
_BACKLOG = 128


def create_app(site: Site) -> Starlette:
    """The ASGI application of an installation."""
    app = Starlette(
        routes=[route for part in PARTS for route in part.ROUTES],
        middleware=guards(site),
        exception_handlers={MediaflowError: _explained},
    )
    app.state.site = site
    return app


@contextlib.contextmanager
def web_server(site: Site, port: int, host: str = HOST) -> Iterator[str]:
    """Serve an installation while the block runs; yields the URL.

    Args:
        port: 0 takes any free one.
        host: another address than loopback only inside a container that is published on loopback.

    Raises:
        Unavailable: the port is in use.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        create_app(site),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listener],), name="web", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield address(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"port {port}", f"cannot be opened for the reports ({error.strerror})", "Set REPORTS_PORT to a free one"
        ) from error
    return listener


async def _explained(request: Request, error: Exception) -> Response:
    """What is wrong, in the sentence that the command line would say."""
    sentence = error.sentence if isinstance(error, MediaflowError) else str(error)
    return PlainTextResponse(sentence, 422 if isinstance(error, BadInput) else 503)
