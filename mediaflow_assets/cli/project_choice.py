"""Which project somebody means who types a key, a name, a number or a part of a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from mediaflow_assets.cli.installation import Installation
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import parse_folder
from mediaflow_assets.delivery.record import DeliveryRecords
from mediaflow_assets.formats.manifest import Origin, read_document

MAX_LISTED = 10
"""Projects that are named in a sentence about a wrong one; more are a list of their own."""


class Candidate(NamedTuple):
    """A project that may be meant."""

    key: str
    """Partition key; of a project of which only the store knows, the name of its folder there."""
    name: str
    archive_name: str
    """Name of its folder in the store, whether or not there is one."""


def choose_project(here: Installation, wanted: str, also: Iterable[str] = ()) -> str:
    """The key of the one project that ``wanted`` means.

    In this order, so that what is written in full never becomes ambiguous: the key or the name of the
    folder in the store, the name, the name in any case and accents, the number that a name begins
    with, a part of the name or key. Each is tried only when none before it fits any project.

    Args:
        also: keys that are known elsewhere: in the history, as partitions.

    Raises:
        BadInput: no project fits, or several do; lists those.
    """
    candidates = list(_candidates(here, also))
    for fits in _rules(wanted):
        found = [candidate for candidate in candidates if fits(candidate)]
        if len(found) == 1:
            return found[0].key
        if found:
            listed = ", ".join(sorted(candidate.key for candidate in found))
            raise BadInput(repr(wanted), f"fits {len(found)} projects", f"Choose from: {listed}")
    known = ", ".join(sorted(candidate.key for candidate in candidates))
    remedy = f"Choose from: {known}" if 0 < len(candidates) <= MAX_LISTED else "See: mediaflow projects"
    raise BadInput(repr(wanted), "is not the key, name, number or part of the name of a project", remedy)


def _rules(wanted: str) -> Iterator[Callable[[Candidate], bool]]:
    folded = fold(wanted)
    yield lambda candidate: wanted in (candidate.key, candidate.archive_name)
    yield lambda candidate: wanted == candidate.name
    if not folded:
        return
    yield lambda candidate: folded in (fold(candidate.name), fold(candidate.key))
    if folded.isdecimal():  # a key is full of other numbers: its time stamp
        yield lambda candidate: _number(candidate.name) == int(folded)
        return
    yield lambda candidate: folded in fold(candidate.name) or folded in fold(candidate.key)


def fold(text: str) -> str:
    """What names are compared by: without case and accents; ``_`` of keys is the space of names."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(plain.casefold().replace("_", " ").split())


def _number(name: str) -> int | None:
    found = re.match(r"\s*(\d+)", name)
    return int(found[1]) if found else None


def _candidates(here: Installation, also: Iterable[str]) -> Iterator[Candidate]:
    keys = {path.parent.name for path in here.layout.downloads.glob("*/origin.json")}
    keys |= {path.name for path in here.layout.work.glob("[!.]*") if path.is_dir()}
    keys |= {*DeliveryRecords(here.layout.state).projects(), *also}
    registered = set()
    for key in sorted(keys):
        candidate = _registered(here, key)
        registered.add(candidate.archive_name)
        yield candidate
    for folder in here.store.folders():
        if folder.name not in registered and (parsed := parse_folder(folder.name)):
            yield Candidate(folder.name, parsed[0], folder.name)


def _registered(here: Installation, key: str) -> Candidate:
    path = here.layout.project(key).origin
    try:
        origin = read_document(path, Origin) if path.exists() else None
    except BadInput:  # a project whose file is damaged can still be named by its key, and the others by theirs
        origin = None
    return Candidate(key, origin.name, origin.archive_name) if origin else Candidate(key, key, key)
