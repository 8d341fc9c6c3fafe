"""One archive, extracted in a process of its own: what came of it, how long it took, what it needed."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Literal, NamedTuple

from mediaflow_assets.archives.extract import extract, is_archive
from mediaflow_assets.archives.model import Limits
from mediaflow_assets.core.errors import MediaflowError

LIMITS = Limits(max_bytes=1 << 30, max_entries=100_000, max_ratio=200, timeout=120)
SECONDS = 120
"""After which an attempt counts as hanging."""

Outcome = Literal["extracted", "refused", "no archive", "traceback", "leftovers", "hangs"]


class Attempt(NamedTuple):
    """What came of one file."""

    outcome: Outcome
    said: str
    """The sentence, or the last line of a traceback."""
    seconds: float
    megabytes: float
    """Growth of the process at its largest; the 7-Zip process has limits of its own."""


def attempt(path: Path) -> Attempt:
    """Try one file. Whatever it does, it does it to a child process and a folder that is removed."""
    started = time.monotonic()
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if not child:
            os.close(reading)
            _in_child(path, Path(folder), writing)
        os.close(writing)
        answer = b""
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
    seconds = time.monotonic() - started
    if not answer:
        return Attempt("hangs", f"no end within {SECONDS} s", seconds, 0)
    outcome, said, megabytes = json.loads(answer)
    return Attempt(outcome, said, seconds, megabytes)


def _in_child(path: Path, folder: Path, writing: int) -> None:
    signal.alarm(SECONDS)  # ends the process
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome, said = _tried(path, folder)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    os.write(writing, json.dumps([outcome, said, grown]).encode())
    os._exit(0)


def _tried(path: Path, folder: Path) -> tuple[Outcome, str]:
    try:
        if not is_archive(path):
            return "no archive", ""
        extract(path, folder / "extracted", LIMITS)
    except MediaflowError as error:
        left = [found.name for found in folder.rglob("*")]
        return ("leftovers", ", ".join(left)) if left else ("refused", error.problem)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a fault and is counted
        traceback.print_exc(file=sys.stderr)
        return "traceback", repr(error)
    beside = [found.name for found in folder.iterdir() if found.name != "extracted"]
    links = [found.name for found in folder.rglob("*") if found.is_symlink()]
    return ("leftovers", ", ".join(beside + links)) if beside or links else ("extracted", "")
