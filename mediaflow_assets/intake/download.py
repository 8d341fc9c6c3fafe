"""Downloading an archive: streamed to a part file, checked, renamed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import requests

from mediaflow_assets.archives.extract import is_archive
from mediaflow_assets.errors import BadInput, Interrupted, MediaflowError
from mediaflow_assets.files import atomic_path, contained
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.eligibility import check_host
from mediaflow_assets.intake.settings import IntakeSettings

MAX_REDIRECTS = 10
CHUNK = 512 << 10
TIMEOUTS = (15, 60)
"""Seconds to connect, and between two chunks."""


def download(origin: Origin, folder: Path, settings: IntakeSettings) -> Path:
    """Download the first of the origin's URLs that yields an archive.

    Raises:
        Interrupted: none worked; names the reason for each.
    """
    reasons = []
    for url in origin.urls:
        try:
            return _download(url, contained(folder, origin.filename), settings)
        except (MediaflowError, requests.RequestException) as error:
            reasons.append(error.sentence if isinstance(error, MediaflowError) else type(error).__name__)
    raise Interrupted(origin.filename, f"could not be downloaded ({'; '.join(reasons)})", "It is tried again")


def _download(url: str, target: Path, settings: IntakeSettings) -> Path:
    with _open(url, settings) as response, atomic_path(target) as temporary:
        received = 0
        with temporary.open("wb") as stream:
            for chunk in response.iter_content(CHUNK):
                stream.write(chunk)
                received += len(chunk)
        declared = response.headers.get("Content-Length")
        if declared and "Content-Encoding" not in response.headers and int(declared) != received:
            raise Interrupted(target.name, f"arrived with {received} of {declared} bytes")
        if not is_archive(temporary):
            raise BadInput(target.name, "is not an archive (an HTML page or a truncated file)", "Check the link")
    return target


def _open(url: str, settings: IntakeSettings) -> requests.Response:
    """Follow redirects by hand, so that every host on the way is checked."""
    for _ in range(MAX_REDIRECTS):
        check_host(url, settings)
        response = requests.get(url, stream=True, timeout=TIMEOUTS, allow_redirects=False)
        if not response.is_redirect:
            response.raise_for_status()
            return response
        url = urljoin(url, response.headers["Location"])
        response.close()
    raise BadInput(url.split("?")[0], "redirects too often", "Check the link")
