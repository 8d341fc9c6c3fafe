"""How a group of settings is declared.

Each domain package declares its own group in its ``settings.py`` (``scenes/settings.py`` …) as an
immutable pydantic model. A field names the environment variables that set it, the project's own
first and the replaced application's after it. ``mediaflow_assets.settings`` collects the groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field


class OptionGroup(BaseModel):
    """A group of settings; immutable, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, validate_default=True)

    @classmethod
    def applicable(cls, values: Mapping[str, str]) -> Mapping[str, str]:
        """Of all environment variables, those that this group may read; a group may leave some out."""
        return values

    def recipe(self) -> dict[str, object]:
        """The values that change a stage's result, as JSON; part of what a result is reused by.

        Without the engine's name (a recipe has it on its own), secrets, and settings declared
        ``operational``.
        """
        left_out = {"engine"}
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            if "Secret" in str(info.annotation) or (isinstance(extra, dict) and extra.get("operational")):
                left_out.add(name)
        return self.model_dump(mode="json", exclude=left_out)


def env(*names: str, default: Any = ..., doc: str, operational: bool = False, **constraints: Any) -> Any:
    """A setting read from the first of the environment variables ``names`` that is set.

    Args:
        names: the project's variable name, then accepted legacy names.
        default: value when none is set.
        doc: one sentence for the settings table.
        operational: changes how the work is done (time-outs, threads), never its result.
        constraints: any pydantic ``Field`` constraint (``gt=``, ``pattern=`` …).
    """
    return Field(
        default=default,
        validation_alias=AliasChoices(*names),
        description=doc,
        json_schema_extra={"operational": operational},
        **constraints,
    )


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""A comma-separated environment value."""
