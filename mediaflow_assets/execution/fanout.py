"""One stage over the videos of a project: reuse what is unchanged, lose nothing to one bad video.

A stage gives each video a :class:`Recipe` (everything that its result depends on). The result of
a video is reused only if a record of the same recipe exists and the files that it names still
have the content that it names. The record is written last, so an interrupted stage repeats only
the video that was interrupted.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Generic, Literal, Protocol, TypeVar

import msgspec

from mediaflow_assets.core.errors import Interrupted, Unavailable
from mediaflow_assets.core.files import exclusive, remove_leftovers, sha256_of, translated_errors, write_atomic
from mediaflow_assets.execution.failures import VideoFailure, forget_failure, keep_failure, sentence_of

D = TypeVar("D", bound=msgspec.Struct)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what a stage makes of one video."""

    stage: str
    code_version: str
    inputs: dict[str, str]
    """Input name to sha256."""
    engine: str
    models: dict[str, str] = msgspec.field(default_factory=dict)
    """Model name to sha256."""
    parameters: dict[str, object] = msgspec.field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe in canonical form."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that a stage made, as it was when it was recorded."""

    path: str
    """Relative to the stage's folder."""
    sha256: str
    bytes: int
    mtime_ns: int


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that a recipe was carried out."""

    recipe: Recipe
    outputs: dict[str, OutputFile]
    details: dict[str, object]
    """The video's row in the metadata table."""
    seconds: float

    def details_as(self, kind: type[D]) -> D:
        """The details in the form that a stage declares for reading, see ``formats.details``.

        Raises:
            msgspec.ValidationError: they are of another stage.
        """
        return msgspec.convert(self.details, kind)


class HasId(Protocol):
    """Anything fanned out over has an id that is safe as a file name."""

    @property
    def id(self) -> str: ...

    @property
    def stem(self) -> str: ...

    @property
    def received_as(self) -> str:
        """Path in the received archive: what its sender calls it."""
        ...


V = TypeVar("V", bound=HasId)
V_contra = TypeVar("V_contra", bound=HasId, contravariant=True)
Status = Literal["made", "cached", "restored", "failed", "waits"]
"""``waits``: for a person; only a delivery does."""


@dataclass(frozen=True)
class Made:
    """What a stage's function returns for one video."""

    outputs: Mapping[str, Path]
    details: Mapping[str, object] = field(default_factory=dict)
    recipe: Recipe | None = None
    """What was carried out, when that is not what was asked for: it does not answer the same question again."""


@dataclass(frozen=True)
class Outcome(Generic[V]):
    """One row of a stage's report."""

    video: V
    status: Status
    seconds: float
    record: Record | None = None
    error: BaseException | None = None

    @property
    def details(self) -> Mapping[str, object]:
        return self.record.details if self.record else {}

    @property
    def problem(self) -> str:
        """Why it failed; names the video as its sender named it."""
        return sentence_of(self.video.received_as, self.video.id, self.error) if self.error else ""


@dataclass(frozen=True)
class Report(Generic[V]):
    """What became of every video of a project in one stage."""

    stage: str
    outcomes: Sequence[Outcome[V]]

    @property
    def failed(self) -> list[Outcome[V]]:
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]

    @property
    def made(self) -> list[Outcome[V]]:
        """Videos that have what the stage makes, new or used again."""
        return [outcome for outcome in self.outcomes if outcome.record is not None]

    @property
    def data_version(self) -> str:
        """SHA-256 over the content of all outputs: equal content, equal version."""
        digest = hashlib.sha256()
        for outcome in self.outcomes:
            if outcome.record:
                for name, output in sorted(outcome.record.outputs.items()):
                    digest.update(f"{outcome.video.id}/{name}={output.sha256}\n".encode())
        return digest.hexdigest()


class Reuse(Protocol[V_contra]):
    """A second place to look for results, for instance the durable analysis store."""

    def restore(self, video: V_contra, recipe: Recipe, folder: Path) -> Made | None:
        """Put the files of ``recipe`` into ``folder`` and describe them, or return None."""
        ...


class Progress(Protocol):
    """Told about each video; ``advance`` about the work inside one."""

    def start(self, stage: str, video: str, index: int, total: int) -> None: ...

    def advance(self, fraction: float, note: str = "") -> None: ...

    def finish(self, stage: str, video: str, status: Status, seconds: float) -> None: ...


