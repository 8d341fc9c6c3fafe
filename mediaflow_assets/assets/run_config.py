"""What the launchpad offers for a stage: its settings as typed, described, optional fields, made from the settings.

A field left empty is as ``.env`` and the environment say. Names are those of ``docs/settings.md``.
"""

import types
import typing
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar

import dagster as dg
from pydantic import AfterValidator, Field, create_model
from pydantic.fields import FieldInfo

from mediaflow_assets.core.registry import Registry
from mediaflow_assets.settings import SettingRow, Settings, table

F = TypeVar("F", bound=Callable[..., object])

_PLAIN = (bool, int, float)


class StageConfig(dg.Config):
    """What can be changed for one run, in the launchpad or with ``--config-json``."""

    settings: dict[str, str] = Field(
        default={}, description="The same settings by name as text; the fields below are checked before the launch."
    )


class VideosConfig(StageConfig):
    """Of a stage that works on each video."""

    again: list[str] = Field(
        default=[],
        description="Videos to make anew although nothing about them changed: path, file name, stem or id; * for all.",
    )


def typed_config(group: str, base: type[StageConfig] = StageConfig) -> Callable[[F], F]:
    """Decorator below ``@each_project``: the run config of a stage has a field for each setting of its group."""

    def decorate(stage: F) -> F:
        stage.__annotations__["config"] = config_of(group, base)
        return stage

    return decorate


@cache
def config_of(group: str, base: type[StageConfig]) -> type[StageConfig]:
    """``base`` with an optional field for each setting of a group that is no secret."""
    fields: dict[str, Any] = {
        row.names[0]: (_type(row) | None, Field(default=None, description=_described(row)))
        for row in table()
        if row.group == group and not row.secret
    }
    return create_model(f"{group.capitalize()}{base.__name__}", __base__=base, **fields)


def changes_of(config: StageConfig) -> dict[str, str]:
    """The settings that a run changes, by name, as text."""
    named = {row.names[0] for row in table()}
    typed = {name: getattr(config, name) for name in type(config).model_fields if name in named}
    texts = {
        name: str(value.value if isinstance(value, Enum) else value)
        for name, value in typed.items()
        if value is not None
    }
    return {**config.settings, **texts}


def settings_for(settings: Settings, group: str, config: StageConfig) -> Settings:
    """The installation's settings with this run's changes to one group."""
    changes = changes_of(config)
    return settings.override(group, changes) if changes else settings


def _type(row: SettingRow) -> type:
    choice = choices(row.info)
    if choice:
        return Enum(row.names[0], {name: name for name in choice})  # type: ignore[return-value]  # mypy knows names in the code only
    annotation = row.info.annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        kinds = [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
        annotation = kinds[0] if len(kinds) == 1 else str
    return annotation if isinstance(annotation, type) and annotation in _PLAIN else str


def choices(info: FieldInfo) -> tuple[str, ...]:
    """The values that a setting may have, where they can be listed: texts of a Literal, names in a registry."""
    if typing.get_origin(info.annotation) is Literal:
        values = typing.get_args(info.annotation)
        return values if all(isinstance(value, str) for value in values) else ()
    for rule in info.metadata:
        registry = getattr(rule.func, "__self__", None) if isinstance(rule, AfterValidator) else None
        if isinstance(registry, Registry):
            return registry.names
    return ()


def _described(row: SettingRow) -> str:
    rules = [text for rule in row.info.metadata if (text := _rule(rule))]
    allowed = f" Allowed: {', '.join(rules)}." if rules else ""
    default = ", ".join(row.default) if isinstance(row.default, tuple) else row.default
    return f"{row.description}{allowed} Default: {default}."


def _rule(rule: object) -> str:
    for name, sign in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="), ("pattern", "pattern")):
        limit = getattr(rule, name, None)
        if limit is not None:
            return f"{sign} {limit}"
    return ""
