"""How long a search takes in half a million captions.

    python -m benchmarks speech.search [--cues 500000]

The index is made of drawn words: a vocabulary with the frequencies of a language (Zipf), ten words a caption, 200
videos. Each search is repeated, and its median and slowest are printed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from mediaflow_assets.transcripts.search_index import Hit, search, update_index

VIDEOS = 200
VOCABULARY = 20_000
REPEATS = 15
WORDS = 10


@dataclass(frozen=True)
class Drawn:
    """A transcript of random words."""

    number: int
    cues: int
    stamp: str = "1"

    @property
    def name(self) -> str:
        return str(self.number)

    def passages(self) -> Iterator[Hit]:
        random = np.random.default_rng(self.number)
        words = np.minimum(random.zipf(1.2, (self.cues, WORDS)), VOCABULARY)
        day = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.number)).isoformat(timespec="seconds")
        for index, row in enumerate(words):
            text = " ".join(f"mot{letter}" for letter in row)
            yield Hit(
                f"{self.number} Camille",
                day,
                "interview.mp4",
                f"{self.number:064x}",
                index * 75,
                index * 75 + 70,
                f"SPEAKER_{index % 4:02}",
                "Zoé" if self.number == 0 and index == 0 else "",
                f"obj_{index % 3}",
                "fr",
                0.9,
                text,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cues", type=int, default=500_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.sqlite"
        sources = [Drawn(number, arguments.cues // VIDEOS) for number in range(VIDEOS)]
        started = time.perf_counter()
        update_index(path, sources)
        print(f"made in {time.perf_counter() - started:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
        started = time.perf_counter()
        update_index(path, [Drawn(0, arguments.cues // VIDEOS, "2"), *sources[1:]])
        print(f"one video of {VIDEOS} anew in {time.perf_counter() - started:.1f} s")
        print("| search | hits shown | median | slowest |")
        print("|---|---|---|---|")
        searches: dict[str, dict[str, str]] = {
            "mot1": {},
            "mot1 mot2": {},
            "mot1 mot2 mot3": {},
            "mot1777": {},
            "mot177": {},
            "mot": {},
            "mot1 ": {"person": "SPEAKER_03"},
            "mot2": {"person": "Zoé"},
            "mot3": {"project": "17 Camille"},
            "mot4": {"since": "2026-01-08"},
        }
        for text, filters in searches.items():
            times = []
            for _ in range(REPEATS):
                started = time.perf_counter()
                found = len(list(search(path, text, **filters)))  # type: ignore[arg-type]
                times.append(time.perf_counter() - started)
            shown = " ".join([repr(text), *(f"{name}={value}" for name, value in filters.items())])
            print(f"| {shown} | {found} | {statistics.median(times):.3f} s | {max(times):.3f} s |", flush=True)


if __name__ == "__main__":
    main()