def run_stage(
    videos: Iterable[V],
    *,
    stage: str,
    folder: Path,
    recipe_for: Callable[[V], Recipe],
    make: Callable[[V], Made],
    progress: Progress,
    again: Sequence[str] = (),
    reuse: Reuse[V] | None = None,
    on_success: Callable[[V, Record], None] | None = None,
    on_report: Callable[[Report[V]], None] | None = None,
    lock_timeout: float = 0,
) -> Report[V]:
    """Carry out ``make`` for each video that has no valid record.

    Args:
        videos: what to fan out over.
        stage: asset name, for messages.
        folder: the stage's own folder; outputs and records live in it, and nobody else writes it.
        recipe_for: everything the result of a video depends on.
        make: writes the outputs (atomically, inside ``folder``) and describes them.
        progress: told what happens.
        again: videos to make anew although nothing about them changed, see :func:`is_named`; ``*`` for all.
        reuse: asked before ``make``.
        on_success: called with the record of each video that is complete, however it came.
        on_report: called with the result while ``folder`` is still owned.
        lock_timeout: seconds to wait for another run that is at work in ``folder``.

    Returns:
        One outcome per video. Errors that explain themselves, and errors of libraries, are kept
        in the outcome of their video, and in ``folder`` until it is made.

    Raises:
        Unavailable: another run is at work in ``folder``, or the machine lacks something (a model,
            space on a disk): that is no fault of a video, though all of them were tried.
    """
    everything = list(videos)
    outcomes: list[Outcome[V]] = []
    with exclusive(folder, lock_timeout):
        remove_leftovers(folder)
        for index, video in enumerate(everything, start=1):
            progress.start(stage, video.stem, index, len(everything))
            started = time.monotonic()
            outcome: Outcome[V] | None = None
            try:
                anew = any(name == "*" or is_named(video.received_as, video.id, name) for name in again)
                outcome = _tried(video, folder, recipe_for, make, reuse, on_success, anew=anew)
                progress.finish(stage, video.stem, outcome.status, outcome.seconds)
            except Interrupted as late:
                # The watchdog struck when the video was done or had failed already. It strikes once per video.
                outcome = outcome or Outcome(video, "failed", time.monotonic() - started, error=late)
                progress.finish(stage, video.stem, outcome.status, outcome.seconds)
            outcomes.append(outcome)
        report = Report(stage, outcomes)
        machine = _blame(report, folder)
        if on_report is not None:
            on_report(report)
    if machine is not None:
        raise machine
    return report


def _tried(
    video: V,
    folder: Path,
    recipe_for: Callable[[V], Recipe],
    make: Callable[[V], Made],
    reuse: Reuse[V] | None,
    on_success: Callable[[V, Record], None] | None,
    *,
    anew: bool,
) -> Outcome[V]:
    started = time.monotonic()
    try:
        status, record = _one(video, folder, recipe_for, make, reuse, anew=anew)
        if on_success is not None:
            on_success(video, record)
        forget_failure(folder, video.id)
        return Outcome(video, status, time.monotonic() - started, record)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a library may raise anything; it becomes this video's row
        return Outcome(video, "failed", time.monotonic() - started, error=error)


def _blame(report: Report[V], folder: Path) -> Unavailable | None:
    """Remember what is wrong with videos; returns what is wrong with this machine instead, if anything is."""
    found = None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for outcome in report.failed:
        fault = _fault_of_the_machine(outcome.error, folder)
        if fault is None:
            keep_failure(folder, outcome.video.id, VideoFailure(stage=report.stage, sentence=outcome.problem, at=now))
            continue
        done = f"{len(report.made)} of {len(report.outcomes)} videos are done and will not be redone"
        parts = [part for part in (fault.remedy, done if report.made else "") if part]
        found = found or Unavailable(fault.subject, fault.problem, "; ".join(parts))
    return found


def _fault_of_the_machine(error: BaseException | None, folder: Path) -> Unavailable | None:
    if isinstance(error, Unavailable):
        return error
    try:
        with translated_errors(folder):
            if isinstance(error, OSError):
                raise error
    except Unavailable as fault:
        return fault
    except OSError:
        pass  # a file of the video is not there, or not what it should be
    return None


def _one(
    video: V,
    folder: Path,
    recipe_for: Callable[[V], Recipe],
    make: Callable[[V], Made],
    reuse: Reuse[V] | None,
    *,
    anew: bool,
) -> tuple[Status, Record]:
    recipe = recipe_for(video)
    record_path = folder / ".records" / f"{video.id}.json"
    known = None if anew else _valid_record(record_path, recipe, folder)
    if known is not None:
        return "cached", known
    started = time.monotonic()
    status: Status = "made"
    made = reuse.restore(video, recipe, folder) if reuse and not anew else None
    if made is not None:
        status = "restored"
    else:
        made = make(video)
    record = Record(
        recipe=made.recipe or recipe,
        outputs={name: _describe(path, folder) for name, path in made.outputs.items()},
        details=dict(made.details),
        seconds=round(time.monotonic() - started, 3),
    )
    write_atomic(record_path, msgspec.json.format(msgspec.json.encode(record), indent=1))
    return status, record


def is_named(path: str, video_id: str, name: str) -> bool:
    """Whether ``name`` is what a person calls a video: its path in the archive, file name, stem or id."""
    pure = PurePosixPath(path)
    return name in (path, pure.name, pure.stem, video_id)


def load_record(folder: Path, video_id: str) -> Record | None:
    """The stored record of a video in a stage's folder, whether or not it is still valid."""
    path = folder / ".records" / f"{video_id}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        # A damaged record proves nothing: the video is made again.
        return None


def _valid_record(path: Path, recipe: Recipe, folder: Path) -> Record | None:
    record = load_record(folder, path.stem)
    if record is None or record.recipe.digest != recipe.digest:
        return None
    if all(_unchanged(folder, output) for output in record.outputs.values()):
        return record
    return None


def _unchanged(folder: Path, output: OutputFile) -> bool:
    path = folder / output.path
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    if stat.st_size != output.bytes:
        return False
    # Hashing tens of gigabytes to find nothing changed would make every re-run slow; the
    # modification time decides whether the content has to be read.
    return stat.st_mtime_ns == output.mtime_ns or sha256_of(path) == output.sha256


def _describe(path: Path, folder: Path) -> OutputFile:
    stat = path.stat()
    return OutputFile(
        path=path.relative_to(folder).as_posix(),
        sha256=sha256_of(path),
        bytes=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
    )
