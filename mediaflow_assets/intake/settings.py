"""Settings of everything that brings projects in."""

from __future__ import annotations

from mediaflow_assets.options import CommaList, OptionGroup, env


class IntakeSettings(OptionGroup):
    """Webhook, inbox and downloads."""

    webhook_url: str | None = env(
        "WEBHOOK_JSON_URL", default=None, doc="JSON list of links; unset means that the webhook sensor is off."
    )
    webhook_timeout: float = env("WEBHOOK_TIMEOUT", default=10, gt=0, doc="Seconds to wait for the webhook.")
    webhook_interval: int = env(
        "WEBHOOK_MONITOR_INTERVAL", default=15, ge=5, doc="Seconds between two polls of the webhook and the inbox."
    )
    proxy_hosts: CommaList = env(
        "DOWNLOAD_PROXY_HOSTS", default=(), doc="Hosts beside Dropbox that downloads may come from, comma-separated."
    )
    http_hosts: CommaList = env(
        "DOWNLOAD_HTTP_HOSTS", default=(), doc="Hosts that may be reached without TLS (loopback tests, a LAN proxy)."
    )
    dry_run: bool = env("DRY_RUN_DOWNLOADS", default=False, doc="Decide and report, but register nothing.")
    keyword: str = env(
        "PROJECT_KEYWORD", "FOLDER_KEYWORD", default="", doc="Accept only archives whose name has this word."
    )
    max_bytes: int = env("EXTRACT_MAX_BYTES", default=2 * 1024**4, gt=0, doc="Largest extracted project, in bytes.")
    max_entries: int = env("EXTRACT_MAX_ENTRIES", default=100_000, gt=0, doc="Most files in one archive.")
    max_ratio: float = env("EXTRACT_MAX_RATIO", default=200, gt=1, doc="Highest ratio of extracted to archived bytes.")
