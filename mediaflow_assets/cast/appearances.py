"""Who is seen and heard in a video, named or not, as the reviewed documents say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from mediaflow_assets.formats.tracking_boxes import Box, read_box_frames
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.edits import Spans
from mediaflow_assets.review.present import Present
from mediaflow_assets.review.reading import turns_in
from mediaflow_assets.review.streams import reviewed_boxes

LOOKS = 6
"""Pictures of a face that are measured."""
_APART = 25
"""Frames that have one look at most: neighbours look alike."""
_SAME_TURNS = 0.8
"""Part of the frames of a label that the audio document and the tracking document must agree on (IoU): otherwise its
voice vector, which is the audio document's, is not the voice that people see under this label."""
_OWN_SPEAKING, _OWN_HEARD = 0.8, 0.5
"""Part of a face's speaking frames in which a voice is heard, and of the voice's frames in which that face speaks,
for the voice to be the face's own."""

Place = tuple[int, int, int, int]
"""x, y, width, height in pixels of the 25-fps video."""


@dataclass
class FaceAppearance:
    """A face of the reviewed documents."""

    id: str
    name: str | None = None
    frames: set[int] = field(default_factory=set)
    speaking: set[int] = field(default_factory=set)
    boxes: dict[int, Place] = field(default_factory=dict)
    """The largest of each second, and those of the frames that were asked for."""
    voice: str | None = None
    """Label of its own voice."""

    def looks(self) -> dict[int, Place]:
        """The frames to measure, in rising order."""
        best: dict[int, int] = {}
        for frame, (_, _, width, height) in self.boxes.items():
            second = frame // _APART
            if second not in best or width * height > _area(self.boxes[best[second]]):
                best[second] = frame
        largest = sorted(best.values(), key=lambda frame: -_area(self.boxes[frame]))[:LOOKS]
        return {frame: self.boxes[frame] for frame in sorted(largest)}


@dataclass
class VoiceAppearance:
    """A voice of the audio document."""

    label: str
    """In the audio document."""
    id: str
    """In the reviewed documents."""
    name: str | None
    spans: Spans
    trusted: bool
    """Whether the voice vector of the audio document is the voice of these spans."""


def faces_in(present: Present, review: Review, wanted: Collection[int] = ()) -> list[FaceAppearance]:
    """Every face, in order of first appearance. Reads the tracking document once.

    Args:
        wanted: frames whose boxes are kept, beside those that would make good pictures.

    Raises:
        BadInput: the document cannot be read.
    """
    if "tracking" not in present.documents:
        return []
    names, kept = review.names, frozenset(wanted)
    found: dict[str, FaceAppearance] = {}
    largest: dict[tuple[str, int], int] = {}
    for frame in reviewed_boxes(read_box_frames(present.documents["tracking"]), review):
        for box in frame.tracked_objects:
            if box.label != "face":
                continue
            face = found.setdefault(box.id, FaceAppearance(box.id, names.get(box.id)))
            face.frames.add(frame.frame)
            if box.is_speaking:
                face.speaking.add(frame.frame)
            _keep(face, frame.frame, _place(box), largest, kept)
    return list(found.values())


def voices_in(present: Present, review: Review) -> list[VoiceAppearance]:
    """Every voice that one person has as a whole; those that people split between two are left out.

    Raises:
        BadInput: a document cannot be read.
    """
    if "audio" not in present.documents:
        return []
    heard = turns_in(present.documents["audio"], present.documents.get("tracking"))
    diarized = turns_in(present.documents["audio"])
    people = {person.id: person.name for person in review.people}
    found = []
    for label, spans in heard.items():
        whose = {person for _, _, person in review.voices.get(label, ())}
        shown = {text for _, _, text in review.labels.get(label, ())} or {label}
        if len(whose) > 1 or len(shown) > 1 or label in review.ignored:
            continue
        name = people.get(next(iter(whose))) if whose else None
        trusted = _agree(spans, diarized.get(label, []))
        found.append(VoiceAppearance(label, shown.pop(), name, spans, trusted))
    return found


def give_voices(faces: Sequence[FaceAppearance], voices: Sequence[VoiceAppearance]) -> None:
    """Say of each face which voice is its own, where the mouths leave no doubt."""
    for voice in voices:
        heard = frames_of(voice.spans)
        for face in faces:
            both = len(face.speaking & heard)
            if both and both >= _OWN_SPEAKING * len(face.speaking) and both >= _OWN_HEARD * len(heard):
                face.voice = voice.id


def frames_of(spans: Spans) -> set[int]:
    """All frames of some spans."""
    return {frame for first, last in spans for frame in range(first, last + 1)}


def iou(one: Place, other: Place) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (_area(one) + _area(other) - width * height)


def _keep(
    face: FaceAppearance, frame: int, place: Place, largest: dict[tuple[str, int], int], kept: frozenset[int]
) -> None:
    second = (face.id, frame // _APART)
    former = largest.get(second)
    if former is None or _area(place) > _area(face.boxes[former]):
        if former is not None and former not in kept:
            del face.boxes[former]
        largest[second] = frame
        face.boxes[frame] = place
    elif frame in kept:
        face.boxes[frame] = place


def _place(box: Box) -> Place:
    left, top = round(box.bbox_xmin), round(box.bbox_ymin)
    return left, top, round(box.bbox_xmax) - left, round(box.bbox_ymax) - top


def _area(place: Place) -> int:
    return place[2] * place[3]


def _agree(one: Spans, other: Spans) -> bool:
    first, second = frames_of(one), frames_of(other)
    return bool(first) and len(first & second) >= _SAME_TURNS * len(first | second)
