"""One URL to one ``.part`` file: resumed where the server can, limited, and compared with what it said."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.core.files import translated_errors
from mediaflow_assets.formats.manifest import read_document, write_document
from mediaflow_assets.intake.bandwidth import Bandwidth
from mediaflow_assets.intake.disposition import offered_name
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.transport import open_url, reading
from mediaflow_assets.intake.url_identity import parse

CHUNK = 256 << 10
"""Most bytes read at a time; what has arrived is taken at once."""
LOOK_AT_DISK = 64 << 20
"""Bytes between two looks at the free space."""
MIN_RATE = 1024
"""Bytes per second; a connection that brings less for a whole stall timeout has stalled."""

OnProgress = Callable[[int, int | None], None]
"""Called with the bytes received so far, and all bytes if the server said how many."""

_MAX_RETRY_AFTER = 40
"""Characters; a date has 29."""
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_ALGORITHMS = {"sha-512": "sha512", "sha-256": "sha256", "md5": "md5"}
"""Names in digest headers (RFC 9530, RFC 3230), strongest first."""


class Later(Interrupted):
    """A server that asks to be left alone for some time."""

    def __init__(self, subject: object, problem: str, remedy: str = "", *, after: float = 0) -> None:
        super().__init__(subject, problem, remedy)
        self.after = after
        """Seconds."""


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """What a server said about the file of which a part is here."""

    validator: str = ""
    """Strong ETag; without one a transfer cannot be resumed safely."""
    total: int | None = None
    digests: dict[str, str] = msgspec.field(default_factory=dict)
    """Algorithm (as in :mod:`hashlib`) to hex digest of the whole file."""
    name: str = ""
    """The server's name for the file, unsanitized."""


class Transfer:
    """Brings one URL into ``part``; what a broken transfer leaves there is used by the next one.

    Args:
        url: where it is.
        part: the unfinished file; beside it lies ``<part>.json``, a :class:`Partial`.
        settings: limits.
        bandwidth: shared with other downloads.
        on_progress: told about every piece.
    """

    def __init__(
        self, url: str, part: Path, settings: IntakeSettings, bandwidth: Bandwidth, on_progress: OnProgress
    ) -> None:
        self._url, self._part, self._settings = url, part, settings
        self._document = part.with_name(f"{part.name}.json")
        self._bandwidth, self._on_progress = bandwidth, on_progress
        self._host = parse(url).host

    def run(self) -> Partial:
        """Bring the rest, or all, of the file.

        Returns:
            What the server said; ``total`` is None when only the content can tell whether it is whole.

        Raises:
            BadInput: trying again is pointless.
            Interrupted: it may work later; what came so far is kept if that is of use.
            Unavailable: the disk is full.
        """
        with translated_errors(self._part.parent):
            known, have = self._state()
            try:
                if known is None or have != known.total:
                    known, have = self._transfer(known, have)
                self._compare(known)
            except BadInput:
                self.discard()
                raise
            return known

    def discard(self) -> None:
        """Remove what came so far."""
        self._part.unlink(missing_ok=True)
        self._document.unlink(missing_ok=True)

    def _state(self) -> tuple[Partial | None, int]:
        if not self._part.exists() or not self._document.exists():
            return None, 0
        known = read_document(self._document, Partial)
        have = self._part.stat().st_size
        if have != known.total and not (known.validator and have):
            return None, 0
        return known, have

    def _transfer(self, known: Partial | None, have: int) -> tuple[Partial, int]:
        headers = {"Range": f"bytes={have}-", "If-Range": known.validator} if known else {}
        with open_url(self._url, self._settings, headers) as response:
            self._check_status(response)
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise BadInput(self._host, "sends the file in an encoding that was not asked for", "Check the link")
            if known and response.status_code == 206:
                self._check_range(response, known, have)
            else:
                known, have = _described(response), 0
                self._check_size(known.total)
                self._part.write_bytes(b"")
                write_document(self._document, known)
            self._check_disk((known.total or have) - have)
            have = self._stream(response, have, known.total)
        if known.total is not None and have != known.total:
            raise Interrupted(self._host, f"sent {have} of {known.total} bytes")
        return known, have

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 416:  # the file is another one by now
            self.discard()
            raise Interrupted(self._host, "has another file than before")
        if status in _PASSING:
            said = f"answers {status} {response.reason or ''}".strip()
            raise Later(self._host, said, after=retry_after(response.headers))
        if status not in (200, 203, 206):
            said = f"answers {status} {response.reason or ''}".strip()
            raise BadInput(self._host, said, "Ask for a new link")
        if status == 206 and "Range" not in response.request.headers:
            raise Interrupted(self._host, "sends a part although it was asked for the whole file")

    def _check_range(self, response: requests.Response, known: Partial, have: int) -> None:
        """Only the rest of the very same file may be appended (RFC 9110, 13.1.5, 14.4 and 15.3.7)."""
        fields = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        same = (
            fields is not None
            and int(fields[1]) == have
            and (known.total is None or fields[3] in ("*", str(known.total)))
            and response.headers.get("ETag") == known.validator
        )
        if not same:
            self.discard()
            raise Interrupted(self._host, "has another file than before")

    def _check_size(self, total: int | None) -> None:
        most = self._settings.max_download
        if total is not None and total > most:
            raise BadInput(self._host, f"offers {total} bytes, and {most} are allowed", "See DOWNLOAD_MAX_BYTES")

    def _check_disk(self, needed: int) -> None:
        free = shutil.disk_usage(self._part.parent).free
        if free < needed + self._settings.min_free:
            problem = f"has {free} bytes free, which is too little for {needed} more and MIN_FREE_BYTES"
            raise Unavailable(self._part.parent, problem, "Free some space")

    def _stream(self, response: requests.Response, have: int, total: int | None) -> int:
        """Append the body; returns the size of the file."""
        looked_at = have
        pace = _Pace(self._host, self._settings.stall_timeout)
        with self._part.open("ab") as stream:
            while True:
                before = time.monotonic()
                with reading(self._host):
                    data = response.raw.read1(CHUNK, decode_content=False)
                if not data:
                    break
                pace.check(len(data), time.monotonic() - before)
                have += len(data)
                if have > (total if total is not None else self._settings.max_download):
                    raise BadInput(self._host, f"sends more than {have - len(data)} bytes", "See DOWNLOAD_MAX_BYTES")
                stream.write(data)
                stream.flush()  # what was counted is in the file, also after a kill
                if have - looked_at > LOOK_AT_DISK:
                    looked_at = have
                    self._check_disk(0)
                self._bandwidth.take(len(data))
                self._on_progress(have, total)
            os.fsync(stream.fileno())
        return have

    def _compare(self, known: Partial) -> None:
        for algorithm, expected in known.digests.items():
            with self._part.open("rb") as stream:
                found = hashlib.file_digest(stream, algorithm).hexdigest()
            if found != expected:
                self.discard()
                raise Interrupted(self._host, f"sent something else than its {algorithm} says")


