"""What the review page is told about one video: its documents as people corrected them, and what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.delivery.readiness import transitions_of
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.transcript_json import read_transcript
from mediaflow_assets.formats.transitions_json import read_transitions
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import ROOT_VERSION, Edit, Version
from mediaflow_assets.review.journal import Journal
from mediaflow_assets.review.present import Present
from mediaflow_assets.review.reading import turns_in
from mediaflow_assets.review.record import undone
from mediaflow_assets.review.state import NOTHING, fold
from mediaflow_assets.review.streams import reviewed_scenes, reviewed_words
from mediaflow_assets.server.documents import present_of
from mediaflow_assets.server.doubts import doubts
from mediaflow_assets.server.lanes import Lane, face_lanes, voice_lanes
from mediaflow_assets.server.site import Site
from mediaflow_assets.server.tracks import Index, Runs, packed

_MAX_VERSIONS = 500
"""Newest versions that the page lists."""
_OWN_VOICE = 0.5
"""Part of a voice's frames in which a face speaks, from which it is taken for that face's until somebody says."""


@dataclass(frozen=True)
class Looked:
    """One video as somebody looks at it now."""

    site: Site
    project: ProjectSource
    video: VideoSource
    present: Present

    @classmethod
    def at(cls, site: Site, project: ProjectSource, video: VideoSource) -> Looked:
        return cls(site, project, video, present_of(video))

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.site.layout.archives, self.site.layout.state, self.video.sha256)

    @cached_property
    def versions(self) -> list[Version]:
        return self.journal.versions()

    @property
    def head(self) -> str:
        return self.versions[-1].version if self.versions else ROOT_VERSION

    @cached_property
    def review(self) -> Review | None:
        return self.site.reviews.of(self.site.layout, self.project.key, self.present, fold(self.versions))

    @cached_property
    def tracks(self) -> Index:
        made = self.present.made.get("tracking")
        if made is None:
            return Index(total_frames=self.present.total_frames)
        return packed(self.present.documents["tracking"], made.sha256, self.site.packed)

    @cached_property
    def scenes(self) -> list[Scene]:
        document = self.present.documents.get("scenes")
        machine = read_scenes(document) if document else [Scene(1, self.present.total_frames)]
        return reviewed_scenes(machine, self.review)

    def described(self) -> dict[str, object]:
        """Everything but the boxes, as JSON."""
        lanes = face_lanes(self.tracks.tracks, self.review)
        audio, tracking = (self.present.documents.get(kind) for kind in ("audio", "tracking"))
        heard = turns_in(audio, tracking) if audio else {}
        voices = voice_lanes(dict(sorted(heard.items())), self.review)
        scenes = self.present.documents.get("scenes")
        beside = transitions_of(scenes) if scenes else None
        transitions = read_transitions(beside).transitions if beside else ()
        master = self.present.master
        state = fold(self.versions)
        return {
            "project": {"key": self.project.key, "name": self.project.name},
            "video": {
                "id": self.video.id,
                "name": self.video.name,
                "path": self.video.path,
                "sha256": self.video.sha256,
                "frames": master.total_frames,
                "fps": FPS,
                "width": master.width,
                "height": master.height,
                "playable": self.video.picture is not None,
                "has_audio": master.has_audio,
                "lacks": self.video.missing,
            },
            "tracking": self.present.made["tracking"].sha256 if "tracking" in self.present.made else None,
            "chunk": self.tracks.chunk,
            "scenes": self.scenes,
            "lanes": lanes,
            "voices": voices,
            "mouths": own_voices(lanes, voices, self.review),
            "review": self.review,
            "doubts": doubts(lanes, voices, self.scenes, transitions, self.tracks.jumps, self.review),
            "words": self._words(),
            "head": self.head,
            "versions": self._history(),
            "may_undo": bool(state.said),
            "may_redo": bool(self.versions) and self.versions[-1].undoes is not None,
            "delivered": self.is_delivered,
            "delivered_at": self.delivered_at,
        }

    @property
    def delivered_at(self) -> str | None:
        """When what is delivered last changed, ISO 8601 UTC."""
        return self.project.record.delivered_at if self.project.record else None

    @property
    def is_delivered(self) -> bool:
        """Whether the delivery is what people said last."""
        record = self.project.record
        return record is not None and record.applied.get(self.video.id, NOTHING) == fold(self.versions).digest

    def _words(self) -> list[tuple[float, float, str]]:
        document = self.video.documents.get("transcripts")
        path = (
            document.path
            if document
            else self.site.layout.project(self.project.key).document("transcripts", self.video.id)
        )
        if not path.is_file():
            return []
        words = reviewed_words(read_transcript(path).words, self.review)
        return [(round(word.start, 2), round(word.end, 2), word.text) for word in words]

    def _history(self) -> list[dict[str, object]]:
        gone = undone(self.versions)
        return [
            {
                "version": version.version,
                "at": version.at,
                "by": version.by,
                "via": version.via,
                "note": version.note,
                "undoes": version.undoes,
                "undone": version.version in gone,
                "edits": [_said(edit) for edit in version.edits],
            }
            for version in reversed(self.versions[-_MAX_VERSIONS:])
        ]


def own_voices(lanes: Sequence[Lane], voices: Mapping[str, Runs], review: Review | None) -> dict[str, str]:
    """Voices that nobody linked to the faces that mostly speak while they are heard."""
    linked = {label for person in review.people for label in person.voices} if review else set()
    linked |= set(review.mouths) if review else set()
    found = {}
    for label, runs in voices.items():
        if label in linked:
            continue
        shared = {lane.id: _shared(lane.speaking, runs) for lane in lanes if lane.speaking}
        best = max(shared, key=lambda name: shared[name], default=None)
        if best is not None and shared[best] >= _OWN_VOICE * sum(last - first + 1 for first, last in runs):
            found[label] = best
    return found


def _shared(one: Runs, other: Runs) -> int:
    """Frames that both hold."""
    count = place = 0
    for first, last in one:
        while place < len(other) and other[place][1] < first:
            place += 1
        at = place
        while at < len(other) and other[at][0] <= last:
            count += min(last, other[at][1]) - max(first, other[at][0]) + 1
            at += 1
    return count


def _said(edit: Edit) -> dict[str, object]:
    """An edit without its anchors: what the history shows."""
    fields: dict[str, object] = msgspec.to_builtins(edit)

    def plain(value: object) -> object:
        if isinstance(value, dict) and "kind" in value:
            return value["id"]
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    return {name: plain(value) for name, value in fields.items() if name != "id"}
