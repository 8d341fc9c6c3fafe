"""Re-framing one video: its documents are read, planned, and written for every aspect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mediaflow_assets.core.files import sha256_of
from mediaflow_assets.formats.heard import heard_frames
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.reframe_json import Measures, Reframing, write_reframing
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.tracking_boxes import read_box_frames
from mediaflow_assets.reframing.aspects import Aspect
from mediaflow_assets.reframing.bars import Seen, contents
from mediaflow_assets.reframing.plan import Look, Video, plan_video
from mediaflow_assets.reframing.render import render
from mediaflow_assets.reframing.settings import ReframeSettings
from mediaflow_assets.reframing.slides import is_slide, may_be_slides
from mediaflow_assets.reframing.tracks import ShotTracks
from mediaflow_assets.reframing.voices import turns_of
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.streams import reviewed_audio_frames, reviewed_boxes, reviewed_scenes

DOCUMENT = "{id}_reframe_{label}.json"
"""File of a document in the stage's folder; ``label`` is ``9x16``."""
MEASURES = (
    "empty_percent",
    "speaker_whole_percent",
    "first_words_percent",
    "cut_face_percent",
    "pans_per_minute",
    "cuts_per_minute",
    "reversals",
    "shortest_hold_s",
    "enlargement",
)
"""Those shown in the stage's table."""
VIDEO, PREVIEW = "reframe_{label}_video", "preview_{label}"
"""Names of rendered videos in records; the first is delivered."""
VIDEO_FILE = "{id}_reframe_{label}.mp4"
PREVIEW_FILE = "{id}_reframe_{label}_preview.mp4"
_BARS_PART = 0.3
"""Of the time: looking for dark bars."""


def kind_of(label: str) -> str:
    """Name of a document in records and deliveries: ``reframe_9x16``."""
    return f"reframe_{label}"


def reframe(
    picture: Path,
    master: Master,
    documents: Mapping[str, Path],
    settings: ReframeSettings,
    folder: Path,
    progress: Callable[[float, str], None] = lambda fraction, note: None,
    review: Review | None = None,
) -> tuple[dict[str, Path], dict[str, object]]:
    """Write the documents of one video.

    Args:
        picture: the 25-fps video.
        documents: ``tracking``, and ``scenes`` and ``audio`` where they are there.
        folder: where the documents go.
        progress: told the finished part, 0 to 1, and what is done.
        review: what people corrected in the documents.

    Returns:
        Kind to path of what was written, and the video's row for the stage's table.

    Raises:
        BadInput: a document cannot be read, or they are of videos of different lengths.
    """
    video = Video(master.path, master.total_frames, master.width, master.height)
    found = read_scenes(documents["scenes"]) if "scenes" in documents else [Scene(1, master.total_frames)]
    scenes = reviewed_scenes(found, review)
    heard = heard_frames(documents["audio"], documents["tracking"]) if "audio" in documents else ()
    turns = turns_of(reviewed_audio_frames(heard, review))
    looks = []
    for scene, seen in zip(scenes, contents(picture, scenes, master.width, master.height), strict=True):

        def slides(shot: ShotTracks, seen: Seen = seen) -> bool:
            return may_be_slides(shot, seen.content, seen.moving) and is_slide(picture, shot.scene)

        looks.append(Look(seen.content, slides))
        progress(_BARS_PART * scene.last / master.total_frames, "dark bars")
    inputs = {kind: sha256_of(path) for kind, path in sorted(documents.items())}
    if review is not None and review.framing is not None:
        inputs["review"] = review.framing
    frames = reviewed_boxes(read_box_frames(documents["tracking"]), review)
    planned = plan_video(
        video,
        scenes,
        frames,
        turns,
        looks,
        settings,
        inputs,
        lambda part: progress(_BARS_PART + (1 - _BARS_PART) * part, "framing"),
    )
    return _written(picture, master, planned, settings, folder, progress), _details(list(planned.values()))


def _written(
    picture: Path,
    master: Master,
    planned: Mapping[Aspect, Reframing],
    settings: ReframeSettings,
    folder: Path,
    progress: Callable[[float, str], None],
) -> dict[str, Path]:
    made = {
        kind_of(aspect.label): write_reframing(folder / DOCUMENT.format(id=master.id, label=aspect.label), document)
        for aspect, document in planned.items()
    }
    size = settings.video
    if size == "none":
        return made
    kind, name = (VIDEO, VIDEO_FILE) if size == "full" else (PREVIEW, PREVIEW_FILE)
    for number, (aspect, document) in enumerate(planned.items()):

        def rendered(part: float, done: int = number) -> None:
            progress((done + part) / len(planned), "rendering")

        target = folder / name.format(id=master.id, label=aspect.label)
        made[kind.format(label=aspect.label)] = render(picture, document, target, size, rendered)
    return made


def _details(documents: list[Reframing]) -> dict[str, object]:
    def each(values: Sequence[object]) -> object:
        if len(documents) == 1:
            return values[0]
        return {document.aspect: value for document, value in zip(documents, values, strict=True)}

    return {
        "aspects": [document.aspect for document in documents],
        "segments": each([len(document.segments) for document in documents]),
        "keyframes": each([len(document.keyframes) for document in documents]),
        **{name: each([_value(document.measures, name) for document in documents]) for name in MEASURES},
    }


def _value(measures: Measures, name: str) -> float | None:
    value: float | None = getattr(measures, name)
    return value
