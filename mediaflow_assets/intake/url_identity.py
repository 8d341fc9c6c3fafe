"""One key for every spelling of the same link."""

from __future__ import annotations

import html
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from mediaflow_assets.errors import BadInput

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_dropbox(host: str) -> bool:
    """Whether ``host`` is Dropbox's own, by exact name or true sub-domain."""
    host = host.lower().rstrip(".")
    return any(host == own or host.endswith(f".{own}") for own in ("dropbox.com", "dropboxusercontent.com"))


def identity(url: str) -> str:
    """Canonical form of ``url``; ``identity(identity(u)) == identity(u)``.

    Raises:
        BadInput: not an absolute http(s) URL, or one that carries a user name or password.
    """
    text = url.strip()
    while (unescaped := html.unescape(text)) != text:
        text = unescaped
    text = text.replace("amp%3B", "").replace("amp%3b", "")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadInput(repr(url), f"is not a URL ({error})", "Correct the record") from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _DEFAULT_PORTS or not host:
        raise BadInput(repr(url), "is not an absolute http or https URL", "Correct the record")
    if parts.username is not None or parts.password is not None:
        raise BadInput(f"{scheme}://***@{host}", "carries a user name", "Send a link without one")
    location = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        location += f":{port}"
    path = "/".join(quote(unquote(part), safe="~!$&'()*+,;=:@-._") for part in parts.path.split("/"))
    pairs = {(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=False)}
    if is_dropbox(host):
        pairs = {(name, value) for name, value in pairs if name.lower() not in {"dl", "raw"}} | {("dl", "1")}
    query = urlencode(sorted(pairs, key=lambda pair: (pair[0].lower(), pair)))
    return urlunsplit((scheme, location, path.rstrip("/"), query, ""))
