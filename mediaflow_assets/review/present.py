"""The documents of a video that people look at now, and the review of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.scenes_csv import read_scenes
from mediaflow_assets.review.document import Review, read_review
from mediaflow_assets.review.edits import Base, Made
from mediaflow_assets.review.reading import boxes_of, turns_in
from mediaflow_assets.review.resolve import resolve
from mediaflow_assets.review.state import State

KINDS = ("scenes", "audio", "tracking")
FILE = "{id}_review.json"
"""Name of the document in the ``review`` folder of a project."""


@dataclass(frozen=True)
class Present:
    """One video and its full documents.

    Args:
        master: its 25-fps video.
        documents: kind to file, of those that are there.
        made: kind to what is known of how it was made; its ``sha256`` is the file's.
    """

    master: Master
    documents: Mapping[str, Path]
    made: Mapping[str, Made]

    @property
    def video(self) -> str:
        """SHA-256 of the received file: whose journal it is."""
        return self.master.source_sha256

    @property
    def id(self) -> str:
        return self.master.id

    @property
    def stem(self) -> str:
        return self.master.stem

    @property
    def received_as(self) -> str:
        """What its sender calls it."""
        return self.master.source_path

    @property
    def total_frames(self) -> int:
        return self.master.total_frames

    @property
    def inputs(self) -> dict[str, str]:
        """SHA-256 of everything that a review is made of, beside the corrections."""
        found = {kind: self.made[kind].sha256 for kind in KINDS if kind in self.documents}
        return {"video": self.master.sha256, **found}

    @property
    def base(self) -> Base:
        """What a version of the journal says about it."""
        return Base(
            video=self.master.sha256,
            total_frames=self.total_frames,
            scenes=self.made.get("scenes"),
            audio=self.made.get("audio"),
            tracking=self.made.get("tracking"),
        )


def review_of(present: Present, state: State) -> Review:
    """What ``state`` means for the present documents. Reads them once: seconds for an hour of video.

    Raises:
        BadInput: a document cannot be read.
    """
    documents = present.documents
    scenes = [(scene.first, scene.last) for scene in read_scenes(documents["scenes"])] if "scenes" in documents else []
    return resolve(
        state,
        video=present.video,
        total_frames=present.total_frames,
        inputs=present.inputs,
        scenes=scenes,
        turns=turns_in(documents["audio"], documents.get("tracking")) if "audio" in documents else {},
        frames=boxes_of(documents["tracking"]) if "tracking" in documents else (),
    )


def known_review(path: Path, present: Present, state: State) -> Review | None:
    """The review document in a file, if it is that of ``state`` and of the present documents."""
    try:
        review = read_review(path)
    except BadInput:
        return None
    return review if review.corrections == state.digest and review.inputs == present.inputs else None
