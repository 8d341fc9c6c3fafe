"""One key for every spelling of the same link.

The key is a working URL. Only what cannot change the meaning of a link is unified (RFC 3986,
section 6), plus the damage that mail programs and copy-and-paste do to links: an escaped ampersand
(``&amp;``, ``&amp;amp;``, ``amp%3B``), and a link that was percent-encoded as a whole. Of Dropbox it
is known what more does not matter: ``dl`` and ``raw``, which choose between a page and the file,
parameters without a value, a semicolon that is left of an ampersand, and slashes, double encoding and
Unicode form in the path, which is decoration around the link's id.

Values of parameters are never touched: ``rlkey`` is the permission to read.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit, urlunsplit

import idna

from mediaflow_assets.core.errors import BadInput

_REMEMBERED = 1 << 15
"""Links; a webhook lists the same ones at each poll."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = "~!$&'()*+,;=:@-._"
_QUERY_SAFE = "~!$'()*,;:@-._/?"
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ESCAPED_AMPERSAND = re.compile(r"^(?:amp(?:;|%(?:25)*3b))+", re.IGNORECASE)
"""What is left of it in front of a parameter's name."""
_LOST_AMPERSAND = re.compile(r"^(?:(?:amp)?(?:;|%(?:25)*3b))+", re.IGNORECASE)
"""As above, also where only its semicolon is left; no parameter of Dropbox begins with one."""
_NUMERIC_AMPERSAND = re.compile(r"&#(?:0*38|x0*26);", re.IGNORECASE)
_ENCODED_SCHEME = re.compile(r"https?(?::|%(?:25)*3a)(?:/|%(?:25)*2f){2}", re.IGNORECASE)
_DOUBLE_ENCODED = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")


def is_dropbox(host: str) -> bool:
    """Whether ``host`` (as in :class:`Link`) is Dropbox's own: by name or true sub-domain."""
    return any(host == own or host.endswith(f".{own}") for own in ("dropbox.com", "dropboxusercontent.com"))


class Link(NamedTuple):
    """The parts of an absolute http(s) URL that carries no user name."""

    scheme: str
    host: str
    """In its one ASCII form: lower case, IDNA, no final dot, no brackets."""
    port: int | None
    path: str
    query: str


@lru_cache(_REMEMBERED)
def parse(url: str) -> Link:
    """Take a URL apart.

    Raises:
        BadInput: not an absolute http(s) URL, or one that carries a user name or password.
    """
    text = url.strip()
    while _ENCODED_SCHEME.match(text) and not text.lower().startswith(("http://", "https://")):
        text = unquote(text)  # the whole link was encoded once more
    try:
        text.encode()  # half a character (a surrogate) has no percent encoding
        parts = urlsplit(_NUMERIC_AMPERSAND.sub("&", text))
        port, host = parts.port, _ascii_host(parts.hostname or "")
    except (ValueError, idna.IDNAError) as error:
        raise BadInput(_shown(url), f"is not a URL ({error})", "Correct the record") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise BadInput(_shown(url), "is not an absolute http or https URL", "Correct the record")
    if "@" in parts.netloc:
        raise BadInput(f"{parts.scheme}://***@{host}", "carries a user name", "Send a link without one")
    return Link(parts.scheme, host, port, parts.path, parts.query)


@lru_cache(_REMEMBERED)
def identity(url: str) -> str:
    """Canonical form of ``url``; ``identity(identity(url)) == identity(url)`` for every accepted URL.

    Raises:
        BadInput: not an absolute http(s) URL, or one that carries a user name or password.
    """
    scheme, host, port, path, query = parse(url)
    dropbox = is_dropbox(host)
    if host == "dropbox.com":
        host = "www.dropbox.com"  # the bare name only redirects
    location = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        location += f":{port}"
    return urlunsplit((scheme, location, _path(path, dropbox) or "/", _query(query, dropbox), ""))


def legacy_identity(url: str) -> str:
    """The key that ``url`` has after the replaced application decoded all of it before it looked at its parts.

    A permission with an encoded ampersand lost its end by that, and an encoded slash became a folder, so
    what it fetched is found in its history only under this key. For Dropbox only; others keep theirs.

    Raises:
        BadInput: as :func:`identity`.
    """
    if not is_dropbox(parse(url).host):
        return identity(url)
    try:
        return identity(unquote(url.strip()))
    except BadInput:  # decoded, it is no URL any more
        return identity(url)


def _shown(url: str) -> str:
    """Without its parameters, which may be a permission to read."""
    return repr(re.split(r"[?#]|%3f", url, maxsplit=1, flags=re.IGNORECASE)[0][:100])


def _ascii_host(host: str) -> str:
    host = host.rstrip(".").lower()
    if ":" in host:
        return ipaddress.IPv6Address(host).compressed
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii").lower()
    if host and not _HOST.fullmatch(host):
        raise ValueError("its host has characters that no host has")
    return host


def _path(path: str, dropbox: bool) -> str:
    """Each segment decoded and encoded again, so that %2F stays and %41 becomes A."""
    if dropbox:
        path = _DOUBLE_ENCODED.sub("%", path)
    segments: list[str] = []
    for raw in path.split("/"):
        segment = unquote_to_bytes(raw)
        if segment == b"..":
            del segments[max(1, len(segments) - 1) :]
        elif segments and (segment == b"." or (dropbox and not segment)):
            continue
        else:
            segments.append(_encoded(segment, _PATH_SAFE, normalize=dropbox))
    return "/".join(segments).rstrip("/") if dropbox else "/".join(segments)


def _query(query: str, dropbox: bool) -> str:
    """Parameters without repetition, sorted by name and value."""
    if dropbox and "=" not in query and "%3d" in query.lower():
        query = unquote(query)  # the whole query was encoded once more
    pairs = set()
    for raw in query.split("&"):
        name, value = (_parameter(part, dropbox) for part in raw.partition("=")[::2])
        name = (_LOST_AMPERSAND if dropbox else _ESCAPED_AMPERSAND).sub("", name)
        if name or value:
            pairs.add((name, value))
    if dropbox:
        said = {(name, value) for name, value in pairs if value and name.lower() not in {"dl", "raw"}}
        pairs = said | {("dl", "1")}
    ordered = sorted(pairs, key=lambda pair: (pair[0].lower(), pair))
    return "&".join(f"{name}={value}" for name, value in ordered)


def _parameter(text: str, dropbox: bool) -> str:
    """One name or value, decoded and encoded again.

    A plus may mean a space or itself: only of Dropbox is it known (a space).
    """
    if dropbox:
        text = text.replace("+", " ")
    return "+".join(_encoded(unquote_to_bytes(piece), _QUERY_SAFE) for piece in text.split("+"))


def _encoded(data: bytes, safe: str, *, normalize: bool = False) -> str:
    if normalize:
        with contextlib.suppress(UnicodeDecodeError):  # bytes in some other encoding stand for themselves
            data = unicodedata.normalize("NFC", data.decode("utf-8")).encode("utf-8")
    return quote(data, safe=safe)
