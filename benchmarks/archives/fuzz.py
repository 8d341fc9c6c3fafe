"""Damaged archives of every format: nothing but one sentence, no leftovers, bounded time and memory.

    python -m benchmarks archives.fuzz [FOLDER] [--count 2000] [--seed 1]

Honest archives are made with the interpreter and 7-Zip, those of FOLDER (RAR, and whatever else is
there, up to 200 kB) are added, and each is damaged by a seeded choice: bits flipped, cut, bytes
exchanged, a piece of another archive put in, a field set to an extreme, two archives joined. The
same seed makes the same inputs.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import lzma
import random
import subprocess
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

from benchmarks.archives.attempt import Attempt, attempt
from benchmarks.archives.corpus import row
from mediaflow_assets.archives.decoder import program

_MAX_BASE = 200_000
"""Bytes; larger archives spend their time on content, where damage only meets a check sum."""
_EXTREMES = (b"\0" * 4, b"\xff" * 4, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\1\0\0\0")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311
    bases = honest(chance)
    if arguments.folder:
        bases |= foreign(arguments.folder)
    kinds = sorted(bases)
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    faults = 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(arguments.count):
            kind = kinds[number % len(kinds)]
            path = Path(name) / f"{number}.bin"
            others = [content for contents in bases.values() for content in contents]
            path.write_bytes(damaged(chance.choice(bases[kind]), others, chance))
            found = attempt(path)
            attempts[kind].append(found)
            if found.outcome in ("traceback", "leftovers", "hangs") or found.megabytes > 200:
                faults += 1
                print(f"FAULT {number} ({kind}): {found.outcome}: {found.said}, {found.megabytes:.0f} MB")
            path.unlink()
    print(
        "| format | inputs | extracted | refused | no archive | traceback | leftovers | hangs | slowest s | most MB |"
    )
    print("|---" * 10 + "|")
    for kind in kinds:
        print(row(kind, attempts[kind]))
    return min(faults, 1)


def honest(chance: random.Random) -> dict[str, list[bytes]]:
    """Archives of every format that can be made here."""
    files = {"a/film.mov": chance.randbytes(3000), "a/notes.txt": b"line\n" * 400, "a/é.bin": bytes(5000)}
    made = {f"zip method {method}": [_zip(files, method)] for method in (0, 8, 12, 14)}
    tar = _tar(files)
    made |= {
        "tar": [tar],
        "tar.gz": [gzip.compress(tar)],
        "tar.bz2": [bz2.compress(tar)],
        "tar.xz": [lzma.compress(tar)],
    }
    made["tar.zst"] = [_zstd(tar)]
    for name, options in {"7z": [], "7z solid lzma": ["-m0=lzma", "-ms=on"], "7z ppmd": ["-m0=ppmd"]}.items():
        made[name] = [_seven_zip(files, options)]
    return made


def foreign(folder: Path) -> dict[str, list[bytes]]:
    """Archives of a folder, by suffix."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix.lower() in (".rar", ".zip", ".7z", ".tar")
            and path.is_file()
            and path.stat().st_size < _MAX_BASE
        ):
            found[f"foreign {path.suffix.lower()}"].append(path.read_bytes())
    return dict(found)


def damaged(base: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """One to four kinds of damage."""
    data = bytearray(base)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(data) or 1)
        if chance.random() < 0.5:  # structure is at both ends
            at = (
                min(at, chance.randrange(64)) if chance.random() < 0.5 else max(0, len(data) - chance.randrange(1, 300))
            )
        kind = chance.randrange(6)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at : at + 4] = chance.choice(_EXTREMES)
        elif kind == 3:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + chance.randrange(1, 2000)]
        elif kind == 4:
            del data[at : at + chance.randrange(1, 200)]
        else:
            data += chance.choice(others) if chance.random() < 0.3 else bytes(data[at : at + 500])
    return bytes(data)


def _zip(files: dict[str, bytes], method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def _zstd(data: bytes) -> bytes:
    from backports import zstd

    return zstd.compress(data)


def _seven_zip(files: dict[str, bytes], options: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        command = [str(program()), "a", "-bso0", "-bsp0", *options, str(folder / "out.7z"), str(folder / "a")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return (folder / "out.7z").read_bytes()


if __name__ == "__main__":
    raise SystemExit(main())
