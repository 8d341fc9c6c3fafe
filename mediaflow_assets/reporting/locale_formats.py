"""How each language writes numbers, sizes and dates: as the Unicode CLDR says, which Babel brings."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.reporting.texts import ENGLISH, Language

if TYPE_CHECKING:
    from babel import Locale

NOTHING = "–"
_UNITS = {"digital-terabyte": 1e12, "digital-gigabyte": 1e9, "digital-megabyte": 1e6, "digital-kilobyte": 1e3}


@cache
def locale_of(language: Language) -> Locale:
    """The locale of a language; English is that of Europe, with the day before the month and 24 hours.

    Raises:
        BadInput: the CLDR does not know it.
    """
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse("en_GB" if language == ENGLISH else language)
    except (UnknownLocaleError, ValueError) as error:
        raise BadInput(language, "is no language that Babel knows", "Name its folder by a code: fr, pt_BR") from error


def language_tag(language: Language) -> str:
    """What browsers call a language: ``fr``, ``en-GB``, ``pt-BR`` (BCP 47)."""
    return str(locale_of(language)).replace("_", "-")


def format_number(language: Language, value: float | None, digits: int = 0) -> str:
    """``12 345,6`` in French, ``12,345.6`` in English; a dash for nothing."""
    from babel.numbers import format_decimal

    if value is None:
        return NOTHING
    locale = locale_of(language)
    return format_decimal(value, _with_decimals(locale.decimal_formats[None].pattern, digits), locale)


def format_percentage(language: Language, value: float | None) -> str:
    """A percentage, 0 to 100, with one decimal; a dash for nothing."""
    from babel.numbers import format_percent

    if value is None:
        return NOTHING
    locale = locale_of(language)
    return format_percent(Decimal(str(value)) / 100, _with_decimals(locale.percent_formats[None].pattern, 1), locale)


def format_bytes(language: Language, value: float) -> str:
    """``1,2 Go`` in French, ``1.2 GB`` in English; decimal units."""
    from babel.units import format_unit

    locale = locale_of(language)
    whole = locale.decimal_formats[None].pattern
    for unit, size in _UNITS.items():
        if value >= size:
            return format_unit(value / size, unit, "short", _with_decimals(whole, 1), locale)
    return format_unit(value, "digital-byte", "long", _with_decimals(whole, 0), locale)


def format_date(language: Language, when: datetime | str, zone: str = "UTC") -> str:
    """``21 novembre 2026, 11:00 CET`` in the time of ``zone``; text that is no date is given back.

    Args:
        zone: name of the IANA database; empty for that of this machine. Times without a zone are UTC.
    """
    from babel import dates

    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return str(when)
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    local = aware.astimezone(ZoneInfo(zone) if zone else None)
    locale = locale_of(language)
    day, time = dates.format_date(local, "long", locale), dates.format_time(local, "short", locale=locale)
    # CLDR has no short French name for most zones; these are the ones that clocks and cameras show.
    return str(dates.get_datetime_format("medium", locale)).replace("'", "").format(f"{time} {local:%Z}", day)


def format_month(language: Language, month: str) -> str:
    """``novembre 2026`` for ``2026-11``."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC), locale=locale_of(language))


def format_duration(seconds: float | None) -> str:
    """``HH:MM:SS`` of a number of seconds, rounded down; a dash for nothing."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _with_decimals(pattern: str, digits: int) -> str:
    """A pattern of the CLDR, ``#,##0.###`` or ``#,##0 %``, for exactly so many decimals."""
    return re.sub(r"0(\.#+)?", f"0.{'0' * digits}" if digits else "0", pattern)
