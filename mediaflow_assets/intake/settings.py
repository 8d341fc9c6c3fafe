"""Settings of everything that brings projects in."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

from mediaflow_assets.archives.model import Limits
from mediaflow_assets.core.options import CommaList, OptionGroup, env
from mediaflow_assets.intake.hosts import Allowed
from mediaflow_assets.intake.nested import Nested


class IntakeSettings(OptionGroup):
    """Webhook, inbox, downloads, history and archives."""

    webhook_url: str | None = env(
        "WEBHOOK_JSON_URL", default=None, doc="JSON list of links; unset means that the webhook sensor is off."
    )
    webhook_timeout: float = env(
        "WEBHOOK_TIMEOUT",
        default=10,
        gt=0,
        doc="Seconds that the webhook, or the remote trigger, has for its whole answer.",
    )
    use_environment: bool = env(
        "WEBHOOK_USE_ENVIRONMENT",
        default=False,
        doc="The webhook and the remote trigger are read through the proxy, and with the .netrc, of the environment.",
    )
    webhook_interval: int = env(
        "WEBHOOK_MONITOR_INTERVAL", default=15, ge=15, doc="Seconds between two polls of the webhook."
    )
    fetch_legacy: bool = env(
        "WEBHOOK_FETCH_LEGACY", default=False, doc="Fetch links of the old record schema too (it may hold a backlog)."
    )
    keyword: str = env(
        "PROJECT_KEYWORD",
        "FOLDER_KEYWORD",
        default="",
        doc="Accept only archives whose name has this word, in any case; empty accepts all.",
    )
    approve: Literal["auto", "ask"] = env(
        "APPROVE_PROJECTS",
        default="auto",
        operational=True,
        doc="auto: what arrives is started; ask: it waits for mediaflow approve, or for Materialize in the UI.",
    )
    dry_run: bool = env("DRY_RUN_DOWNLOADS", default=False, doc="Decide and report, but write nothing.")
    proxy_hosts: CommaList = env(
        "DOWNLOAD_PROXY_HOSTS", default=(), doc="Hosts beside Dropbox that downloads may come from, comma-separated."
    )
    http_hosts: CommaList = env(
        "DOWNLOAD_HTTP_HOSTS",
        default=(),
        doc="Hosts that may be reached without TLS and at private addresses (loopback tests, a LAN proxy).",
    )
    ca_file: Path | None = env(
        "DOWNLOAD_CA_FILE", default=None, doc="Certificates to trust instead of the public ones, PEM."
    )
    attempts: int = env("DOWNLOAD_ATTEMPTS", default=5, ge=1, doc="Attempts until a download counts as failed.")
    longest_wait: float = env(
        "DOWNLOAD_LONGEST_WAIT", default=300, ge=0, doc="Most seconds between two attempts, whatever the server asks."
    )
    stall_timeout: float = env(
        "DOWNLOAD_STALL_TIMEOUT", default=60, gt=0, doc="Seconds with next to no data after which an attempt ends."
    )
    max_download: int = env("DOWNLOAD_MAX_BYTES", default=1024**4, gt=0, doc="Largest download, in bytes.")
    max_rate: int = env(
        "DOWNLOAD_MAX_RATE", default=0, ge=0, doc="Bytes per second of all downloads together; 0 means no limit."
    )
    min_free: int = env(
        "MIN_FREE_BYTES", default=2 * 1024**3, ge=0, doc="Bytes that downloads and extractions leave free on the disk."
    )
    max_bytes: int = env("EXTRACT_MAX_BYTES", default=2 * 1024**4, gt=0, doc="Largest extracted project, in bytes.")
    max_entries: int = env("EXTRACT_MAX_ENTRIES", default=100_000, gt=0, doc="Most files in one archive.")
    max_ratio: float = env("EXTRACT_MAX_RATIO", default=200, gt=1, doc="Highest ratio of extracted to archived bytes.")
    max_memory: int = env(
        "EXTRACT_MAX_MEMORY", default=4 * 1024**3, gt=0, doc="Bytes of memory of the process that decodes 7z and RAR."
    )
    extract_timeout: float = env(
        "EXTRACT_TIMEOUT", default=4 * 3600, gt=0, doc="Seconds that decoding a 7z or RAR may take."
    )
    nested: Nested = env(
        "EXTRACT_NESTED",
        default="name",
        doc="Archives within an archive: `name` says that they were not opened, `open` opens them, one level deep.",
    )
    history_path: Path | None = env(
        "UPLOAD_HISTORY_PATH", default=None, doc="Upload history, SQLite (default: history.sqlite in STATE_DIR)."
    )
    history_group: str | None = env(
        "DOWNLOAD_HISTORY_SHARED_GROUP", default=None, doc="Group that may write the upload history as well."
    )

    @cached_property
    def allowed_hosts(self) -> Allowed:
        """Who may be fetched from."""
        return Allowed.of(self.proxy_hosts, self.http_hosts)

    @property
    def limits(self) -> Limits:
        """What an archive may ask for."""
        return Limits(
            max_bytes=self.max_bytes,
            max_entries=self.max_entries,
            max_ratio=self.max_ratio,
            max_memory=self.max_memory,
            timeout=self.extract_timeout,
            reserve=self.min_free,
        )
