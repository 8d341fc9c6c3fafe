"""Which analyses of a video are there and belong to it, and whether a project may be delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.words import TRANSCRIPTS
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.execution.fanout import Record, load_record
from mediaflow_assets.formats.manifest import Extraction, Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.formats.transitions_json import read_transitions, transitions_path

KINDS = ("scenes", "audio", "tracking")
"""The analyses of a video; also the names of their documents in records and in the analysis store."""
ALL_KINDS = (*KINDS, TRANSCRIPTS)
"""With those that a delivery can do without."""


def full_documents(folders: ProjectFolders, video: Master, kinds: Sequence[str] = KINDS) -> dict[str, Path]:
    """The full documents that were made from this very 25-fps video, by kind."""
    found = {}
    for kind in kinds:
        record = full_record(folders, video, kind)
        if record is not None:
            found[kind] = folders.analysis(kind) / record.outputs[kind].path
    return found


def full_record(folders: ProjectFolders, video: Master, kind: str) -> Record | None:
    """How the full document of a kind was made, if it was made from this very 25-fps video.

    A document that its stage could not make anew when it last tried is not there, even if a former one is.
    """
    folder = folders.analysis(kind)
    record = load_record(folder, video.id)
    if record is None or record.recipe.inputs.get("video") != video.sha256:
        return None
    if load_failure(folder, video.id) is not None:
        return None
    return record if _is_there(folder, record, kind) else None


def delivered_documents(folders: ProjectFolders, video: Master) -> dict[str, Path]:
    """What is delivered of a video.

    Its scenes with their transitions, and those reduced documents and re-framings that are up to date.
    """
    found = full_documents(folders, video)
    reduced = load_record(folders.reduced, video.id)
    for kind in ("audio", "tracking"):
        full = full_record(folders, video, kind)
        if found.pop(kind, None) is None or full is None or reduced is None or kind not in reduced.outputs:
            continue
        same = reduced.recipe.inputs.get(kind) == full.outputs[kind].sha256
        if same and is_applied(folders, video) and _is_there(folders.reduced, reduced, kind):
            found[kind] = folders.reduced / reduced.outputs[kind].path
    corrected = corrected_documents(folders, video)
    if "scenes" in corrected:
        found["scenes"] = corrected["scenes"]
    if "people" in corrected:
        found["people"] = corrected["people"]
    if "transitions" in corrected:
        found["transitions"] = corrected["transitions"]
    elif "scenes" in found and (transitions := transitions_of(found["scenes"])) is not None:
        found["transitions"] = transitions
    reframed = reframed_documents(folders, video)
    return found | {kind: path for kind, path in reframed.items() if kind.startswith("reframe_")}


def review_digest(folders: ProjectFolders, video: Master) -> str | None:
    """SHA-256 of the review document of a video; None where nobody corrected anything."""
    record = load_record(folders.review, video.id)
    if record is None or not _is_there(folders.review, record, "review"):
        return None
    return record.outputs["review"].sha256


def review_document(folders: ProjectFolders, video: Master) -> dict[str, Path]:
    """``review`` to the review document of a video, if people corrected anything."""
    record = load_record(folders.review, video.id)
    if record is None or not _is_there(folders.review, record, "review"):
        return {}
    return {"review": folders.review / record.outputs["review"].path}


def framing_digest(folders: ProjectFolders, video: Master) -> str | None:
    """SHA-256 of what of a review changes who is where, who speaks and where the cuts are; None where nothing does."""
    record = load_record(folders.review, video.id)
    if record is None or not _is_there(folders.review, record, "review"):
        return None
    found = record.details.get("framing")
    return found if isinstance(found, str) else None


def is_applied(folders: ProjectFolders, video: Master) -> bool:
    """Whether the reduced documents of a video are those of its present review."""
    reduced = load_record(folders.reduced, video.id)
    return reduced is not None and reduced.recipe.inputs.get("review") == review_digest(folders, video)


def corrected_documents(folders: ProjectFolders, video: Master) -> dict[str, Path]:
    """What is delivered because people corrected something: ``people``, and scenes and transitions with their cuts."""
    reduced = load_record(folders.reduced, video.id)
    if reduced is None or not is_applied(folders, video):
        return {}
    return {
        kind: folders.reduced / reduced.outputs[kind].path
        for kind in ("people", "scenes", "transitions")
        if _is_there(folders.reduced, reduced, kind)
    }


def applied_corrections(folders: ProjectFolders, video: Master) -> str | None:
    """Digest of the corrections that the reduced documents of a video have; None without any."""
    reduced = load_record(folders.reduced, video.id)
    found = reduced.details.get("corrections") if reduced else None
    return found if isinstance(found, str) else None


def transitions_of(scenes: Path) -> Path | None:
    """The transitions document beside a scenes CSV, if there is one and it is of these scenes."""
    path = transitions_path(scenes)
    if not path.is_file():
        return None
    try:
        cuts = [transition.cut for transition in read_transitions(path).transitions]
    except BadInput:
        return None
    return path if cuts == [scene.last for scene in read_scenes(scenes)[:-1]] else None


def reframed_documents(folders: ProjectFolders, video: Master) -> dict[str, Path]:
    """The re-framings that were made from the present tracking of a video.

    ``reframe_9x16`` is a document, ``reframe_9x16_video`` a video to deliver, ``preview_9x16`` one to look at.
    """
    record = load_record(folders.reframe, video.id)
    tracking = full_record(folders, video, "tracking")
    if record is None or tracking is None or load_failure(folders.reframe, video.id) is not None:
        return {}
    inputs = {
        "video": video.sha256,
        "tracking": tracking.outputs["tracking"].sha256,
        "review": framing_digest(folders, video),
    }
    if any(record.recipe.inputs.get(kind) != sha256 for kind, sha256 in inputs.items()):
        return {}
    return {
        kind: folders.reframe / output.path
        for kind, output in record.outputs.items()
        if _is_there(folders.reframe, record, kind)
    }


def check_ready(
    project: str,
    extraction: Extraction,
    masters: Sequence[Master],
    analyses: Mapping[str, Mapping[str, Path]],
    mode: Literal["strict", "lenient", "videos"],
) -> None:
    """Refuse a project of which something is missing.

    Args:
        analyses: video id to the documents that can be delivered.
        mode: ``FINALIZE_MODE``.

    Raises:
        BadInput: names every video that is not ready, and what it lacks.
    """
    converted = {master.source_path for master in masters}
    missing = [f"{video.path} (no 25-fps video)" for video in extraction.videos if video.path not in converted]
    for master in masters:
        have = set(analyses.get(master.id, ()))
        lacking = [kind for kind in ("scenes", "tracking") if kind not in have]
        if mode == "strict" and lacking:
            missing.append(f"{master.source_path} (no {' and no '.join(lacking)})")
        elif mode == "lenient" and not have:
            missing.append(f"{master.source_path} (no analysis)")
    if not extraction.videos:
        missing.append("no video at all")
    if missing:
        raise BadInput(project, f"is not ready ({mode}): {', '.join(missing)}", "Materialize what is missing")


def _is_there(folder: Path, record: Record, kind: str) -> bool:
    """Whether the file that a record names exists with its size; delivery compares the content."""
    output = record.outputs.get(kind)
    if output is None:
        return False
    path = folder / output.path
    return path.is_file() and path.stat().st_size == output.bytes
