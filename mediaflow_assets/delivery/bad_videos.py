"""Videos of a project that a stage could not make: which, where, and why.

Each stage remembers its own (:mod:`mediaflow_assets.execution.failures`); the stages after it go on
without them, the report names them, and the delivery waits or leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediaflow_assets.core.layout import ProjectFolders
from mediaflow_assets.delivery.readiness import full_record
from mediaflow_assets.execution.failures import load_failure
from mediaflow_assets.formats.manifest import Extraction, Master, Masters, read_document

STAGES = {"video": "video_25fps", "scenes": "scenes_csv", "audio": "audio_json", "tracking": "tracking_json"} | {
    "review": "review_json",
    "reduced": "reduced_json",
}
"""Folder of a stage to its asset, in the order of the graph; the first that fails is to blame."""


@dataclass(frozen=True)
class BadVideo:
    """A video of which a stage's result is missing."""

    id: str
    path: str
    """In the received archive."""
    sha256: str
    """Of the received file."""
    stage: str
    """Asset that could not make it."""
    sentence: str
    """Names the video, says what is wrong and what to do."""

    @property
    def reason(self) -> str:
        """The stage and the sentence, in one line."""
        return f"{self.stage}: {self.sentence}"


def bad_videos(folders: ProjectFolders, stages: Sequence[str] = tuple(STAGES)) -> list[BadVideo]:
    """The videos that failed in one of ``stages`` (names of their folders), each with the first of them."""
    found = []
    for video_id, path, sha256 in _videos(folders):
        for stage in stages:
            failure = load_failure(folders.work / stage, video_id)
            if failure is not None:
                found.append(BadVideo(video_id, path, sha256, STAGES[stage], failure.sentence))
                break
    return found


def _videos(folders: ProjectFolders) -> list[tuple[str, str, str]]:
    """Id, path and sha256 of every received video; of the converted ones where there is no list of those any more."""
    if folders.extraction.exists():
        received = read_document(folders.extraction, Extraction).videos
        return [(video.id, video.path, video.sha256) for video in received]
    if (folders.video / "manifest.json").exists():
        masters = read_document(folders.video / "manifest.json", Masters).videos
        return [(master.id, master.source_path, master.source_sha256) for master in masters]
    return []


def with_inputs(
    folders: ProjectFolders, kinds: Sequence[str], *, without_failure_in: Sequence[str] = ()
) -> tuple[list[Master], list[BadVideo]]:
    """The videos that a stage can work on, and the others with the reason.

    Args:
        kinds: analyses that the stage reads beside the 25-fps video.
        without_failure_in: analyses that it reads where they are; a video that failed in one of them is
            left out, one of which nobody asked for it is not.
    """
    bad = {video.id: video for video in bad_videos(folders, ("video", *kinds, *without_failure_in))}
    ready = []
    for master in read_document(folders.video / "manifest.json", Masters).videos:
        if master.id in bad:
            continue
        lacking = [kind for kind in kinds if full_record(folders, master, kind) is None]
        if not lacking:
            ready.append(master)
            continue
        stage = STAGES[lacking[0]]
        sentence = f"{master.source_path}: has no {' and no '.join(lacking)} yet. Materialize {stage} first."
        bad[master.id] = BadVideo(master.id, master.source_path, master.source_sha256, stage, sentence)
    return ready, list(bad.values())


def made_documents(folders: ProjectFolders, kind: str) -> list[Master]:
    """Videos whose document of a kind was made, or used again, when its stage last ran."""
    masters = read_document(folders.video / "manifest.json", Masters).videos
    return [master for master in masters if full_record(folders, master, kind) is not None]
