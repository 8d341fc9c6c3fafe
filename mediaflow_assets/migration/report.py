"""The report of a migration, in Markdown: what was taken over, what changed its meaning, what has none."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mediaflow_assets.migration.env_file import DEFAULTS, Variable
from mediaflow_assets.migration.migrate import Migration
from mediaflow_assets.migration.names import LEGACY, Fate

_HEADINGS: dict[Fate, str] = {
    "taken over": "Settings taken over",
    "changed meaning": "Settings whose meaning changed",
    "without meaning": "Settings without a meaning",
}


def report(migration: Migration) -> str:
    """The whole report; secrets are only said to be set."""
    return "\n".join(_lines(migration)) + "\n"


def _lines(migration: Migration) -> Iterator[str]:
    yield f"# Moved in from {migration.folder}"
    yield ""
    if migration.written:
        yield from (f"- {sentence}" for sentence in migration.written)
    else:
        yield "Nothing was written: this says what `--write` would do."
    yield ""
    yield from _settings(migration)
    yield from _configs(migration)
    yield from _defaults(migration)
    yield from _history(migration)
    yield from _analyses(migration)
    yield from _next(migration)


def _settings(migration: Migration) -> Iterator[str]:
    said: dict[str, list[Variable]] = {variable.row.name: [] for variable in migration.settings.variables}
    for variable in migration.settings.variables:
        said[variable.row.name].append(variable)
    for fate, heading in _HEADINGS.items():
        rows = [row for row in LEGACY.values() if row.fate == fate]
        yield f"## {heading}"
        yield ""
        if any(row.name in said for row in rows):
            yield "| in the old `.env` | value | now |"
            yield "|---|---|---|"
            for row in rows:
                for variable in said.get(row.name, ()):
                    what = "; ".join(part for part in (variable.problem, row.note) if part)
                    now = f"`{variable.now}`" if variable.now else "not written"
                    yield f"| `{variable.name}` | {_cell(variable.value)} | {now}{f': {what}' if what else ''} |"
            yield ""
        rest = [f"`{row.name}`" for row in rows if row.name not in said]
        yield f"Not in the old `.env`: {', '.join(rest) or 'none'}."
        yield ""
    if migration.settings.unknown:
        names = ", ".join(f"`{name}`" for name in migration.settings.unknown)
        yield f"In the old `.env`, but nothing that the replaced application read: {names}."
        yield ""


def _configs(migration: Migration) -> Iterator[str]:
    if migration.settings.configs:
        yield "## JSON configurations"
        yield ""
        yield from (f"- {sentence}" for sentence in migration.settings.configs)
        yield ""


def _defaults(migration: Migration) -> Iterator[str]:
    yield "## Defaults that changed"
    yield ""
    yield "| what it did of itself | this brings it back |"
    yield "|---|---|"
    for name, value, what in DEFAULTS:
        yield f"| {what} | `{name}={value}` |"
    if "WEBHOOK_JSON_URL" not in migration.settings.values:
        yield "| it polled a webhook whose address was in its code | set `WEBHOOK_JSON_URL` |"
    yield ""


def _history(migration: Migration) -> Iterator[str]:
    yield "## Download history"
    yield ""
    for path, history in migration.histories.items():
        yield f"- {path}: {len(history.rows)} links that are not fetched again"
        yield from (f"  - left out: {problem}" for problem in history.problems)
    if not migration.histories:
        yield "None was found: links that were fetched before would be fetched again."
    yield ""


def _analyses(migration: Migration) -> Iterator[str]:
    found = migration.analyses
    archived = [video for video in found.found if video.video is None]
    beside = [video for video in found.found if video.video is not None]
    yield "## Analyses"
    yield ""
    yield f"- {migration.archives}: {len(archived)} videos"
    yield f"- {migration.projects}: {len(beside)} videos with documents beside them"
    yield from (f"- left out: {sentence}" for sentence in found.left_out)
    yield ""


def _next(migration: Migration) -> Iterator[str]:
    yield "## What to do next"
    yield ""
    if migration.project_names:
        yield f"- Register its {len(migration.project_names)} projects: `{import_command(migration)}`"
    yield "- Read docs/moving.md, stop the replaced application, start `mediaflow dev`."


def import_command(migration: Migration) -> str:
    """What registers the past projects; nothing of them is moved."""
    return f"mediaflow import {shlex.quote(str(migration.projects))}"


def _cell(text: str) -> str:
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"
