"""All settings in one typed object, read once from ``.env`` and the environment.

The groups live beside what they configure; this module only collects them, reads their values
and explains what is wrong with a value. ``docs/settings.md`` is generated from :func:`table`.

python-dotenv reads the file and pydantic judges the values. The sources of pydantic-settings were tried
and are not used: which names count depends on ``.env`` and the environment together, and sources are
asked one by one (``docs/developing.md``, Adding a setting).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from mediaflow_assets.cast.settings import CastSettings
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import FolderSettings
from mediaflow_assets.core.options import OptionGroup
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.execution.watchdog import StallSettings
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.modelstore.settings import ModelSettings
from mediaflow_assets.operations.settings import OperationSettings
from mediaflow_assets.operations.web import WebSettings
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.review.settings import CorrectionSettings
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.speech.settings import SpeechSettings
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.video.settings import VideoSettings

_NEVER_OURS = {
    "BASE_PATH_SCRIPTS_ENV": "MEDIAFLOW_HOME",
    "PROJECTS_DIR": "WORK_DIR",
    "DOWNLOAD_HISTORY_DB_PATH": "UPLOAD_HISTORY_PATH",
}
"""Folders and files of the replaced application to what is called so here: obeying these would write into it."""


class Settings(BaseModel):
    """Every setting, grouped by what it configures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folders: FolderSettings
    compute: ComputeSettings
    models: ModelSettings
    intake: IntakeSettings
    video: VideoSettings
    scenes: SceneSettings
    speech: SpeechSettings
    transcripts: TranscriptSettings
    faces: FaceSettings
    reframe: ReframeSettings
    corrections: CorrectionSettings
    cast: CastSettings
    delivery: DeliverySettings
    reports: ReportSettings
    web: WebSettings
    operations: OperationSettings
    cluster: ClusterSettings
    stall: StallSettings

    @classmethod
    def load(cls, env_file: Path | None = Path(".env"), environ: Mapping[str, str] | None = None) -> Settings:
        """Read ``env_file`` (if it exists) and then ``environ``, which wins.

        Raises:
            BadInput: a value is not allowed; names every such variable, its value and the rule. Or ``env_file``
                is that of the replaced application.
        """
        written = {} if env_file is None else _set(dotenv_values(env_file))
        if env_file is not None:
            _refuse_a_copied(env_file, written)
        values = {**written, **_set(os.environ if environ is None else environ)}
        try:
            return cls.model_validate(_nest(values))
        except ValidationError as error:
            raise BadInput("settings", _explain(error, values), "Correct the environment or .env") from None

    def override(self, group: str, values: Mapping[str, str]) -> Settings:
        """A copy with some values of one group replaced, for one run.

        Args:
            group: field of this class, for instance ``speech``.
            values: environment variable names of that group to values.

        Raises:
            BadInput: a name is not of this group, is a secret, or a value is not allowed.
        """
        rows = {name: row for row in table() if row.group == group for name in row.names}
        for name in values:
            if name not in rows:
                raise BadInput(name, f"is not a setting of {group}", f"Choose from: {', '.join(sorted(rows))}")
            if rows[name].secret:
                raise BadInput(name, "is a secret and may not be in a run's configuration", "Set it in the environment")
        current: OptionGroup = getattr(self, group)
        changed = {rows[name].field: value for name, value in values.items()}
        try:
            replaced = type(current).model_validate({**current.model_dump(), **changed})
        except ValidationError as error:
            problems = "; ".join(": ".join([*map(str, item["loc"]), _rule(item["msg"])]) for item in error.errors())
            raise BadInput(f"settings of {group} for this run", problems, "Correct the run's configuration") from None
        return self.model_copy(update={group: replaced})


class SettingRow(NamedTuple):
    """One line of the settings table."""

    group: str
    field: str
    names: tuple[str, ...]
    default: object
    description: str
    info: FieldInfo

    @property
    def secret(self) -> bool:
        return "Secret" in str(self.info.annotation)


