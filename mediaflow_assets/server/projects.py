"""All projects of an installation, a page at a time, and what changed since somebody looked.

Ten thousand projects are too many to compute the state of each for every page: names come from memory, states that
are only filtered by from ``status.json``, and the rows that are shown from
:func:`mediaflow_assets.orchestration.project_states.project_state`, as in every list.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput, MediaflowError
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore, parse_folder
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.formats.project_status import ProjectStatus, read_project_status
from mediaflow_assets.intake.history import open_history
from mediaflow_assets.operations.alerts import last_run
from mediaflow_assets.orchestration.project_states import ProjectStates, UnfinishedRun
from mediaflow_assets.server.dagster_runs import FRESH, DagsterRuns
from mediaflow_assets.settings import Settings

PAGE = 50
ARCHIVED = "archived"
"""State of a project of which only the analysis store knows."""


class Known(NamedTuple):
    """What never changes of a project."""

    since: str
    """ISO 8601, UTC."""
    key: str
    name: str
    archive_name: str
    registered: bool = True


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A project on the start page."""

    key: str
    name: str
    since: str
    status: ProjectStatus | None
    """None of one that only the store knows."""
    approves: bool = False
    """Whether it waits for an approval."""
    run: str | None = None
    """Id of its unfinished run, else of its last one."""
    report: bool = False
    videos: bool = False
    """Whether it has a video to look at."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some projects, newest first."""

    rows: list[Row]
    after: str | None
    """Where the next page begins; None at the end."""
    total: int
    paused: bool
    notice: str = ""
    """What is not known at the moment."""


class Projects:
    """The projects of one installation; one object for all who look.

    Args:
        runs: Dagster's.
    """

    def __init__(self, settings: Settings, layout: Layout, store: AnalysisStore, runs: DagsterRuns) -> None:
        self._settings, self._layout, self._store, self._runs = settings, layout, store, runs
        self._lock = Lock()
        self._known: dict[str, Known] = {}
        self._stamps: dict[str, int] = {}
        self._states: dict[str, tuple[int, str]] = {}
        self._looked = 0.0

    def page(self, *, state: str = "", query: str = "", after: str = "", limit: int = PAGE) -> Page:
        """The newest projects after one, of a state and with a text in key or name.

        Args:
            state: of a :class:`ProjectStatus`, or ``archived``; empty: any.
            after: :attr:`Page.after` of the page before.
        """
        notice = ""
        try:
            running = self._runs.unfinished()
            paused = self._runs.paused
        except MediaflowError as error:
            running, paused, notice = {}, False, error.sentence
        wanted = query.casefold().split()
        found = [
            known
            for known in self._all()
            if all(word in f"{known.name} {known.key}".casefold() for word in wanted)
            and (not state or self._state(known, running) == state)
        ]
        rest = [known for known in found if not after or f"{known.since}|{known.key}" < after]
        shown = rest[:limit]
        more = f"{shown[-1].since}|{shown[-1].key}" if len(rest) > limit else None
        return Page(rows=self._rows(shown), after=more, total=len(found), paused=paused, notice=notice)

    def rows(self, keys: Iterable[str]) -> list[Row]:
        """The rows of some projects; unknown keys are left out."""
        self._look()
        return self._rows([self._known[key] for key in keys if key in self._known])

    def stamps(self) -> dict[str, int]:
        """Key to a number that is another one whenever something of the project was written."""
        self._look()
        return self._stamps

    def _all(self) -> list[Known]:
        self._look()
        registered = {known.archive_name for known in self._known.values()}
        archived = [
            Known(parsed[1].isoformat(), folder.name, parsed[0], folder.name, registered=False)
            for folder in self._store.folders()
            if folder.name not in registered and (parsed := parse_folder(folder.name))
        ]
        return sorted([*self._known.values(), *archived], reverse=True)

    def _look(self) -> None:
        """See which projects there are and which changed; once for all who look at the same time."""
        with self._lock:
            if time.monotonic() - self._looked < FRESH:
                return
            stamps = {}
            for entry in _folders(self._layout.downloads):
                stamps[entry.name] = entry.stat().st_mtime_ns
                if entry.name not in self._known:
                    known = _known(Path(entry.path) / "origin.json")
                    if known is not None:
                        self._known[entry.name] = known
            for gone in self._known.keys() - stamps.keys():
                del self._known[gone]
            self._stamps = stamps
            self._looked = time.monotonic()

    def _state(self, known: Known, running: Mapping[str, UnfinishedRun]) -> str:
        if not known.registered:
            return ARCHIVED
        stamp = self._stamps.get(known.key, 0)
        kept = self._states.get(known.key)
        if known.key in running or kept is None or kept[0] != stamp:
            if known.key in running:
                return running[known.key].state
            status = read_project_status(self._layout.project(known.key).downloads) or self._rows([known])[0].status
            kept = self._states[known.key] = (stamp, status.state if status else ARCHIVED)
        return kept[1]

    def _rows(self, some: Sequence[Known]) -> list[Row]:
        try:
            running = self._runs.unfinished()
        except MediaflowError:
            running = {}
        history = open_history(self._settings.intake, self._layout.state)
        keys = [known.key for known in some if known.registered]
        uploads = [upload for key in keys for upload in history.of_project(key)] if history.path.exists() else []
        states = ProjectStates(self._layout, uploads, running)
        to_approve = {upload.project for upload in uploads if upload.state == "to approve"}
        rows = []
        for known in some:
            folders = self._layout.project(known.key) if known.registered else None
            run = running.get(known.key)
            last = last_run(folders.downloads) if folders else None
            report = self._layout.reports / known.key / "report.html"
            record = self._layout.state / "deliveries" / known.key / "delivery.json"
            rows.append(
                Row(
                    key=known.key,
                    name=known.name,
                    since=known.since,
                    status=states.of(known.key) if folders else None,
                    approves=known.key in to_approve,
                    run=run.run_id if run else (last.run_id if last else None),
                    report=report.is_file(),
                    videos=folders is None or (folders.video / "manifest.json").exists() or record.exists(),
                )
            )
        return rows


def _folders(root: Path) -> Iterator[os.DirEntry[str]]:
    if root.is_dir():
        with os.scandir(root) as entries:
            yield from (entry for entry in entries if not entry.name.startswith(".") and entry.is_dir())


def _known(origin: Path) -> Known | None:
    try:
        document = read_document(origin, Origin)
    except BadInput:  # not registered yet, or damaged: mediaflow projects says so
        return None
    return Known(document.registered_at, document.project, document.name, document.archive_name)
