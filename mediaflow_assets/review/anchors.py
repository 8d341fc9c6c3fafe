"""From the ids that a person sees to what a correction is anchored by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.review.document import Review, Runs
from mediaflow_assets.review.edits import Face, Sketch, Spans, Voice, VoiceSketch, Who
from mediaflow_assets.review.present import Present
from mediaflow_assets.review.reading import boxes_of, turns_in
from mediaflow_assets.review.sketch import Box, appearances, iou, runs_of, sketch_of
from mediaflow_assets.review.voices import spans_of

MOST_LISTED = 30
_APART = 0.5
"""IoU below which two boxes of a frame are two faces."""


class Anchors:
    """Sketches and spans of those who are named, made once and only for them.

    Args:
        review: of the present documents: its ids and labels are those that are shown.
        wanted: ids, labels and people.

    Raises:
        BadInput: a document cannot be read.
    """

    def __init__(self, present: Present, review: Review, wanted: Iterable[str]) -> None:
        self._review = review
        self.sketches: dict[str, Sketch] = {}
        self.voices: dict[str, VoiceSketch] = {}
        self._known: dict[str, Who] = {}
        names = {name for one in wanted for name in self._members(one)}
        audio, tracking = present.documents.get("audio"), present.documents.get("tracking")
        self._turns = _shown_turns(turns_in(audio, tracking), review) if audio is not None else {}
        self._ids: set[str] = set()
        self._faces = {}
        if "tracking" in present.documents and names - self._turns.keys():
            frames = self._shown_frames(boxes_of(present.documents["tracking"]))
            self._faces = appearances(frames, names)

    def anybody(self, name: str) -> Who:
        """A face, or a voice; of a person the face that is seen longest, else a voice.

        Raises:
            BadInput: nobody is shown with this name.
        """
        return self.everybody(name)[0]

    def everybody(self, name: str) -> list[Who]:
        """A face or a voice, or all of a person's.

        Raises:
            BadInput: nobody is shown with this name.
        """
        return [self._anchor(member) for member in self._members(name)]

    def face(self, name: str) -> Face:
        """A face, or the one of a person that is seen longest.

        Raises:
            BadInput: it is not there, or is a voice.
        """
        for who in self.everybody(name):
            if isinstance(who, Face):
                return who
        raise BadInput(name, "is not a face", f"Choose from: {self._choice()}")

    def voice(self, name: str) -> Voice:
        """A voice, or the one of a person that is heard longest.

        Raises:
            BadInput: it is not there, or is a face.
        """
        for who in self.everybody(name):
            if isinstance(who, Voice):
                return who
        raise BadInput(name, "is not a voice", f"Choose from: {', '.join(self._turns) or 'there is none'}")

    def seen_together(self, faces: Sequence[Face], allowed: int) -> int:
        """The first frame in which two of these are seen side by side; 0 if that is in at most ``allowed`` frames."""
        boxes: dict[int, list[list[float]]] = {}
        for face in faces:
            for run in runs_of(self.sketches[face.sketch]):
                for offset, box in enumerate(run.boxes.tolist()):
                    boxes.setdefault(run.first + offset, []).append(box)
        both = sorted(
            frame
            for frame, found in boxes.items()
            if any(iou(one, other) < _APART for place, one in enumerate(found) for other in found[place + 1 :])
        )
        return both[0] if len(both) > allowed else 0

    def _members(self, name: str) -> tuple[str, ...]:
        person = self._review.person(name)
        return (*person.faces, *person.voices) if person is not None else (name,)

    def _anchor(self, name: str) -> Who:
        if name in self._known:
            return self._known[name]
        made: Who
        if name in self._turns:
            key = f"v{len(self.voices) + 1}"
            self.voices[key] = VoiceSketch(spans=self._turns[name], label=name)
            made = Voice(id=name, voice=key)
        elif name in self._faces:
            label, runs = self._faces[name]
            key = f"k{len(self.sketches) + 1}"
            self.sketches[key] = sketch_of(runs)
            made = Face(id=name, sketch=key, label=label)
        else:
            raise BadInput(repr(name), "is not in the documents of this video", f"Choose from: {self._choice()}")
        self._known[name] = made
        return made

    def _choice(self) -> str:
        names = [*sorted(self._ids, key=lambda name: (len(name), name)), *self._turns]
        more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
        return ", ".join(names[:MOST_LISTED]) + more if names else "there is nobody"

    def _shown_frames(self, frames: Iterable[tuple[int, Sequence[Box]]]) -> Iterator[tuple[int, list[Box]]]:
        changed = self._review.ids
        for number, objects in frames:
            shown: list[Box] = []
            for name, label, x, y, width, height in objects:
                given = (_at(changed[name], number) or name) if name in changed else name
                self._ids.add(given)
                shown.append((given, label, x, y, width, height))
            yield number, shown


def _at(runs: Runs, frame: int) -> str | None:
    return next((given for first, last, given in runs if first <= frame <= last), None)


def _shown_turns(turns: dict[str, Spans], review: Review) -> dict[str, Spans]:
    """Turns under the labels that are shown."""
    frames: dict[str, set[int]] = {}
    for label, spans in turns.items():
        changed = review.labels.get(label, [])
        for first, last in spans:
            for frame in range(first, last + 1):
                frames.setdefault(_at(changed, frame) or label, set()).add(frame)
    return {label: spans_of(sorted(found)) for label, found in sorted(frames.items())}
