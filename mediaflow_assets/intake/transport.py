"""HTTP for downloads: every URL, every redirect and every address is checked before it is used."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError, SSLError

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.intake.connections import Connect, ConnectingAdapter, connect_to
from mediaflow_assets.intake.hosts import Allowed
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.url_identity import parse

MAX_REDIRECTS = 10
CONNECT_TIMEOUT = 15
"""Seconds."""
# Asked without compression, so that lengths, ranges and check sums are those of the file. Dropbox
# answers a browser with a page and others with the file.
_HEADERS = {"User-Agent": "mediaflow-assets", "Accept": "*/*", "Accept-Encoding": "identity"}


@contextlib.contextmanager
def open_url(url: str, settings: IntakeSettings, headers: Mapping[str, str]) -> Iterator[requests.Response]:
    """GET ``url``, following redirects; the body is not read yet.

    Nothing of the environment is used: no proxy, and no password from a ``.netrc``.

    Raises:
        BadInput: a URL on the way may not be fetched, or there are too many of them.
        Interrupted: a server cannot be reached or does not answer.
    """
    allowed = settings.allowed_hosts
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(settings.ca_file) if settings.ca_file else True
        session.headers.update({**_HEADERS, **headers})
        for scheme in ("https://", "http://"):
            session.mount(scheme, ConnectingAdapter(_checked(allowed)))
        for _ in range(MAX_REDIRECTS):
            host = allowed.check(url)
            response, target = _get(session, url, host, settings.stall_timeout)
            with response:
                if target is None:
                    yield response
                    return
            url = target
        raise BadInput(parse(url).host, f"redirects more than {MAX_REDIRECTS} times", "Check the link")


def _get(session: requests.Session, url: str, host: str, stall_timeout: float) -> tuple[requests.Response, str | None]:
    """The response, and where it redirects to if it does; requests looks at that at once."""
    try:
        with reading(host):
            timeouts = (CONNECT_TIMEOUT, stall_timeout)
            response = session.get(url, stream=True, timeout=timeouts, allow_redirects=False)
        location = session.get_redirect_target(response)
        return response, urljoin(url, location) if location is not None else None
    except ValueError:  # not UTF-8, or no URL
        raise BadInput(host, "redirects to something that is no URL", "Check the link") from None


@contextlib.contextmanager
def reading(host: str) -> Iterator[None]:
    """Say in words what goes wrong on a connection; library messages show whole URLs, with secrets.

    Raises:
        Interrupted: for everything that goes wrong.
    """
    try:
        yield
    except (requests.exceptions.SSLError, SSLError):
        raise Interrupted(host, "has no certificate that is trusted here", "See DOWNLOAD_CA_FILE") from None
    except (requests.Timeout, ReadTimeoutError):
        raise Interrupted(host, "does not answer in time") from None
    except requests.exceptions.ConnectionError as error:
        refused = "Connection refused" in str(error)
        raise Interrupted(host, "refuses the connection" if refused else "broke the connection off") from None
    except (requests.RequestException, HTTPError):
        raise Interrupted(host, "broke off before the end") from None


def _checked(allowed: Allowed) -> Connect:
    """Connections only to addresses that ``allowed`` returned: resolved once, checked, and then connected to."""

    def connect(connection: HTTPConnection) -> socket.socket:
        port = connection.port or connection.default_port
        return connect_to(connection, allowed.addresses(connection.host, port))

    return connect
