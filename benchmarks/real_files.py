"""Any folder of foreign files through probe, conversion and, on demand, the whole chain.

    python -m benchmarks real_files FOLDER --out table.md

Every sub-folder of FOLDER counts as one origin (a repository). Each file has a process of its own with a bound of
time and memory. A master is compared with its source picture by picture and its sound by cross-correlation; what is
refused is decoded by ffmpeg alone, so that a wrong refusal shows. Answers are kept in ``--answers`` (JSON lines) and
not asked again.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from benchmarks.real.bounded import Bounded, Bounds

MOST_LAG = 20.0
"""Milliseconds by which sound may be away from the picture."""
_SAID = ("missing", "lost", "damaged", "shorter", "cut", "ends at", "left out", "states", "before the sound")
"""Words of a note that says that something of the source is not in the master."""
_STILLS = frozenset({".avif", ".heic", ".heif"})
"""Still pictures, which may hold several."""
_NEVER = {
    r"Errno": "errno",
    r"\bcode -?\d+": "an exit code",
    r"(^|[ '(\"])/\w+/": "a path",
    r"\.part\b": "an inner name",
    r"0x[0-9a-f]{6}": "an address",
}
"""Pattern to what it is: nothing of this may be in a sentence to an editor."""


@dataclass(frozen=True)
class Row:
    """What became of one file."""

    origin: str
    name: str
    answer: dict[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.answer["outcome"])

    @property
    def lag(self) -> float | None:
        lag: float | None = self.answer.get("lag")
        return lag

    @property
    def lost(self) -> int:
        """Frames that the master lacks although the source's pictures decode."""
        return max(0, int(self.answer.get("expected", 0)) - int(self.answer.get("frames", 0)) - 1)

    @property
    def told(self) -> bool:
        """A note says that something is missing."""
        notes = " ".join(self.answer.get("notes", ()))
        return bool(self.answer.get("missing")) or any(word in notes for word in _SAID)

    @property
    def doubts(self) -> list[str]:
        """Reasons to look at this file, one phrase each."""
        found = list(_doubts_of_words(self.name, str(self.answer.get("words", ""))))
        match self.outcome:
            case "converted":
                return [*found, *self._doubts_of_the_master()]
            case "refused" if self.answer.get("decodes", 0) > 1:
                return [*found, f"refused, but {self.answer['decodes']} pictures decode"]
            case "not a video" if self.answer.get("decodes", 0) > 1 and Path(self.name).suffix not in _STILLS:
                return [*found, f"passed over, but {self.answer['decodes']} pictures decode"]
            case "refused" | "not a video":
                return found
            case _:
                return [*found, self.outcome]

    def _doubts_of_the_master(self) -> Iterator[str]:
        frames, stated = int(self.answer["frames"]), float(self.answer.get("stated") or 0)
        if self.lost and not self.told:
            yield f"{self.lost} frames lost without a word"
        if stated - frames / 25 > max(0.2, 0.02 * stated) and not self.told:
            yield f"states {stated:.2f} s, {frames / 25:.2f} s delivered without a word"
        if frames > int(self.answer.get("expected") or frames) + 2:
            yield f"{frames} frames where {self.answer['expected']} are due"
        if self.answer.get("shift"):
            yield f"pictures {self.answer['shift']:+d} frames late"
        if self.answer.get("wrong", 0) > max(2, 0.02 * frames):
            yield f"{self.answer['wrong']} frames show another picture"
        if self.lag is not None and abs(self.lag) > MOST_LAG:
            yield f"sound {self.lag:+.0f} ms"
        if (self.answer.get("spread") or 0) > 5:
            yield f"the sound's lag moves by {self.answer['spread']:.1f} ms"
        if self.lag is None and self.answer.get("likeness") is not None:
            yield f"sound correlates by {self.answer['likeness']:.2f} only"


def _doubts_of_words(name: str, words: str) -> Iterator[str]:
    """What no sentence to an editor may contain."""
    if not words:
        return
    rules = {
        r"\[?Errno": "errno",
        r"code \d+": "an exit code",
        r"(^|[ '(])/(tmp|home|work)/": "a path",
        r"\.part": "an inner name",
    }
    for rule, what in rules.items():
        if re.search(rule, words):
            yield f"the sentence holds {what}"
    if words.count(name) > 1:
        yield "the sentence names the file twice"


def choose(folder: Path, most: int | None, seed: int) -> list[Path]:
    """The files of a folder: of each origin, at most ``most`` by chance, the same ones for a seed.

    The first of each origin come first, so that what is common shows soon.
    """
    origins: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            origins[_origin(folder, path)].append(path)
    decks = [random.Random(f"{seed} {origin}").sample(paths, len(paths))[:most] for origin, paths in origins.items()]  # noqa: S311
    return [path for round_ in zip_longest(*decks) for path in round_ if path is not None]


def _origin(folder: Path, path: Path) -> str:
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else folder.name


def ask(process: Bounded, path: Path) -> dict[str, Any]:
    """What becomes of one file."""
    ended = process.ask(path)
    answer = ended.answer or {"outcome": ended.why, "words": ended.words}
    return {**answer, "wall": ended.seconds, "megabytes": ended.megabytes}


