"""The file name in a Content-Disposition header (RFC 6266)."""

from __future__ import annotations

import re
from email.message import Message
from urllib.parse import unquote_to_bytes


def offered_name(header: str | None) -> str:
    """The name that a server gives, unsanitized; empty when it gives none.

    ``filename*`` (RFC 8187) before ``filename``, quoted or not. A plain name that is percent-encoded,
    or in UTF-8 as it is, is against the RFC and common.

    Args:
        header: the value as ``http.client`` gives it, decoded as Latin-1.
    """
    if not header:
        return ""
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n]", " ", header)
    try:
        # The standard library's types do not know of the triples.
        parameters: list[tuple[str, object]] = list(message.get_params([], "content-disposition"))
    except TypeError:  # email.message cannot sort a name that is given both whole and in pieces
        return ""
    names = [value for key, value in parameters if key.lower() == "filename"]
    for value in names:
        if isinstance(value, tuple):  # (charset, language, bytes as Latin-1), from filename*
            return _text(value[2].encode("latin-1", "replace"), value[0] or "utf-8")
    plain = b"".join(value.encode("latin-1", "replace") for value in names[:1] if isinstance(value, str))
    return _text(unquote_to_bytes(plain) if re.search(rb"%[0-9A-Fa-f]{2}", plain) else plain)


def _text(data: bytes, charset: str = "utf-8") -> str:
    for name in (charset, "utf-8"):
        try:
            text = data.decode(name)
            text.encode()  # some encodings hold halves of characters
        except (ValueError, LookupError):  # not in that encoding, or none of that name
            continue
        return text
    return data.decode("latin-1")
