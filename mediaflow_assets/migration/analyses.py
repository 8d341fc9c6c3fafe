"""The analyses of the replaced application, copied into the analysis store.

Its archives are ``<project> YYYY-MM-DD_HH-MM-SS/<sha256>/`` or, before that, ``<project>/<sha256>/``. The second kind
gets a time stamp: that of its ``metadata.json``, else of its newest document. Analyses that lie only beside the
videos of a project that was not finished are stored under the sha256 of those videos.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.files import copy_file, sha256_of, write_atomic
from mediaflow_assets.delivery.analysis_store import ENDINGS, parse_folder
from mediaflow_assets.video.probe import is_video

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STAMP = "%Y-%m-%d_%H-%M-%S"
_KEPT = (*ENDINGS.values(), "metadata.json", "video_metadata.json")
"""What names in a video's folder of the archives end with."""
_BESIDE = {
    "scenes": ("{stem}_scenes.csv", "{stem}.csv"),
    "audio": ("{stem}_audio.json",),
    "tracking": ("{stem}_tracking.json", "{stem}.json"),
}
"""Names of the documents beside a video, the better first."""


@dataclass(frozen=True)
class Found:
    """Documents of one video."""

    project: str
    stamp: datetime
    files: dict[str, Path]
    """Name in the store to the file that is copied."""
    sha256: str = ""
    """Empty for a video that lies in a project and was not hashed yet."""
    video: Path | None = None


@dataclass
class Analyses:
    """What there is to copy, and what became of it."""

    found: list[Found] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    copied: int = 0
    """Files that were copied."""
    known: int = 0
    """Files that the store had already, with the same content."""

    @property
    def documents(self) -> int:
        """Scenes, audio and tracking documents that were found."""
        return sum(name.endswith(tuple(ENDINGS.values())) for video in self.found for name in video.files)


def find_analyses(archives: Path, projects: Path) -> Analyses:
    """Every analysis of the replaced installation; nothing is read but names and metadata.

    Args:
        archives: its durable archive; need not exist.
        projects: its work folder; need not exist.
    """
    result = Analyses()
    for folder in _folders(archives):
        videos = [child for child in _folders(folder) if _SHA256.fullmatch(child.name)]
        result.left_out += [
            f"{path}: is no analysis of a video whose content is known"
            for path in sorted(folder.iterdir())
            if path not in videos
        ]
        if videos:
            result.found += _archived(folder, videos)
        elif not any(folder.iterdir()):
            result.left_out.append(f"{folder}: is empty")
    for project in _folders(projects):
        result.found += _beside_videos(project)
    return result


def copy_analyses(analyses: Analyses, store: Path, progress: Callable[[str], None] = lambda said: None) -> None:
    """Copy what was found into ``store``; what is there already stays as it is, so that this may be run again.

    Documents beside a video are copied where the archives do not have that kind of it.
    """
    have: set[tuple[str, str]] = set()
    for video in sorted(analyses.found, key=lambda one: one.video is not None):
        sha256 = video.sha256
        if video.video is not None:
            progress(f"reading {video.video}")
            sha256 = sha256_of(video.video)
        files = {
            name: path
            for name, path in video.files.items()
            if video.video is None or (sha256, _ending(name)) not in have
        }
        have |= {(sha256, _ending(name)) for name in files}
        if not files:
            continue
        target = store / f"{video.project} {video.stamp:{_STAMP}}" / sha256
        for name, source in files.items():
            _copy(source, target / name, analyses)
        if video.video is not None and not (target / "metadata.json").exists():
            write_atomic(target / "metadata.json", _metadata(video, sha256, files))


def _copy(source: Path, target: Path, analyses: Analyses) -> None:
    if target.exists():
        if target.stat().st_size == source.stat().st_size and sha256_of(target) == sha256_of(source):
            analyses.known += 1
        else:
            analyses.left_out.append(f"{source}: the store has another {target.name} of it, which stays")
        return
    try:
        copy_file(source, target)
    except (MediaflowError, OSError) as error:
        raise error if isinstance(error, MediaflowError) else MediaflowError(source, str(error)) from error
    if sha256_of(target) != sha256_of(source):
        target.unlink()
        raise MediaflowError(target, "is not what was copied", "Check the disk and run it again")
    analyses.copied += 1


def _archived(folder: Path, videos: list[Path]) -> Iterator[Found]:
    parsed = parse_folder(folder.name)
    contents = {video: _kept(video) for video in videos}
    name, stamp = parsed or (folder.name, min((_time(files) for files in contents.values()), default=None))
    for video, files in contents.items():
        if files and stamp is not None:
            yield Found(name, stamp, files, sha256=video.name)


def _kept(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(folder.iterdir()) if path.is_file() and path.name.endswith(_KEPT)}


def _time(files: dict[str, Path]) -> datetime:
    """When a video was archived: what its metadata says, else the time of its newest file."""
    if "metadata.json" in files:
        try:
            said = json.loads(files["metadata.json"].read_bytes())
            when = datetime.fromisoformat(str(said["created_at"]))
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
        except (ValueError, KeyError, TypeError):
            pass  # damaged or without a time: the files have one
    return _newest(files)


def _newest(files: dict[str, Path]) -> datetime:
    newest = max((path.stat().st_mtime for path in files.values()), default=0.0)
    return datetime.fromtimestamp(int(newest), UTC)


def _beside_videos(project: Path) -> Iterator[Found]:
    for video in sorted(path for path in project.rglob("*") if path.is_file() and is_video(path)):
        files = {}
        for kind, names in _BESIDE.items():
            candidates = (video.with_name(name.format(stem=video.stem)) for name in names)
            document = next((path for path in candidates if path.is_file()), None)
            if document is not None:
                files[video.stem + ENDINGS[kind]] = document
        if files:
            yield Found(project.name, _newest(files), files, video=video)


def _metadata(video: Found, sha256: str, files: dict[str, Path]) -> str:
    kinds = {kind: next((name for name in files if name.endswith(end)), None) for kind, end in ENDINGS.items()}
    document = {
        "video_path": str(video.video),
        "video_stem": video.video.stem if video.video else "",
        "video_hash": sha256,
        "created_at": video.stamp.isoformat(),
        "copied": {kind: name for kind, name in kinds.items() if kind in _BESIDE},
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _ending(name: str) -> str:
    return next((ending for ending in ENDINGS.values() if name.endswith(ending)), name)


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and not path.is_symlink() and not path.name.startswith((".", "_temp_"))
    )
