"""Every combination of the matrix, made, converted and judged.

    python -m benchmarks real.matrix --out table.md

The description is ``support/media/matrix.py``; the tests judge a part of it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from support.media.judge import judge
from support.media.matrix import Combination, combinations


def table(problems: dict[Combination, list[str]]) -> Iterator[str]:
    """A line for every container, and one for everything that is wrong, in Markdown."""
    containers: dict[str, list[Combination]] = defaultdict(list)
    for one in problems:
        containers[one.container].append(one)
    yield "| container | combinations | as due | not |"
    yield "|---|---|---|---|"
    for name, some in [*containers.items(), ("all", list(problems))]:
        wrong = sum(bool(problems[one]) for one in some)
        yield f"| {name} | {len(some)} | {len(some) - wrong} | {wrong} |"
    wrong_ones = {one: found for one, found in problems.items() if found}
    if wrong_ones:
        yield ""
        yield from (f"- {one.name}: {'; '.join(found)}" for one, found in wrong_ones.items())


def main(
    out: Annotated[Path | None, typer.Option(help="Where the table is written; standard output by default.")] = None,
    only: Annotated[str, typer.Option(help="Combinations whose name holds this.")] = "",
    every: Annotated[int, typer.Option(help="Take one of so many.")] = 1,
) -> None:
    begun = time.monotonic()
    problems: dict[Combination, list[str]] = {}
    for one in [one for one in combinations() if only in one.name][::every]:
        with TemporaryDirectory() as folder:
            try:
                problems[one] = judge(one, Path(folder))
            except Exception as error:  # noqa: BLE001 - a traceback is one of the things looked for
                problems[one] = [f"{type(error).__name__}: {error}"[-600:].replace("\n", " ")]
        if problems[one]:
            print(f"{one.name}: {'; '.join(problems[one])}", flush=True)
    text = "\n".join([*table(problems), "", f"{time.monotonic() - begun:.0f} s", ""])
    if out is None:
        print(text)
    else:
        out.write_text(text)


if __name__ == "__main__":
    typer.run(main)
