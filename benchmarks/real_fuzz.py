"""Damaged media and archives: nothing but our own errors, nothing slow, nothing large.

    python -m benchmarks real_fuzz --inputs 2000 --out table.md

Seeds are two seconds in thirty kinds of files, and eleven archives. An input is a seed and a damage, both by a number:
``--only 17`` makes input 17 again and keeps it.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.real.bounded import Bounded, Bounds
from support.media.damage import DAMAGES, Damage, archives, films

BOUNDS = Bounds(seconds=60, megabytes=1000)


@dataclass(frozen=True)
class Tried:
    """What became of one damaged file."""

    number: int
    name: str
    damage: str
    outcome: str
    words: str
    seconds: float
    megabytes: int

    @property
    def wrong(self) -> bool:
        return self.outcome not in ("converted", "extracted", "refused", "not a video")


def inputs(
    seeds: Sequence[Path], numbers: Sequence[int], folder: Path, damages: Mapping[str, Damage] = DAMAGES
) -> Iterator[tuple[int, str, Path]]:
    """Number, damage and path of each damaged file; a number always makes the same."""
    for number in numbers:
        chance = random.Random(number)  # noqa: S311
        seed, other = seeds[number % len(seeds)], chance.choice(seeds)
        name = list(damages)[number // len(seeds) % len(damages)]
        damaged = damages[name](seed.read_bytes(), other.read_bytes(), chance)
        path = folder / f"{number}{''.join(seed.suffixes)}"
        path.write_bytes(damaged)
        yield number, name, path


def tried(
    films_: Sequence[Path],
    archives_: Sequence[Path],
    numbers: Sequence[int],
    folder: Path,
    damages: Mapping[str, Damage] = DAMAGES,
) -> Iterator[Tried]:
    """Every input through extraction (archives) or probe and conversion."""
    seeds = [*films_, *archives_]
    with Bounded("benchmarks.real.one", BOUNDS) as process:
        for number, damage, path in inputs(seeds, numbers, folder, damages):
            seed = seeds[number % len(seeds)]
            ended = process.ask(path, "extracted" if seed in archives_ else "converted")
            answer = ended.answer or {"outcome": ended.why, "words": ended.words}
            name = "".join(seed.suffixes).lstrip(".")
            words = str(answer.get("words", ""))
            yield Tried(number, name, damage, answer["outcome"], words, ended.seconds, ended.megabytes)
            path.unlink()


def table(rows: Sequence[Tried]) -> Iterator[str]:
    """A line for every kind of file, and one for everything that is wrong, in Markdown."""
    kinds: dict[str, list[Tried]] = defaultdict(list)
    for row in rows:
        kinds[row.name].append(row)
    outcomes = ("converted", "extracted", "refused", "not a video", "traceback", "died", "too slow", "too large")
    yield f"| seed | inputs | {' | '.join(outcomes)} | slowest s | most MB |"
    yield f"|{'---|' * (len(outcomes) + 4)}"
    for name, some in [*sorted(kinds.items()), ("all", list(rows))]:
        counts = Counter(row.outcome for row in some)
        cells = [name, len(some), *(counts[outcome] for outcome in outcomes)]
        cells += [f"{max(row.seconds for row in some):.0f}", max(row.megabytes for row in some)]
        yield f"| {' | '.join(map(str, cells))} |"
    wrong = [row for row in rows if row.wrong]
    if wrong:
        yield ""
        yield from (f"- {row.number} ({row.name}, {row.damage}): {row.outcome} {row.words}" for row in wrong)


def main(
    inputs_: Annotated[int, typer.Option("--inputs", help="How many.")] = 2000,
    out: Annotated[Path | None, typer.Option(help="Where the table is written; standard output by default.")] = None,
    only: Annotated[int | None, typer.Option(help="Only this input; it is kept in the current folder.")] = None,
) -> None:
    begun = time.monotonic()
    with TemporaryDirectory() as name:
        folder = Path(name)
        media = films(folder / "films")
        packed = archives(folder / "archives", media[0])
        if only is not None:
            for _, damage, path in inputs([*media, *packed], [only], folder):
                print(f"{shutil.copy(path, Path.cwd())}: {damage}")
        rows: list[Tried] = []
        for row in tried(media, packed, [only] if only is not None else range(inputs_), folder):
            rows.append(row)
            if row.wrong or only is not None:
                print(row, flush=True)
    text = "\n".join([*table(rows), "", f"{time.monotonic() - begun:.0f} s", ""])
    if out is None:
        print(text)
    else:
        out.write_text(text)


if __name__ == "__main__":
    typer.run(main)
