"""Sub-commands that are imported when they are called: most modules serve one command only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from typer._click import Command  # it has no public name


class CommandTable(MutableMapping[str, "Command"]):
    """Click commands by name, made when they are asked for.

    Args:
        places: ``package.module:name`` of each, a function or a :class:`typer.Typer`.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            module, _, attribute = self._places[name].partition(":")
            self._made[name] = _command(name, getattr(import_module(module), attribute))
        return self._made[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._made})

    def __len__(self) -> int:
        return len({**self._places, **self._made})

    def __contains__(self, name: object) -> bool:
        return name in self._places or name in self._made


def _command(name: str, target: typer.Typer | Callable[..., object]) -> Command:
    parent = typer.Typer(add_completion=False)
    if isinstance(target, typer.Typer):
        parent.add_typer(target, name=name)
    else:
        parent.command(name)(target)
    # A callback makes it a group, whatever it has.
    parent.callback()(lambda: None)
    return typer.main.get_group(parent).commands[name]
