"""Engines by name: one registry per stage, loaded only when used.

An engine is one class in one file. A registry line maps its name to that class without importing
it, so that listing engines costs nothing and a missing library matters only to who asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import ClassVar, Generic, ParamSpec, Protocol, TypeVar

from pydantic import AfterValidator

from mediaflow_assets.core.errors import BadInput


class Engine(Protocol):
    """What every engine says of itself, readable without loading anything.

    Each stage extends this with its own ``process``; ``load()`` brings the model into memory and
    sets ``device``, and raises :class:`~mediaflow_assets.core.errors.Unavailable` before any frame is
    touched when a model or a library is missing.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """One sentence: what it does and what it is good for."""
    licence: ClassVar[str]
    """Licence of the weights (SPDX identifier where there is one), with its limits."""
    models: ClassVar[tuple[str, ...]]
    """Names in the model table that ``load()`` needs. One that needs a library of an extra names it in
    ``libraries``, so that a run is refused before its launch where it is not installed."""


E_co = TypeVar("E_co", covariant=True)
P = ParamSpec("P")


class Registry(Generic[E_co, P]):
    """Names of interchangeable classes, all made from the same arguments.

    Args:
        what: what the classes are, for messages: ``shot detector``.
        entries: name to ``package.module:Class``.
        aliases: other accepted names (legacy ones) to names.
    """

    def __init__(self, what: str, entries: Mapping[str, str], aliases: Mapping[str, str] | None = None) -> None:
        self.what = what
        self._entries = dict(entries)
        self._aliases = dict(aliases or {})

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of registration, without aliases."""
        return tuple(self._entries)

    def canonical(self, name: str) -> str:
        """The registered name for ``name`` or an alias of it.

        Raises:
            ValueError: no such name; lists those there are (pydantic turns it into a setting error).
        """
        name = self._aliases.get(name, name)
        if name not in self._entries:
            raise ValueError(f"no {self.what} has this name; choose one of: {', '.join(self._entries)}")
        return name

    def get(self, name: str) -> type[E_co]:
        """Import and return the class for ``name``."""
        try:
            module, _, attribute = self._entries[self.canonical(name)].partition(":")
        except ValueError as error:
            raise BadInput(repr(name), str(error), "Correct the setting that names it") from None
        cls: type[E_co] = getattr(import_module(module), attribute)
        return cls

    def create(self, name: str, *args: P.args, **kwargs: P.kwargs) -> E_co:
        """Make the one called ``name``; nothing of it is loaded yet."""
        factory: Callable[P, E_co] = self.get(name)
        return factory(*args, **kwargs)

    @property
    def valid(self) -> AfterValidator:
        """For settings: ``engine: Annotated[str, ENGINES.valid]`` accepts only our names."""
        return AfterValidator(self.canonical)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)
