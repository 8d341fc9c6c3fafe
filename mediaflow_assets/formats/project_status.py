"""``status.json`` of a project: where it is, for people's own programs. A contract, see docs/operations.md."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from mediaflow_assets.core.files import write_atomic, write_passing

State = Literal["received", "queued", "running", "waiting", "failed", "delivered", "partly delivered"]
"""received: it is here and nothing is under way; queued: a run waits for its turn, or for the inbox sensor;
running; waiting: for a person, who approves it or says what becomes of a bad video; failed; delivered;
partly delivered: without videos that could not be made."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A video that later stages, or the delivery, go without."""

    video: str
    """Path in the received archive."""
    why: str


class ProjectStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a project is."""

    project: str
    """Partition key."""
    name: str
    state: State
    stage: str | None = None
    """Asset that is at work, or that failed."""
    percent: int | None = None
    """Of that stage, 0 to 100; only while it runs."""
    eta_seconds: int | None = None
    """Until that stage is done; None while nobody can tell."""
    sentence: str = ""
    """Why it failed, what it waits for, what is left out: for people."""
    left_out: tuple[LeftOut, ...] = ()
    delivery: str | None = None
    """Delivered folder, if it is there."""
    report: str | None = None
    """HTML report, if it is there."""
    updated_at: str
    """ISO 8601, UTC: of the newest thing that is known."""

    @property
    def work(self) -> str:
        """Stage, percent and remaining time in a few words; empty when nothing is at work."""
        if self.stage is None or self.percent is None:
            return ""
        left = "" if self.eta_seconds is None else f", about {duration(self.eta_seconds)} left"
        return f"{self.stage} {self.percent} %{left}"


def write_project_status(folder: Path, status: ProjectStatus, *, passing: bool = False) -> None:
    """Replace ``status.json`` in the project's downloads folder.

    Args:
        passing: it is written again in a few seconds, so that the device is not waited for.
    """
    document = msgspec.json.format(msgspec.json.encode(status), indent=1)
    (write_passing if passing else write_atomic)(folder / "status.json", document)


def read_project_status(folder: Path) -> ProjectStatus | None:
    """What the file says; None when there is none, or one that is none (of an earlier version, damaged)."""
    try:
        return msgspec.json.decode((folder / "status.json").read_bytes(), type=ProjectStatus)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def duration(seconds: int) -> str:
    """A length of time for people, as exact as anybody wants to know: ``85 s``, ``6 min``, ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
