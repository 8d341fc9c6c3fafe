"""What the commands about corrections share: the video that is meant, frames as people write them, what is written."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from mediaflow_assets.cli.installation import Installation, installation
from mediaflow_assets.cli.project_choice import choose_project
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.reporting.reviewed import journal_of, present_of, review_now
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource, find_project
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.journal import Journal
from mediaflow_assets.review.present import Present
from mediaflow_assets.review.record import record
from mediaflow_assets.review.wishes import Wish

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:([.:])(\d+))?")


@dataclass(frozen=True)
class CorrectedVideo:
    """One video of a project, with its journal."""

    here: Installation
    project: ProjectSource
    video: VideoSource
    journal: Journal

    @property
    def present(self) -> Present:
        """Its documents.

        Raises:
            BadInput: nothing of it is analysed.
        """
        found = present_of(self.video)
        if found is None:
            raise BadInput(self.video.path, "has no analysis that could be corrected", "Run its project first")
        return found

    @property
    def review(self) -> Review:
        """What is said now, for the present documents."""
        found = review_now(self.here.layout, self.project, self.video)
        if found is None:
            raise BadInput(self.video.path, "has no analysis that could be corrected", "Run its project first")
        return found

    def say(self, wishes: Sequence[Wish]) -> None:
        """Write what is said, and tell what became of it."""
        version = record(self.journal, self.present, wishes, by=user(), via="cli")
        for edit in self.review.edits:
            if edit.id.startswith(version.version[:12]):
                typer.echo(f"{edit.op}: {edit.result}{_because(edit.why)}")
        typer.echo(f"version {version.version[:12]}; {when(self.project)}")


def corrected_video(project: str, video: str) -> CorrectedVideo:
    """The video that is meant, by the rules of all commands.

    Raises:
        BadInput: it is not one project, or not one video of it.
    """
    here = installation()
    source = find_project(here.layout, here.store, choose_project(here, project))
    found = source.video(video)
    return CorrectedVideo(here, source, found, journal_of(here.layout, found.sha256))


def user() -> str:
    """Who says it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, in a container
        return "somebody"


def when(project: ProjectSource) -> str:
    """How it gets into the delivery."""
    return f"delivered by itself while mediaflow dev runs, or now: mediaflow corrections apply {project.key}"


def frame_of(text: str) -> int:
    """Frame from 1 of what people write: ``1554``, ``00:01:02:04`` (hours to frames), ``1:02.16`` (seconds).

    Raises:
        BadInput: it is none of these.
    """
    if text.isdecimal():
        return int(text)
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise BadInput(repr(text), "is neither a frame nor a time", "Write 1554, 00:01:02:04 or 00:01:02.16")
    hours, minutes, seconds, point, rest = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    if point == ":":
        return whole * FPS + int(rest) + 1
    return int((whole + float(f"0.{rest}" if rest else 0)) * FPS + 1e-6) + 1


def span_of(first: str | None, last: str | None) -> tuple[int | None, int | None]:
    """Frames of ``--from`` and ``--to``."""
    return (frame_of(first) if first else None, frame_of(last) if last else None)


def _because(why: str) -> str:
    return f" ({why})" if why else ""
