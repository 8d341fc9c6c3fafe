"""The corrections sensor: compares what people said with what is delivered, and starts a run where they differ.

It looks at the present state and never at events, so nothing is missed: not what was said while the daemon stood
still, not what was said while a run of the project was under way, not a journal that was put back from a backup.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.record import DeliveryRecord, DeliveryRecords
from mediaflow_assets.jobs import apply_corrections
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.project_states import unfinished_runs
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.review.journal import Journal, journals
from mediaflow_assets.review.state import NOTHING, fold

MAX_SECONDS = 20.0
"""Of one tick; the rest is looked at in the next."""
_Sign = tuple[int, int]
"""Time and size of a journal: while they are the same, so is what it says."""


@dataclass
class _Memory:
    """Journals of which everything is delivered, in this process; after a start of it, every journal is looked at."""

    settled: dict[Path, _Sign] = field(default_factory=dict)


_MEMORY: dict[Path, _Memory] = {}


@dg.sensor(
    job=apply_corrections,
    name="corrections",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Starts one run per project whose corrections are not in its delivery; REVIEW_APPLY=ask: none.",
)
def corrections_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run of each project that is delivered otherwise than people said, once for each thing said."""
    settings = workspace.settings.corrections
    if settings.apply == "ask":
        return dg.SkipReason("REVIEW_APPLY=ask: mediaflow corrections apply PROJECT")
    memory = _MEMORY.setdefault(workspace.layout.archives, _Memory())
    open_ = [
        (path, sign)
        for path in journals(workspace.layout.archives)
        if memory.settled.get(path) != (sign := _sign(path))
    ]
    if not open_:
        return dg.SkipReason("everything that people said is delivered")
    known = context.instance.get_dynamic_partitions(str(projects.name))
    busy = unfinished_runs(context.instance)
    requests: dict[str, dg.RunRequest] = {}
    notes: list[str] = []
    until = time.monotonic() + MAX_SECONDS
    for path, sign in open_:
        if time.monotonic() > until:
            notes.append("the other journals are looked at in the next tick")
            break
        if time.time() - sign[0] / 1e9 < settings.wait:
            notes.append(f"{path.stem[:12]}: somebody is correcting")
            continue
        settled = True
        for key in _projects(workspace, path.stem):
            if key in busy:
                settled = False
                notes.append(f"{key}: a run of it is under way")
                continue
            record = DeliveryRecords(workspace.layout.state).get(key)
            if record is None or key not in known:
                continue  # its own run will read what is said
            try:
                heads = _heads(workspace, record)
            except BadInput as error:
                notes.append(error.sentence)
                continue
            if _applied(record, heads):
                continue
            settled = False
            requests[key] = _request(key, heads)
        if settled:
            memory.settled[path] = sign
    why = "; ".join(notes[:10]) or "what people said is of no delivered project"
    return dg.SensorResult(run_requests=list(requests.values()), skip_reason=None if requests else why)


@dataclass(frozen=True)
class Head:
    """What is said about one delivered video."""

    id: str
    version: str
    digest: str


def _sign(path: Path) -> _Sign:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


def _projects(workspace: Workspace, video: str) -> Iterator[str]:
    """Keys of the projects that a received video is in."""
    keys = (stored.metadata.project for stored in workspace.analyses.find(video))
    yield from dict.fromkeys(key for key in keys if key)


def _heads(workspace: Workspace, record: DeliveryRecord) -> list[Head]:
    """What is said about the videos of a delivery.

    Raises:
        BadInput: a journal is damaged.
    """
    layout = workspace.layout
    heads = []
    for video in record.videos:
        journal = Journal(layout.archives, layout.state, video.master.source_sha256)
        versions = journal.versions()
        heads.append(Head(video.master.id, versions[-1].version if versions else "", fold(versions).digest))
    return heads


def _applied(record: DeliveryRecord, heads: Sequence[Head]) -> bool:
    """Compared by what is said: after an undo nothing need be made."""
    return all(record.applied.get(head.id, NOTHING) == head.digest for head in heads)


def _request(key: str, heads: Sequence[Head]) -> dg.RunRequest:
    """Asked for by version: what was said, taken back and said again is asked for again; Dagster remembers keys."""
    said = "\n".join(head.version for head in heads)
    return dg.RunRequest(
        run_key=f"corrections:{key}:{hashlib.sha256(said.encode()).hexdigest()}",
        partition_key=key,
        tags={
            "mediaflow/project": key,
            "mediaflow/origin": "correction",
            # A person waits for it, and it takes seconds.
            "dagster/priority": "20",
        },
    )