def table() -> Iterator[SettingRow]:
    """Every setting, in the order of the groups."""
    for group in Settings.model_fields:
        for field, info in _group(group).model_fields.items():
            alias = info.validation_alias
            names = alias.choices if isinstance(alias, AliasChoices) else [field.upper()]
            yield SettingRow(group, field, tuple(map(str, names)), info.get_default(), info.description or "", info)


def _group(name: str) -> type[OptionGroup]:
    model = Settings.model_fields[name].annotation
    assert isinstance(model, type) and issubclass(model, OptionGroup)
    return model


def current_values(settings: Settings) -> Iterator[tuple[SettingRow, str]]:
    """Every setting with its value as text; secrets as ``set`` or ``not set``."""
    for row in table():
        value = getattr(getattr(settings, row.group), row.field)
        if row.secret:
            shown = "set" if value else "not set"
        else:
            shown = ", ".join(value) if isinstance(value, tuple) else _without_query(str(value))
        yield row, shown


def _without_query(value: str) -> str:
    """Hides what follows the path of an address: webhooks carry their key there."""
    parts = urlsplit(value) if value.startswith(("http://", "https://")) else None
    return urlunsplit(parts._replace(query="***")) if parts and parts.query else value


def now_called(values: Mapping[str, str]) -> dict[str, str]:
    """Today's name of each setting that ``values`` sets, to the name in ``values`` that it is read from."""
    counting = {group: _group(group).applicable(values) for group in Settings.model_fields}
    found = {}
    for row in table():
        used = next((name for name in row.names if name in counting[row.group]), None)
        if used is not None:
            found[row.names[0]] = used
    return found


def _refuse_a_copied(env_file: Path, written: Mapping[str, str]) -> None:
    """Folders of the replaced application in our own ``.env`` mean that it was copied from there."""
    for name, ours in _NEVER_OURS.items():
        if name in written:
            raise BadInput(
                f"{name} in {env_file}",
                "belongs to the replaced application, and nothing here may write there",
                f"Move this {env_file.name} away and use: mediaflow migrate FOLDER. If it names something of this"
                f" installation, call it {ours}",
            )


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    """An empty value means "not set": that is how a line of .env is switched off and what compose passes on."""
    return {name: value for name, value in values.items() if value is not None and value.strip() != ""}


def _nest(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    groups = {row.names[0]: row.group for row in table()}
    nested: dict[str, dict[str, str]] = {group: {} for group in Settings.model_fields}
    for name, used in now_called(values).items():
        nested[groups[name]][name] = values[used]
    return nested


def _explain(error: ValidationError, values: Mapping[str, str]) -> str:
    rows = {(row.group, name): row for row in table() for name in row.names}
    rows |= {(row.group, row.field): row for row in table()}
    called = now_called(values)
    problems = []
    for item in error.errors():
        group, name = str(item["loc"][0]), str(item["loc"][1]) if len(item["loc"]) > 1 else ""
        row = rows.get((group, name))
        if row is None:
            problems.append(f"{group}: {_rule(item['msg'])}")
            continue
        used = called.get(row.names[0], row.names[0])
        shown = "***" if row.secret else repr(values.get(used))
        problems.append(f"{used}={shown}: {_rule(item['msg'])}")
    return "; ".join(problems)


def _rule(message: str) -> str:
    """What is allowed, as part of a sentence: pydantic puts ``Value error,`` before the rules that are ours."""
    ours = message.removeprefix("Value error, ")
    return ours if ours != message else message[0].lower() + message[1:]


def secrets(settings: Settings) -> frozenset[str]:
    """The plain text of every secret that is set, for masking logs; never print it."""
    found = set()
    for row in table():
        value = getattr(getattr(settings, row.group), row.field)
        if isinstance(value, SecretStr) and value.get_secret_value():
            found.add(value.get_secret_value())
    return frozenset(found)
