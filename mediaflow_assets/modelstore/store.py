"""The folder of model files, and the only way engines get at one: by name, verified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.modelstore.catalog import Model, find, load_catalog
from mediaflow_assets.modelstore.settings import ModelSettings

State = Literal["present", "missing", "wrong", "unpinned"]


def store_folder(settings: ModelSettings, home: Path) -> Path:
    """Where model files lie: ``MEDIAFLOW_MODELS_DIR``, or ``models`` in the home folder."""
    return settings.folder.expanduser().resolve() if settings.folder else home / "models"


@dataclass(frozen=True)
class Status:
    """One model and the file that is, or is not, in the store."""

    model: Model
    path: Path
    state: State
    """``unpinned``: there is a file and nothing to compare it with."""
    sha256: str | None
    """Of the file that is there."""

    @property
    def usable(self) -> bool:
        return self.state in ("present", "unpinned")

    @property
    def explanation(self) -> str:
        """State for people."""
        if self.model.pinned:
            return self.state
        return "unpinned: supplied by you" if self.usable else "missing (unpinned: supplied by you)"

    def require(self) -> Path:
        """The path of a file that may be loaded.

        Raises:
            Unavailable: there is no file; says how to get it.
            BadInput: the file is not the one in the model table.
        """
        if self.usable:
            return self.path
        if self.state == "wrong":
            raise BadInput(
                self.path,
                f"has sha256 {self.sha256}, but the model table pins {self.model.sha256}",
                f"Run: mediaflow models fetch {self.model.name} (it replaces the file)",
            )
        if self.model.pinned:
            remedy = f"Run: mediaflow models fetch {self.model.name}"
        else:
            remedy = f"It is not downloaded for you: get it from {self.model.origin} and save it as {self.path}"
        raise Unavailable(f"model {self.model.name}", f"{self.model.file} is not in {self.path.parent}", remedy)


class ModelStore:
    """Verified model files in one folder.

    Reading needs no write access, so that a store can be shared or mounted read-only. It downloads
    nothing: that is :func:`~mediaflow_assets.modelstore.fetch.fetch_models`.

    Args:
        folder: where the files lie; it need not exist.
        catalog: model table; the project's own by default.
    """

    def __init__(self, folder: Path, catalog: Mapping[str, Model] | None = None) -> None:
        self.folder = folder
        self.catalog = load_catalog() if catalog is None else dict(catalog)

    def path(self, name: str) -> Path:
        """The file of model ``name``, its content checked against the table.

        The hash is computed once per process and file as long as size and modification time stay.

        Raises:
            Unavailable: there is no file; names the command that fetches it.
            BadInput: no such model, or the file is not the one in the table.
        """
        return self.status(name).require()

    def sha256(self, name: str) -> str:
        """Content hash of the file that :meth:`path` gives; computed for an unpinned model.

        Raises:
            Unavailable, BadInput: as :meth:`path`.
        """
        status = self.status(name)
        status.require()
        assert status.sha256 is not None  # noqa: S101 - a usable file has been hashed
        return status.sha256

    def status(self, name: str, *, reread: bool = False) -> Status:
        """What is in the store for model ``name``; ``reread`` hashes the file whatever is remembered.

        Raises:
            BadInput: no such model.
        """
        model = find(self.catalog, [name])[0]
        path = self.folder / model.file
        if not path.is_file():
            return Status(model, path, "missing", None)
        actual = sha256_of(path) if reread else _remembered_sha256(path)
        if not model.pinned:
            return Status(model, path, "unpinned", actual)
        return Status(model, path, "present" if actual == model.sha256 else "wrong", actual)

    def verify(self, names: Iterable[str]) -> tuple[Status, ...]:
        """Status of each of ``names``, every file read anew.

        Raises:
            BadInput: no such model.
        """
        return tuple(self.status(model.name, reread=True) for model in find(self.catalog, names))


def _remembered_sha256(path: Path) -> str:
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


@cache
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    return sha256_of(path)
