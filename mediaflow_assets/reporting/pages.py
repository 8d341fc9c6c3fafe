"""The pages of a video and of a project: what their templates show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from mediaflow_assets.core.timebase import FPS, timecode
from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.formats.timeline_json import Timeline, TimelineTrack
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.formats.transitions_json import Transition
from mediaflow_assets.reporting.html import write_page
from mediaflow_assets.reporting.intervals import joined
from mediaflow_assets.reporting.labels import export_label, layout_label, why_label
from mediaflow_assets.reporting.sources import ProjectSource, VideoSource
from mediaflow_assets.reporting.statistics import Statistics, project_totals
from mediaflow_assets.reporting.texts import Language, translations
from mediaflow_assets.reporting.transcript import UNSURE, paces, turns_of

_COLOURS = 8
_FACE_LANES = 8
"""Faces with a lane of their own; the others share one."""
_OBJECT_LANES = 4
_TICKS = 8
_DETAIL = 2000
"""Pauses shorter than this part of the video are not drawn; the figures and the position know them."""

Run = tuple[int, int, bool]
"""First frame, last frame, whether it is drawn pale."""


@dataclass(frozen=True)
class Lane:
    """One row of the timeline."""

    label: str
    kind: str
    runs: Sequence[Run]
    colour: int | None = None


@dataclass(frozen=True)
class Framed:
    """One re-framing on the page of a video."""

    document: Reframing
    preview: str | None
    """Name of the rendered video beside the page."""


@dataclass(frozen=True)
class SeenFace:
    """One row of the table of faces; frames count from 1."""

    id: str
    frames: int
    speaking_frames: int
    first: int
    last: int

    @classmethod
    def of(cls, track: TimelineTrack) -> SeenFace:
        speaking = sum(last - first + 1 for first, last in track.speaking)
        return cls(track.id, track.frames, speaking, track.intervals[0][0], track.intervals[-1][1])


@dataclass(frozen=True)
class Tick:
    """A mark of the ruler."""

    percent: float
    """Of the width of the timeline."""
    text: str


@dataclass(frozen=True)
class VideoRow:
    """One video in the report of its project: statistics, or why there are none."""

    video: VideoSource
    statistics: Statistics | None
    problem: str = ""
    speakers: tuple[str, ...] = ()
    """Labels of who is heard."""
    shared_labels: bool = False
    """Whether the same label is the same person in other videos of the project."""
    picture: str = ""
    """A small picture, as ``data:`` URI."""

    @property
    def href(self) -> str:
        return quote(f"{self.video.id}.html")

    @property
    def complete(self) -> bool:
        """Every kind of analysis was there, and none of them failed when it was last tried."""
        return not self.video.lacking


def write_video_page(
    target: Path,
    project: ProjectSource,
    video: VideoSource,
    timeline: Timeline,
    statistics: Statistics,
    pictures: Mapping[int, str],
    exports: Mapping[str, Path],
    language: Language,
    reframings: Sequence[Reframing] = (),
    previews: Mapping[str, str] | None = None,
    transitions: Sequence[Transition] = (),
    zone: str = "",
    words: Sequence[TranscriptWord] = (),
) -> Path:
    """Write the report of one video.

    Args:
        transitions: how the scenes become each other.
        zone: in which times are shown; empty: this machine's.
        reframings: one for each aspect.
        previews: ``9x16`` … to the name of a rendered video in the folder of ``target``.
        pictures: scene number to ``data:`` URI.
        exports: name to file, below the folder of ``target``.
        words: what is said, with speakers; nothing where there is no transcript.
    """
    _ = translations(language).gettext
    names = video.review.names if video.review else {}
    timeline = _with_names(timeline, names)
    frames = timeline.metadata.total_frames
    tracks = timeline.tracking.tracks
    changes = {change.cut: change for change in transitions if change.kind != "cut"}
    before, after = neighbours(project, video)
    files = [
        {
            "use": export_label(name, _),
            "name": path.name if path.name != "gt.txt" else f"{path.parents[1].name}/gt/gt.txt",
            "href": quote(path.relative_to(target.parent).as_posix()),
        }
        for name, path in exports.items()
    ]
    return write_page(
        target,
        "video.html.jinja",
        language,
        "timeline.js",
        zone,
        generated=datetime.now(UTC),
        project=project,
        video=video,
        before=_neighbour(before),
        after=_neighbour(after),
        transitions=changes,
        # As it is in the document: what is unset is undefined.
        timeline=msgspec.to_builtins(timeline),
        statistics=statistics,
        frames=frames,
        lanes=_lanes(timeline, frames, language, reframings, list(changes.values())),
        reframings=[
            Framed(document, (previews or {}).get(document.aspect.replace(":", "x"))) for document in reframings
        ],
        ticks=_ticks(frames),
        pictures=pictures,
        faces=[SeenFace.of(track) for track in tracks if track.label == "face"],
        exports=files,
        turns=turns_of(words),
        paces=paces(words, {item.label: item.seconds for item in timeline.audio.speakers}),
        unsure=UNSURE,
        archived=any(document.provenance == "archives" for document in video.documents.values()),
        film=_film(project, video),
        data={
            "fps": FPS,
            "frames": frames,
            "film": _film(project, video),
            "scenes": [(scene.start_frame, scene.end_frame) for scene in timeline.scenes.scenes],
            "speakers": [{"label": item.label, "intervals": item.intervals} for item in timeline.audio.speakers],
            "tracks": [{"id": track.id, "intervals": track.intervals, "speaking": track.speaking} for track in tracks],
            "framings": [
                {
                    "aspect": document.aspect,
                    "segments": [
                        (
                            item.first,
                            item.last,
                            " + ".join(names.get(face, face) for face in item.faces) or layout_label(item.layout, _),
                            why_label(item.why, _),
                        )
                        for item in document.segments
                    ],
                }
                for document in reframings
            ],
            "texts": {
                "scene": _("Shot"),
                "frame": _("Frame"),
                "nobody": _("nobody"),
                "speaking": _("speaking"),
            },
        },
    )


def _film(project: ProjectSource, video: VideoSource) -> dict[str, str] | None:
    """Where the 25-fps video and its review are: for a page of the web application, and for one of a disk."""
    if video.master is None:
        return None
    key, name = quote(project.key), quote(video.id)
    return {
        "served": f"../media/{key}/{name}.mp4",
        "file": video.delivered.as_uri() if video.delivered else "",
        "review": f"../p/{key}/review/{name}",
    }


def neighbours(project: ProjectSource, video: VideoSource) -> tuple[VideoSource | None, VideoSource | None]:
    """The videos with a page before and after one."""
    shown = [other for other in project.videos if other.documents]
    at = next((index for index, other in enumerate(shown) if other.id == video.id), None)
    if at is None:
        return None, None
    return (shown[at - 1] if at else None), (shown[at + 1] if at + 1 < len(shown) else None)


def _neighbour(video: VideoSource | None) -> dict[str, str] | None:
    return {"name": video.name, "href": quote(f"{video.id}.html")} if video else None


def write_project_page(
    target: Path, project: ProjectSource, rows: Sequence[VideoRow], language: Language, zone: str = ""
) -> Path:
    """Write the report of a project; a video that cannot be read is a row that says why.

    Args:
        zone: in which times are shown; empty: this machine's.
    """
    known = [row for row in rows if row.statistics]
    totals = project_totals([row.statistics for row in known if row.statistics])
    shared = bool(known) and all(row.shared_labels for row in known)
    month = f"{project.registered_at:%Y-%m}"
    return write_page(
        target,
        "project.html.jinja",
        language,
        zone=zone,
        generated=datetime.now(UTC),
        project=project,
        rows=rows,
        failed=sum(bool(row.problem) for row in rows),
        totals=totals,
        shared=shared,
        # SPEAKER_00 of two videos are two people as far as anybody knows, unless voices were compared.
        people=len({label for row in known for label in row.speakers}) if shared else totals.speakers,
        month=month if (target.parents[1] / "months" / f"{month}.html").exists() else "",
        delivery=project.record,
        delivery_href=Path(project.record.folder).absolute().as_uri() if project.record else "",
    )


def _lanes(
    timeline: Timeline,
    frames: int,
    language: Language,
    reframings: Sequence[Reframing] = (),
    transitions: Sequence[Transition] = (),
) -> list[Lane]:
    texts = translations(language)
    _ = texts.gettext
    gap = frames // _DETAIL

    def drawn(runs: Sequence[tuple[int, int]], pale: bool = False) -> list[Run]:
        return [(first, last, pale) for first, last in joined([(first, last) for first, last in runs], gap)]

    scenes = [(scene.start_frame, scene.end_frame, False) for scene in timeline.scenes.scenes]
    lanes = [Lane(_("Shots"), "scenes", scenes)] if scenes else []
    if transitions:
        lanes.append(Lane(_("Transitions"), "transitions", [(one.first, one.last, False) for one in transitions]))
    for document in reframings:
        runs = [(segment.first, segment.last, False) for segment in document.segments]
        lanes.append(Lane(_("Frame %(aspect)s") % {"aspect": document.aspect}, "scenes", runs))
    for number, speaker in enumerate(timeline.audio.speakers):
        lanes.append(Lane(speaker.label, "speech", drawn(speaker.intervals), number % _COLOURS))
    tracks = timeline.tracking.tracks
    faces = sorted((track for track in tracks if track.label == "face"), key=lambda track: -track.frames)
    for number, face in enumerate(sorted(faces[:_FACE_LANES], key=lambda track: track.intervals[0][0])):
        runs = drawn(face.intervals, pale=True) + drawn(face.speaking)
        lanes.append(Lane(face.id, "faces", runs, (number + 3) % _COLOURS))
    if faces[_FACE_LANES:]:
        rest = _union([run for face in faces[_FACE_LANES:] for run in face.intervals])
        others = len(faces) - _FACE_LANES
        label = texts.ngettext("%(num)s other", "%(num)s others", others) % {"num": others}
        lanes.append(Lane(label, "faces", drawn(rest, pale=True)))
    objects: dict[str, list[tuple[int, int]]] = {}
    for track in tracks:
        if track.label != "face":
            objects.setdefault(track.label, []).extend(track.intervals)
    for label, runs_of in list(objects.items())[:_OBJECT_LANES]:
        lanes.append(Lane(label, "objects", drawn(_union(runs_of), pale=True)))
    return lanes


def _with_names(timeline: Timeline, names: Mapping[str, str]) -> Timeline:
    """The timeline with people's names in the place of labels and ids."""
    if not names:
        return timeline
    speakers = tuple(
        replace(speaker, label=names.get(speaker.label, speaker.label)) for speaker in timeline.audio.speakers
    )
    tracks = tuple(replace(track, id=names.get(track.id, track.id)) for track in timeline.tracking.tracks)
    return replace(
        timeline,
        audio=replace(timeline.audio, speakers=speakers),
        tracking=replace(timeline.tracking, tracks=tracks),
    )


def _union(runs: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Runs of several tracks as runs of frames in which there is any of them."""
    united: list[tuple[int, int]] = []
    for first, last in sorted((run[0], run[1]) for run in runs):
        if united and first <= united[-1][1] + 1:
            united[-1] = united[-1][0], max(united[-1][1], last)
        else:
            united.append((first, last))
    return united


def _ticks(frames: int) -> list[Tick]:
    """Marks of the ruler at round times, about eight of them."""
    seconds = frames / FPS
    steps = (0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((step for step in steps if seconds / step <= _TICKS), 7200)
    count = int(seconds / step) + 1
    marks = [round(number * step * FPS) for number in range(count)]
    short = 8 if step >= 1 else 10
    return [Tick(round(mark / frames * 100, 3), timecode(mark)[:short]) for mark in marks if mark < frames * 0.96]
