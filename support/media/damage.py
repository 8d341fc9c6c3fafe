"""Seeds of many containers and archives, and what can happen to them on the way."""

from __future__ import annotations

import random
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mediaflow_assets.archives.decoder import program
from support.media.encode import write
from support.media.matrix import Combination

FILMS = """
mp4 h264 aac usual
mp4 hevc opus fragments
mp4 mpeg4 mp3 fast start
mp4 av1 flac no edit list
mov prores pcm_s16le usual
mov mjpeg alac usual
mov h264 aac trimmed
m4v h264 ac3 usual
3gp h263 amr_nb usual
mkv h264 opus usual
mkv ffv1 vorbis usual
webm vp8 vorbis usual
webm vp9 opus usual
avi mpeg4 mp3 usual
avi mjpeg pcm_s16le usual
ts h264 aac usual
ts mpeg2video mp2 usual
m2ts h264 ac3 usual
mpg mpeg1video mp2 usual
vob mpeg2video ac3 usual
flv h264 aac usual
flv flv1 mp3 usual
wmv wmv2 wmav2 usual
mxf mpeg2video pcm_s16le usual
ogv theora vorbis usual
nut h264 flac usual
wtv mpeg2video mp2 usual
rm rv10 ac3 usual
h264 h264 none usual
ivf vp8 none usual
""".strip().splitlines()
"""Container, picture, sound, edits."""


def films(folder: Path, chosen: Sequence[str] = FILMS) -> list[Path]:
    """One file of two seconds for each of ``chosen``."""
    made = []
    for number, film in enumerate(chosen):
        container, picture, sound, edits = film.split(maxsplit=3)
        below = folder / f"{number:02}"
        below.mkdir(parents=True)
        combination = Combination(container, picture, sound, "25", edits=edits, b_frames=2 if picture == "h264" else 0)
        made.append(write(combination, below))
    return made


def archives(folder: Path, content: Path) -> list[Path]:
    """The same few files in every kind of archive that is opened."""
    folder.mkdir(parents=True)
    names = {"a.mp4": content.read_bytes(), "sub/é.txt": b"text\n" * 300, "sub/deeper/empty": b""}
    made = []
    for name, method in {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}.items():
        made.append(folder / f"{name}.zip")
        with zipfile.ZipFile(made[-1], "w", method) as file:
            for inner, data in names.items():
                file.writestr(inner, data)
    loose = folder / "loose"
    for inner, data in names.items():
        (loose / inner).parent.mkdir(parents=True, exist_ok=True)
        (loose / inner).write_bytes(data)
    for kind in ("", "gz", "bz2", "xz"):
        made.append(folder / f"plain.tar{'.' if kind else ''}{kind}")
        with tarfile.open(made[-1], f"w:{kind}") as tar:  # type: ignore[call-overload]
            tar.add(loose, "content")
    for options in (["-mx=1"], ["-mx=0"], ["-m0=PPMd"]):
        made.append(folder / f"{options[0].strip('-').replace('=', '_')}.7z")
        subprocess.run([program(), "a", *options, made[-1], f"{loose}/."], check=True, capture_output=True)
    return made


Damage = Callable[[bytes, bytes, random.Random], bytes]
"""``(data, data of another seed, chance) -> damaged data``."""


def flipped(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """Some bits anywhere."""
    return _flip(data, chance, range(len(data)), chance.choice((1, 2, 8, 40, 200)))


def header_flipped(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """Some bits where headers are: the first or the last bytes."""
    size = min(len(data), chance.choice((64, 400, 3000)))
    places = range(size) if chance.random() < 0.5 else range(len(data) - size, len(data))
    return _flip(data, chance, places, chance.choice((1, 3, 10)))


def cut(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """The end, the beginning or something in the middle is missing."""
    begin, end = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
    return chance.choice((data[:begin], data[end:], data[:begin] + data[end:]))


def spliced(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The header of one file before the rest of another, or a piece of one in the other."""
    size = chance.choice((8, 32, 188, 1000, 5000))
    if chance.random() < 0.5:
        return other[:size] + data[size:]
    place = chance.randrange(len(data))
    begin = chance.randrange(len(other))
    return data[:place] + other[begin : begin + size] + data[place + size :]


def extreme(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """A field of four bytes near the beginning or the end says 0, the most, or the most of a signed number."""
    size = min(len(data), 4000)
    place = chance.choice((0, len(data) - size)) + chance.randrange(max(size - 4, 1))
    value = struct.pack(">I", chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)))
    return data[:place] + value + data[place + 4 :]


def blanked(data: bytes, _: bytes, chance: random.Random) -> bytes:
    """A block of zeros, as a disk or a broken transfer leaves it."""
    place, size = chance.randrange(len(data)), chance.choice((16, 512, 4096, 65536))
    return data[:place] + bytes(min(size, len(data) - place)) + data[place + size :]


DAMAGES: Mapping[str, Damage] = {
    damage.__name__: damage for damage in (flipped, header_flipped, cut, spliced, extreme, blanked)
}


def _flip(data: bytes, chance: random.Random, places: range, count: int) -> bytes:
    damaged = bytearray(data)
    for place in chance.choices(places, k=count):
        damaged[place] ^= 1 << chance.randrange(8)
    return bytes(damaged)
