"""``docs/settings.md``, generated so that it is never out of date."""

from __future__ import annotations

from typing import Literal, get_args, get_origin

from mediaflow_assets.migration.names import LEGACY
from mediaflow_assets.settings import SettingRow, Settings, table

_INTRODUCTION = """# Settings

Every setting is an environment variable. Put them into `.env` beside `workspace.yaml`, or into the
environment, which wins. An empty value means "not set". `mediaflow doctor` shows what is set and
hides secrets. A setting of one stage can be changed for one run: in the launchpad under
`ops: <asset>: config: settings:`.

This page is made by `mediaflow settings --markdown`.
"""


def settings_page() -> str:
    """The whole page as Markdown."""
    lines = [_INTRODUCTION]
    for group, info in Settings.model_fields.items():
        summary = (info.annotation.__doc__ or "").strip().splitlines()[0]
        lines += [f"## {group}", "", summary, "", "| variable | default | meaning |", "|---|---|---|"]
        lines += [_line(row) for row in table() if row.group == group]
        lines.append("")
    lines += ["## Variables of the replaced application that are not read", "", "| variable | why |", "|---|---|"]
    ours = {name for row in table() for name in row.names}
    others = [row for name, row in LEGACY.items() if name not in ours]
    lines += [f"| `{row.name}` | {row.note} |" for row in others]
    return "\n".join(lines) + "\n"


def _line(row: SettingRow) -> str:
    name, *others = row.names
    also = f" (also `{'`, `'.join(others)}`)" if others else ""
    value = ", ".join(row.default) if isinstance(row.default, tuple) else row.default
    default = "" if value in (None, "") else f"`{value}`"
    secret = " Secret." if row.secret else ""
    return f"| `{name}`{also} | {default} | {row.description}{_allowed(row)}{secret} |"


def _allowed(row: SettingRow) -> str:
    if get_origin(row.info.annotation) is Literal:
        return f" One of {', '.join(f'`{value}`' for value in get_args(row.info.annotation))}."
    limits = [
        f"{words} {getattr(item, bound)}"
        for item in row.info.metadata
        for bound, words in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        if getattr(item, bound, None) is not None
    ]
    return f" ({', '.join(limits)})" if limits else ""
