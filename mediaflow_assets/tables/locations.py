"""Where the documents of analysed videos lie: a delivery, a project's work folder, the analysis store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.delivery.analysis_store import ENDINGS, parse_folder
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.formats.manifest import Masters, read_document
from mediaflow_assets.tables.dataset import Dataset
from mediaflow_assets.tables.video import AnalysedVideo, Kind

DELIVERED: Mapping[Kind, tuple[str, ...]] = {
    "scenes": (".csv",),
    "audio": ("_audio.json",),
    "tracking": ("_tracking.json", ".json"),
    "transcript": ("_transcript.json",),
    "people": ("_people.json",),
}
"""What may follow the stem of a delivered video; the replaced application wrote the second form of ``tracking``."""
AT_WORK: Mapping[Kind, str] = {
    "scenes": "scenes/{id}.csv",
    "audio": "audio/{id}_audio.json",
    "tracking": "tracking/{id}_tracking.json",
    "transcript": "transcripts/{id}_transcript.json",
}


def open_delivery(path: str | PathLike[str]) -> Dataset:
    """The analysed videos below ``path``; nothing of them is read yet.

    Args:
        path: a delivered project (``output/<project>`` or its ``docs``), a project's work folder
            (``work/<project>``), a project of the analysis store, or the whole store (``archives``).

    Raises:
        BadInput: it is none of these.

    Example:
        >>> delivery = open_delivery("mediaflow_home/output/13_Camille_2026-11-21_10-00-00")  # doctest: +SKIP
        >>> delivery.speaking.groupby("face").duration.sum()  # doctest: +SKIP
    """
    folder = Path(path).expanduser().resolve()
    if not folder.is_dir():
        raise BadInput(folder, "is not a folder", "Name a delivered project, its work folder or the analysis store")
    for find in (_delivered, _at_work, _stored):
        if videos := tuple(find(folder)):
            return Dataset(videos)
    raise BadInput(folder, "has no analysed video", "Name a delivered project, its work folder or the analysis store")


def _delivered(folder: Path) -> Iterator[AnalysedVideo]:
    docs = folder / "docs" if (folder / "docs").is_dir() else folder
    if docs.name != "docs":
        return
    for film in sorted(docs.rglob("*.mp4")):
        found = _first_there(film.parent, film.stem)
        if found:
            yield AnalysedVideo(docs.parent.name, film.relative_to(docs).with_suffix("").as_posix(), found)


def _first_there(folder: Path, stem: str) -> dict[Kind, Path]:
    found: dict[Kind, Path] = {}
    for kind, endings in DELIVERED.items():
        paths = [folder / NameRules().fit(stem, ending) for ending in endings]
        there = next((path for path in paths if path.is_file()), None)
        if there is not None:
            found[kind] = there
    return found


def _at_work(folder: Path) -> Iterator[AnalysedVideo]:
    manifest = folder / "video" / "manifest.json"
    if not manifest.is_file():
        return
    for video in read_document(manifest, Masters).videos:
        found: dict[Kind, Path] = {kind: folder / place.format(id=video.id) for kind, place in AT_WORK.items()}
        there = {kind: path for kind, path in found.items() if path.is_file()}
        yield AnalysedVideo(folder.name, Path(video.source_path).with_suffix("").as_posix(), there)


def _stored(folder: Path) -> Iterator[AnalysedVideo]:
    projects = [folder] if parse_folder(folder.name) else [path for path in folder.iterdir() if parse_folder(path.name)]
    for project in sorted(projects):
        for video in sorted(path for path in project.iterdir() if path.is_dir()):
            found: dict[Kind, Path] = {}
            for kind in ("scenes", "audio", "tracking"):
                paths = sorted(video.glob(f"*{ENDINGS[kind]}"))
                if paths:
                    found[kind] = paths[0]
            if found:
                stem = next(path.name.removesuffix(ENDINGS[kind]) for kind, path in found.items())
                yield AnalysedVideo(project.name, stem, found)
