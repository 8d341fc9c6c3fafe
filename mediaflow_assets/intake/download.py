"""Downloading an archive: several links, several attempts, and only a whole archive counts."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from mediaflow_assets.archives.detect_format import is_part_name
from mediaflow_assets.archives.extract import is_archive, verify
from mediaflow_assets.archives.model import SPLIT
from mediaflow_assets.core.errors import BadInput, Interrupted, MediaflowError
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.intake.bandwidth import Bandwidth
from mediaflow_assets.intake.naming import free_path, safe_filename, with_archive_suffix
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.transfer import Later, OnProgress, Partial, Transfer

_UNFINISHED = re.compile(r"[0-9a-f]{12}\.part(\.json)?")
"""Names of what an attempt leaves; an archive that arrived may have ``.part1`` in its name."""


def download(
    origin: Origin, folder: Path, settings: IntakeSettings, bandwidth: Bandwidth, on_progress: OnProgress
) -> Path:
    """Download the first of the origin's URLs that yields a whole archive into ``folder``.

    Each attempt tries the URLs in order. A URL that answers with something that trying again does not
    change is given up; between attempts there is a pause that grows, and at least as long as a server
    asks. Unfinished files stay in ``folder`` as ``*.part``, for the next attempt or the next run.

    Raises:
        BadInput: every URL was given up; says why for each.
        Interrupted: the last attempt failed as well.
        Unavailable: the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    download = _Download(origin, folder, settings, bandwidth, on_progress)
    attempts = Retrying(
        retry=retry_if_exception_type(Interrupted),
        stop=stop_after_attempt(settings.attempts),
        wait=lambda state: _pause(state, settings.longest_wait),
        reraise=True,
    )
    return attempts(download.attempt)


def _pause(state: RetryCallState, longest: float) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Later) else 0.0
    growing: float = wait_exponential_jitter(initial=2, max=max(longest, 0.1), jitter=2)(state)
    return min(longest, max(asked, growing))


class _Download:
    """The attempts for one origin."""

    def __init__(
        self, origin: Origin, folder: Path, settings: IntakeSettings, bandwidth: Bandwidth, on_progress: OnProgress
    ) -> None:
        self._origin, self._folder, self._settings = origin, folder, settings
        self._bandwidth, self._on_progress = bandwidth, on_progress
        self._given_up: dict[str, str] = {}

    def attempt(self) -> Path:
        """Try every URL that was not given up."""
        problems: list[MediaflowError] = []
        for url in self._origin.urls:
            if url in self._given_up:
                continue
            try:
                return self._fetch(url)
            except BadInput as error:
                self._given_up[url] = _reason(error)
            except Interrupted as error:
                problems.append(error)
        reasons = "; ".join([*(_reason(error) for error in problems), *self._given_up.values()])
        problem, remedy = f"could not be downloaded ({reasons})", f"mediaflow history retry {self._origin.project}"
        if not problems:
            raise BadInput(self._origin.filename, problem, f"When the link works: {remedy}")
        after = min(error.after if isinstance(error, Later) else 0.0 for error in problems)
        raise Later(self._origin.filename, problem, f"Try again with: {remedy}", after=after)

    def _fetch(self, url: str) -> Path:
        part = self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}.part"
        transfer = Transfer(url, part, self._settings, self._bandwidth, self._on_progress)
        said = transfer.run()
        size, begins_like_archive = part.stat().st_size, is_archive(part)
        try:
            verify(part, self._settings.limits)
        except BadInput as error:
            name, is_part = self._name(part, said), error.problem == SPLIT[0]
            transfer.discard()
            if is_part or is_part_name(name):
                raise BadInput(name, *SPLIT) from None
            # Without a declared length, only the archive itself tells that its end did not arrive.
            cut_off = said.total is None and (begins_like_archive or not size)
            kind = Interrupted if cut_off else BadInput
            raise kind(self._origin.filename, error.problem, error.remedy) from None
        target = free_path(self._folder, self._name(part, said))
        part.rename(target)
        for leftover in self._folder.iterdir():
            if _UNFINISHED.fullmatch(leftover.name):
                leftover.unlink()
        return target

    def _name(self, part: Path, said: Partial) -> str:
        """The record's name, or the server's when the record gave none; always one of an archive."""
        name = self._origin.filename
        if self._origin.name_is_guessed and said.name:
            name = PurePosixPath(said.name.replace("\\", "/")).name
        return with_archive_suffix(safe_filename(name), part)


def _reason(error: MediaflowError) -> str:
    return f"{error.subject} {error.problem}"
