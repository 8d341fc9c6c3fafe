"""HTML reports: one self-contained file each, no outside request, escaped by default."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import frame_timecode, timecode
from mediaflow_assets.reporting import locale_formats
from mediaflow_assets.reporting.texts import Language, translations
from mediaflow_assets.reporting.transcript import frame_of

_POLICY = (
    "default-src 'none'; img-src data:; media-src 'self' file:; style-src 'unsafe-inline'; script-src {scripts};"
    " base-uri 'none'"
)


@cache
def environment(language: Language, zone: str = "") -> Environment:
    """Templates of this package in one language, autoescaped; an unknown variable is an error.

    Args:
        zone: in which dates are shown, see :func:`locale_formats.format_date`.
    """
    templates = Environment(
        loader=PackageLoader("mediaflow_assets.reporting"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    templates.globals["language"] = locale_formats.language_tag(language)
    templates.filters |= {
        "duration": locale_formats.format_duration,
        "number": partial(locale_formats.format_number, language),
        "percent": partial(locale_formats.format_percentage, language),
        "size": partial(locale_formats.format_bytes, language),
        "date": partial(locale_formats.format_date, language, zone=zone),
        "month": partial(locale_formats.format_month, language),
        "timecode": timecode,
        "frame_timecode": frame_timecode,
        "frame": frame_of,
    }
    return templates


def render(
    template: str, language: Language, script: str = "", zone: str = "", *, served: bool = False, **values: object
) -> str:
    """The text of a page.

    Args:
        script: name of the page's own script among the templates; no other script may run in it.
        zone: in which dates are shown; empty: this machine's.
        served: it is shown by the web application, loads pictures from it and may ask it something.
        values: what the template shows.
    """
    code = _asset(script) if script else ""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = _POLICY.format(scripts=f"'sha256-{digest}'" if code else "'none'")
    if served:
        policy = policy.replace("img-src data:", "img-src 'self' data:") + "; form-action 'self'"
    return (
        environment(language, zone)
        .get_template(template)
        .render(
            css=Markup(_asset("report.css")),  # noqa: S704 - our own file
            script=Markup(code),  # noqa: S704 - our own file
            policy=policy,
            **values,
        )
    )


def write_page(
    target: Path, template: str, language: Language, script: str = "", zone: str = "", **values: object
) -> Path:
    """Render a page and write it, whole or not at all."""
    return write_atomic(target, render(template, language, script, zone, served=False, **values))


@cache
def _asset(name: str) -> str:
    return files("mediaflow_assets.reporting").joinpath("templates", name).read_text(encoding="utf-8")