def table(rows: Sequence[Row]) -> Iterator[str]:
    """A line for every file, in Markdown."""
    yield "| file | outcome | frames (due) | lost | A/V ms | likeness | s | MB | doubts, words |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in sorted(rows, key=lambda row: (row.origin, row.name)):
        answer = row.answer
        frames = f"{answer['frames']} ({answer.get('expected', '?')})" if "frames" in answer else ""
        lag = "" if row.lag is None else f"{row.lag:+.1f}"
        likeness = "" if answer.get("likeness") is None else f"{answer['likeness']:.2f}"
        words = "; ".join([*row.doubts, *([str(answer["words"])] if answer.get("words") else answer.get("notes", []))])
        cells = [
            f"{row.origin}/{row.name}",
            row.outcome,
            frames,
            str(row.lost or ""),
            lag,
            likeness,
            f"{answer['wall']:.1f}",
            str(answer["megabytes"]),
            words.replace("|", "/").replace("\n", " ")[:400],
        ]
        yield f"| {' | '.join(cells)} |"


def totals(rows: Sequence[Row]) -> Iterator[str]:
    """A line for every origin, in Markdown."""
    heads = [
        "from",
        "files",
        "converted",
        "refused",
        "no video",
        "tracebacks",
        "too slow or large",
        "frames lost unsaid",
    ]
    heads += ["A/V ms (median, most)", "doubtful", "s"]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    origins: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        origins[row.origin.replace("+", "/")].append(row)
    for origin, some in [*sorted(origins.items()), ("all", list(rows))]:
        outcomes = [row.outcome for row in some]
        lags = [abs(row.lag) for row in some if row.lag is not None]
        cells = [
            origin,
            len(some),
            outcomes.count("converted"),
            outcomes.count("refused"),
            outcomes.count("not a video"),
            outcomes.count("traceback") + outcomes.count("died"),
            outcomes.count("too slow") + outcomes.count("too large"),
            sum(row.lost for row in some if not row.told),
            f"{statistics.median(lags):.1f}, {max(lags):.1f}" if lags else "",
            sum(bool(row.doubts) for row in some),
            round(sum(row.answer["wall"] for row in some)),
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def reasons(rows: Sequence[Row]) -> Iterator[str]:
    """Why files were refused, and how many for each reason; names and numbers are left out."""
    words = (str(row.answer["words"]).partition(": ")[2] for row in rows if row.outcome == "refused")
    counts = Counter(re.sub(r"'[^']*'|\d+(\.\d+)?", "…", problem.partition(". ")[0])[:160] for problem in words)
    yield "| refused because it | files |"
    yield "|---|---|"
    yield from (f"| {problem.rstrip('.').replace('|', '/')} | {count} |" for problem, count in counts.most_common())


def chain(paths: Sequence[Path], size: int, folder: Path, seconds: float) -> Iterator[str]:
    """Projects of ``size`` files each through ``mediaflow run``; a line for each, in Markdown."""
    yield "| project | files | code | s | last line |"
    yield "|---|---|---|---|---|"
    for number, begin in enumerate(range(0, len(paths), size)):
        some, archive = paths[begin : begin + size], folder / f"{number:02}_real.zip"
        with zipfile.ZipFile(archive, "w") as made:
            for index, path in enumerate(some):
                made.write(path, f"{index:02}_{path.name}")
        environment = {**os.environ, "MEDIAFLOW_HOME": str(folder / "home")}
        command = [sys.executable, "-m", "mediaflow_assets.cli", "run", str(archive)]
        begun = time.monotonic()
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
            )
            code, words = str(done.returncode), (done.stdout + done.stderr).strip().splitlines()[-1:]
        except subprocess.TimeoutExpired:
            code, words = "too slow", []
        last = " ".join(words).replace("|", "/")
        yield f"| {archive.name} | {len(some)} | {code} | {time.monotonic() - begun:.0f} | {last} |"


def main(
    folder: Path,
    out: Annotated[Path | None, typer.Option(help="Where the tables are written; standard output by default.")] = None,
    answers: Annotated[Path | None, typer.Option(help="JSON lines; what is in there is not asked again.")] = None,
    most: Annotated[int | None, typer.Option(help="Files of one origin.")] = None,
    seed: int = 1,
    seconds: Annotated[float, typer.Option(help="Time that one file may take.")] = 120,
    megabytes: Annotated[int, typer.Option(help="Memory that one file may take.")] = 1000,
    whole_chain: Annotated[int, typer.Option(help="Also `mediaflow run` on projects of so many files.")] = 0,
) -> None:
    paths = choose(folder, most, seed)
    known = _read(answers)
    rows: list[Row] = []
    with Bounded("benchmarks.real.one", Bounds(seconds, megabytes)) as process:
        for path in paths:
            name = str(path.relative_to(folder))
            if name not in known:
                known[name] = ask(process, path)
                if answers is not None:
                    with answers.open("a") as stream:
                        stream.write(json.dumps({"file": name, **known[name]}) + "\n")
            rows.append(Row(_origin(folder, path), path.name, known[name]))
    lines = [*totals(rows), "", *reasons(rows), "", *table(rows)]
    if whole_chain:
        converted = [path for path, row in zip(paths, rows, strict=True) if row.outcome != "not a video"]
        with TemporaryDirectory() as archives:
            lines += ["", *chain(converted, whole_chain, Path(archives), 1200)]
    text = "\n".join(lines) + "\n"
    if out is None:
        print(text)
    else:
        out.write_text(text)


def _read(answers: Path | None) -> dict[str, dict[str, Any]]:
    if answers is None or not answers.exists():
        return {}
    found = [json.loads(line) for line in answers.read_text().splitlines()]
    return {answer.pop("file"): answer for answer in found}


if __name__ == "__main__":
    typer.run(main)
