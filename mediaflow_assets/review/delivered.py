"""The delivered documents of one video, as people corrected them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mediaflow_assets.delivery.documents import is_reduced
from mediaflow_assets.delivery.reduce import Frames, reduce_audio, reduce_tracking
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.formats.people_json import DeliveredPerson, People
from mediaflow_assets.formats.scenes_csv import read_scenes, write_scenes
from mediaflow_assets.formats.transitions_json import Transitions, write_transitions
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.streams import (
    reviewed_audio,
    reviewed_scenes,
    reviewed_tracking,
    reviewed_transitions,
)


def people_of(review: Review) -> People:
    """Who is who in the delivered documents."""
    return People(
        people=tuple(
            DeliveredPerson(
                id=person.id,
                name=person.name,
                faces=person.faces,
                voices=person.voices,
                first=person.first,
                last=person.last,
                frames_seen=person.faces_frames,
                frames_speaking=person.voice_frames,
            )
            for person in review.people
        ),
        edits_to_look_at=len(review.to_look_at),
    )


def correction(review: Review | None, kind: str) -> Callable[[Frames], Frames]:
    """What :mod:`mediaflow_assets.delivery.reduce` reads a full document through."""

    def tracking(frames: Frames) -> Frames:
        return reviewed_tracking(frames, review)

    def audio(frames: Frames) -> Frames:
        return reviewed_audio(frames, review)

    return tracking if kind == "tracking" else audio


def write_corrected(
    folder: Path,
    name: str,
    documents: Mapping[str, Path],
    total_frames: int,
    review: Review,
    transitions: Transitions | None = None,
) -> dict[str, Path]:
    """Write what is delivered of a video that people corrected; full documents in, delivered ones out.

    Args:
        name: what the files' names begin with.
        documents: ``tracking``, ``audio`` and ``scenes``, of those that are there.
        transitions: of the machine's scenes, where they are known.

    Returns:
        Kind to file. Scenes and transitions are among them only if a cut is corrected.

    Raises:
        BadInput: a document cannot be read or is of another length.
    """
    made = {"people": write_document(folder / f"{name}_people.json", people_of(review))}
    if "tracking" in documents and not is_reduced(documents["tracking"]):
        made["tracking"] = folder / f"{name}_tracking.json"
        reduce_tracking(documents["tracking"], made["tracking"], total_frames, correction(review, "tracking"))
    if "audio" in documents:
        made["audio"] = folder / f"{name}_audio.json"
        tracking = documents.get("tracking")
        reduce_audio(documents["audio"], made["audio"], total_frames, tracking, correction(review, "audio"))
    if "scenes" in documents and review.scenes is not None:
        scenes = reviewed_scenes(read_scenes(documents["scenes"]), review)
        made["scenes"] = write_scenes(folder / f"{name}_scenes.csv", scenes)
        if transitions is not None:
            made["transitions"] = write_transitions(
                folder / f"{name}_scenes_transitions.json", reviewed_transitions(transitions, review)
            )
    return made
