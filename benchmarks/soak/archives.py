"""Small distinct projects, cut from the sample's interview."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from mediaflow_assets.sample import build_sample
from mediaflow_assets.video.ffmpeg import ffmpeg_binary

SECONDS = 2.4
_INTERVIEW = "13 Camille/interview.mp4"
_INTERVIEW_SECONDS = 30.0


def make_archives(folder: Path, count: int) -> list[Path]:
    """``count`` archives of one 320x240 video each; no two have the same content.

    Each video is another piece of the sample's interview: faces, speech and sometimes a cut.
    """
    folder.mkdir(parents=True, exist_ok=True)
    interview = folder.parent / "interview.mp4"
    with zipfile.ZipFile(build_sample(folder.parent / "sample").archive) as sample:
        interview.write_bytes(sample.read(_INTERVIEW))
    step = (_INTERVIEW_SECONDS - SECONDS) / count
    return [_cut(interview, folder / f"{number:03d}_Camille_soak.zip", number * step) for number in range(count)]


def _cut(source: Path, archive: Path, start: float) -> Path:
    if archive.exists():
        return archive
    clip = archive.with_suffix(".mp4")
    command = [ffmpeg_binary(), "-v", "error", "-y", "-ss", f"{start:.3f}", "-i", str(source), "-t", str(SECONDS)]
    subprocess.run([*command, "-vf", "scale=320:240", str(clip)], check=True)
    with zipfile.ZipFile(archive, "w") as package:
        package.write(clip, "clip.mp4")
    clip.unlink()
    return archive