class _Pace:
    """Notices a connection that is alive and brings nothing.

    Only time spent waiting for the network counts, not the waits of a bandwidth limit.
    """

    def __init__(self, host: str, window: float) -> None:
        self._host, self._window = host, window
        self._bytes, self._seconds = 0, 0.0

    def check(self, size: int, seconds: float) -> None:
        self._bytes += size
        self._seconds += seconds
        if self._seconds < self._window:
            return
        if self._bytes < MIN_RATE * self._seconds:
            raise Interrupted(self._host, f"sent {self._bytes} bytes in {self._seconds:.0f} s")
        self._bytes, self._seconds = 0, 0.0


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3); 0 without a right one."""
    value = headers.get("Retry-After", "").strip()
    try:
        return float(Retry().parse_retry_after(value[:_MAX_RETRY_AFTER]))
    except (InvalidHeader, ValueError):
        return 0.0


def declared_digests(headers: Mapping[str, str]) -> dict[str, str]:
    """The strongest digest of the whole body that the headers declare.

    ``Repr-Digest`` and ``Content-Digest`` (RFC 9530), ``Digest`` (RFC 3230), ``Content-MD5`` (RFC 1864).
    """
    found: dict[str, str] = {}
    for header in ("Repr-Digest", "Content-Digest", "Digest"):
        for item in headers.get(header, "").split(","):
            name, _, value = item.strip().partition("=")
            if name.lower() in _ALGORITHMS:
                found.setdefault(name.lower(), value.strip(":"))
    if "Content-MD5" in headers:
        found.setdefault("md5", headers["Content-MD5"].strip())
    for name, algorithm in _ALGORITHMS.items():
        if name in found:
            try:
                return {algorithm: base64.b64decode(found[name], validate=True).hex()}
            except binascii.Error:
                return {}  # not a digest; the content is checked anyway
    return {}


def _described(response: requests.Response) -> Partial:
    etag = response.headers.get("ETag", "")
    length = response.headers.get("Content-Length", "")
    chunked = "Transfer-Encoding" in response.headers
    return Partial(
        validator="" if etag.startswith("W/") or response.headers.get("Accept-Ranges") == "none" else etag,
        total=int(length) if length.isascii() and length.isdigit() and not chunked else None,
        digests=declared_digests(response.headers),
        name=offered_name(response.headers.get("Content-Disposition")),
    )
