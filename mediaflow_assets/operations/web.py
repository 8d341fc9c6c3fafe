"""Settings of the web application: reports, review, projects."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from mediaflow_assets.core.options import CommaList, OptionGroup, env


def _are_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError(f"{origin} is no origin; write https://review.example")
    return origins


class WebSettings(OptionGroup):
    """The web application. It listens on loopback (``REPORTS_PORT``); a proxy may stand before it."""

    review: Literal["on", "off"] = env(
        "REVIEW", default="on", operational=True, doc="Whether people may correct in the browser; off: only look."
    )
    hosts: CommaList = env(
        "REVIEW_HOSTS",
        default=(),
        operational=True,
        doc="Host names of a proxy before it, comma-separated; its own are always allowed.",
    )
    origins: Annotated[CommaList, AfterValidator(_are_origins)] = env(
        "REVIEW_ORIGINS",
        default=(),
        operational=True,
        doc="Addresses of a proxy from whose pages people may write (https://review.example), comma-separated.",
    )
    ui_hosts: CommaList = env(
        "UI_HOSTS",
        default=(),
        operational=True,
        doc="Host names of a proxy before Dagster's UI, comma-separated; those of loopback are always allowed.",
    )
    user_header: str | None = env(
        "REVIEW_USER_HEADER",
        default=None,
        operational=True,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        doc="Header in which the proxy says who is logged in (X-Remote-User); unset: the user who runs the program.",
    )
