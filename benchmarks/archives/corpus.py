"""Every file of a folder of foreign archives through extraction, counted by sub-folder.

    python -m benchmarks archives.corpus FOLDER [--sentences]

FOLDER has one folder for each collection, such as checkouts of the test data of other programs.
Uuencoded files (``.uu``, of libarchive) are decoded first. What is counted as *no archive* is what this
product does not take for one: other formats, plain files. A traceback, a leftover, a link, or an
attempt of more than two minutes is a fault of this product; the program ends with 1 if there is one.
"""

from __future__ import annotations

import argparse
import binascii
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.archives.attempt import Attempt, attempt

_COLUMNS = ("extracted", "refused", "no archive", "traceback", "leftovers", "hangs")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", action="store_true", help="why what was refused was refused")
    arguments = parser.parse_args()
    sentences: Counter[str] = Counter()
    faults = 0
    print(f"| collection | files | {' | '.join(_COLUMNS)} | slowest s | most MB |")
    print("|---" * (len(_COLUMNS) + 4) + "|")
    for collection in sorted(path for path in arguments.folder.iterdir() if path.is_dir()):
        attempts = {path: attempt(path) for path in files(collection)}
        print(row(collection.name, list(attempts.values())), flush=True)
        for path, found in attempts.items():
            if found.outcome in ("traceback", "leftovers", "hangs"):
                faults += 1
                print(f"FAULT {path}: {found.outcome}: {found.said}")
            elif found.outcome == "refused":
                sentences[re.sub(r"'.*'|\d+", "…", found.said)] += 1
    if arguments.sentences:
        print("\n| times | refused because it |\n|---|---|")
        for sentence, count in sentences.most_common():
            print(f"| {count} | {sentence} |")
    return min(faults, 1)


def row(name: str, attempts: list[Attempt]) -> str:
    """One line of the table."""
    counts = Counter(found.outcome for found in attempts)
    numbers = " | ".join(str(counts[column]) for column in _COLUMNS)
    slowest = max((found.seconds for found in attempts), default=0)
    most = max((found.megabytes for found in attempts), default=0)
    return f"| {name} | {len(attempts)} | {numbers} | {slowest:.1f} | {most:.0f} |"


def files(folder: Path) -> Iterator[Path]:
    """Every file below ``folder``; uuencoded ones decoded, one at a time."""
    for path in sorted(found for found in folder.rglob("*") if found.is_file() and not found.is_symlink()):
        if path.suffix != ".uu":
            yield path
            continue
        with tempfile.TemporaryDirectory() as name:
            decoded = Path(name) / path.stem
            decoded.write_bytes(uudecoded(path.read_bytes()))
            yield decoded


def uudecoded(data: bytes) -> bytes:
    """The content of a uuencoded file."""
    lines = iter(data.splitlines())
    for line in lines:
        if line.startswith(b"begin "):
            break
    out = bytearray()
    for line in lines:
        if line.strip() == b"end":
            break
        length = ((line[0] - 32 & 63) * 4 + 5) // 3 if line else 0  # some encoders write more than they say
        out += binascii.a2b_uu(line[:length]) if length else b""
    return bytes(out)


if __name__ == "__main__":
    raise SystemExit(main())
