"""Every file of a delivery: where it comes from, where it goes, what it must contain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mediaflow_assets.core.files import contained, sha256_of
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery import words
from mediaflow_assets.delivery.names import NameRules
from mediaflow_assets.delivery.places import Places, wanted
from mediaflow_assets.formats.manifest import Extraction, Master

REFRAMED = ("9x16", "4x5", "1x1", "16x9")
"""Aspects of delivered re-framings, as their names have them."""
_MAX_SUFFIX = 16
"""Bytes; what follows the last dot of a received name and is longer is no suffix."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file of the delivery."""

    source: Path
    path: str
    """POSIX path below the delivered project's folder."""
    wanted: str
    """The path it has where every name is allowed and no other file has it."""
    sha256: str
    bytes: int
    kind: str
    """``video``, a kind of :func:`document_endings`, or ``received`` for any other file of the archive."""
    video: str = ""
    """Id of the video that it belongs to."""


def plan(
    folders: ProjectFolders,
    extraction: Extraction,
    masters: Sequence[Master],
    analyses: Mapping[str, Mapping[str, Path]],
    tracking_name: str,
    rules: NameRules,
) -> list[DeliveredFile]:
    """The files of a project that is ready.

    The contract's names come first: a received file that has the name of one of our documents gives
    way. SHA-256 values are the recorded ones; the copy proves that the sources still have them.

    Args:
        analyses: video id to ``{"scenes" | "audio" | "tracking": file}``.
        tracking_name: ``TRACKING_NAME``.
    """
    places = Places(rules)
    files = []
    names = {"video": ".mp4", **document_endings(tracking_name)}
    for master in sorted(masters, key=_own_name_first):
        sources = {"video": contained(folders.video, master.path), **analyses.get(master.id, {})}
        endings = {kind: names[kind] for kind in sources}
        paths = places.take(master.source_path, master.stem, endings)
        for kind, source in sources.items():
            digest = master.sha256 if kind == "video" else sha256_of(source)
            wish = wanted(master.source_path, master.stem, endings[kind])
            size = source.stat().st_size
            files.append(DeliveredFile(source, paths[kind], wish, digest, size, kind, master.id))
    for other in sorted(extraction.others, key=lambda file: file.path):
        suffix = PurePosixPath(other.path).suffix
        ending = suffix if len(suffix.encode()) <= _MAX_SUFFIX else ""
        stem = PurePosixPath(other.path).name.removesuffix(ending) if ending else PurePosixPath(other.path).name
        path = places.take(other.path, stem, {"received": ending})["received"]
        source = contained(folders.extracted, other.path)
        wish = wanted(other.path, stem, ending)
        files.append(DeliveredFile(source, path, wish, other.sha256, other.bytes, "received"))
    return sorted(files, key=lambda file: file.path)


def document_endings(tracking_name: str) -> dict[str, str]:
    """What the delivered documents' names have after the video's stem, by kind."""
    endings = {"scenes": ".csv", "transitions": "_transitions.json", "audio": "_audio.json"}
    return (
        endings
        | {"tracking": tracking_name.removeprefix("{stem}"), "people": "_people.json"}
        | {
            f"reframe_{label}{kind}": f"_reframe_{label}{suffix}"
            for label in REFRAMED
            for kind, suffix in (("", ".json"), ("_video", ".mp4"))
        }
        | words.ENDINGS
    )


def _own_name_first(master: Master) -> tuple[bool, str]:
    """``a.mp4`` keeps its name and ``a.mov`` beside it gives way."""
    return not master.source_path.casefold().endswith(".mp4"), master.source_path
