"""Making the 25-fps master: a stream copy of what already is right, one encode of the rest, and proof."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile

from mediaflow_assets.core.decimals import decimal_text
from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.core.files import PARTIAL_SUFFIX, atomic_path, translated_errors
from mediaflow_assets.core.timebase import FPS, FRAME_SECONDS
from mediaflow_assets.video.damage import missing_seconds
from mediaflow_assets.video.failures import failures_of
from mediaflow_assets.video.graphs import ConversionPlan, plan
from mediaflow_assets.video.job import Converted, Job
from mediaflow_assets.video.limits import check_length, check_size, span
from mediaflow_assets.video.pieces import Pieces, find_pieces, join
from mediaflow_assets.video.reading import refusal
from mediaflow_assets.video.settings import VideoSettings
from mediaflow_assets.video.small import small_path
from mediaflow_assets.video.sound_choice import choose_sound
from mediaflow_assets.video.source import MediaInfo, read_source
from mediaflow_assets.video.stated import seconds_after_the_end
from mediaflow_assets.video.timeline import PictureTimes, SoundTimes, read_times
from mediaflow_assets.video.verify import Verified

CODE_VERSION = "4"

MAX_SOUND_AFTER_PICTURE = 0.5
"""Seconds for which sound may go on after the last picture without a word."""
_SOUND_TOLERANCE = 0.1
"""Seconds by which the length of the sound may differ: an encoder's frames, and its first samples."""


@dataclass(frozen=True)
class Conversion:
    """What was done to one video."""

    total_frames: int
    width: int
    height: int
    has_audio: bool
    method: str
    """``copied`` or ``encoded``."""
    audio: str
    """``copied``, ``encoded`` or ``none``."""
    encoder: str
    """Name and reason; ``none`` for a copied picture."""
    source_fps: str
    """Average, an exact fraction."""
    duration: float
    """Of the master, seconds."""
    missing_seconds: float
    """Of the source, for which there was no undamaged picture."""
    notes: tuple[str, ...]


def convert(
    path: Path, target: Path, settings: VideoSettings, on_progress: Callable[[float], None] = lambda _: None
) -> Conversion:
    """Write ``target`` as H.264 yuv420p MP4 at constant 25 fps, and its small pictures beside it.

    Nothing appears under these names before it has been decoded to its end.

    Raises:
        BadInput: ``path`` is not a readable video, nothing of it can be decoded, or more of it is
            lost than ``VIDEO_MISSING_LIMIT`` allows.
        Interrupted: ffmpeg failed or stalled, or its result is not what it has to be.
        Unavailable: the encoder that the settings demand does not work here.
    """
    source = read_source(path)
    check_size(path.name, source.picture)
    source = choose_sound(path, source)
    pieces = find_pieces(path, source)
    if pieces is None:
        return _convert(path, source, path.name, target, settings, on_progress)
    with translated_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=f"{PARTIAL_SUFFIX}.nut") as file:
        joined = Path(file.name)
        join(path, source, pieces, joined)
        found = read_source(joined, path.name)
        picture = replace(found.picture, duration=float(pieces.duration))
        source = replace(found, picture=picture, notes=(*source.notes, _jumps(pieces)))
        return _convert(joined, source, path.name, target, settings, on_progress, whole=False)


def _jumps(pieces: Pieces) -> str:
    match len(pieces.positions):
        case 0:
            return "time stamps of the sound jump"
        case 1:
            return "time stamps start anew once: both pieces were joined"
        case number:
            return f"time stamps start anew {number} times: all pieces were joined"


def _convert(
    path: Path,
    source: MediaInfo,
    name: str,
    target: Path,
    settings: VideoSettings,
    on_progress: Callable[[float], None],
    *,
    whole: bool = True,
) -> Conversion:
    """Convert a file of continuous time.

    Args:
        name: of the received video, for messages.
        whole: it is not made of pieces, which may be coded differently.
    """
    pictures, sounds = read_times(path, source, name=name, inspect=True)
    if pictures is None:
        raise refusal(path, name) or BadInput(name, "has no picture that can be read", "Ask for the file again")
    check_length(name, pictures, sounds, settings)
    after = seconds_after_the_end(source.statement, pictures, sounds, settings.max_seconds)
    states = f"it states {span(source.statement.seconds)}"
    if source.statement.cut:
        _check_missing(name, after, float(pictures.duration) + after, settings, states)
    if pictures.interlaced and not source.picture.interlaced:
        picture = replace(source.picture, interlaced=True)
        source = replace(source, picture=picture, notes=(*source.notes, "interlaced"))
    if sounds and sounds.end <= pictures.start:
        source, sounds = _without_sound(source, "it ends before the first picture"), None
    elif sounds and pictures.whole and sounds.start >= pictures.end:
        source, sounds = _without_sound(source, "it begins after the last picture"), None
    todo = plan(source, pictures, sounds) if whole else ConversionPlan("encoded", "encoded" if sounds else None)
    small = small_path(target)
    # Small pictures without their master do no harm; those of another master would.
    small.unlink(missing_ok=True)
    with atomic_path(small) as small_part, atomic_path(target) as part, failures_of(name, source.picture.codec):
        job = Job(
            path,
            source,
            name,
            pictures,
            sounds,
            part,
            small_part,
            settings,
            on_progress,
            _held(pictures, sounds, settings),
        )
        made = job.make(replace(todo, picture="encoded") if job.hold else todo)
        inside, shorter = _lost(job, made)
        if not inside and shorter > FRAME_SECONDS and pictures.whole and source.stamped:
            # Its last stamps are wrong, and all pictures are there.
            job = replace(job, hold=round(pictures.duration * FPS))
            made = job.make(replace(todo, picture="encoded"))
        sure = inside + (after if source.statement.cut else 0)
        _check_missing(name, sure, float(pictures.duration) + after, settings, made.words.reason if inside else states)
    result, missing = made.result, inside + after
    notes = [*source.notes, *made.notes, *_notes(source, pictures, sounds, result)]
    if after and not source.statement.cut:
        notes.append(f"{states} and has {span(float(pictures.duration))}")
    elif missing:
        notes.append(f"damaged: {decimal_text(missing, 3)} s are missing ({made.words.reason if inside else states})")
    if late := _sound_after(pictures, sounds):
        what = (
            "its last frame is held until then"
            if settings.shorter_than_sound == "hold"
            else "see VIDEO_SHORTER_THAN_SOUND"
        )
        notes.append(f"the picture ends {decimal_text(late, 2)} s before the sound ({what})")
    return Conversion(
        total_frames=result.frames,
        width=result.width,
        height=result.height,
        has_audio=result.sound_seconds is not None,
        method=made.plan.picture,
        audio=made.plan.sound or "none",
        encoder=f"{made.encoder.name} ({made.encoder.reason})" if made.encoder else "none",
        source_fps=str(source.picture.rate),
        duration=result.frames / FPS,
        missing_seconds=round(missing, 3),
        notes=tuple(notes),
    )


def _without_sound(source: MediaInfo, reason: str) -> MediaInfo:
    return replace(source, sound=None, notes=(*source.notes, f"no sound: {reason}"))


def _sound_after(pictures: PictureTimes, sounds: SoundTimes | None) -> float:
    """Seconds for which sound goes on after the last picture; 0 when it hardly does."""
    late = float(sounds.end - pictures.end) if sounds else 0.0
    return late if late > MAX_SOUND_AFTER_PICTURE else 0.0


def _held(pictures: PictureTimes, sounds: SoundTimes | None, settings: VideoSettings) -> int | None:
    """Frames of a master whose last picture is held to the end of the sound, if it has to be."""
    if sounds is None or settings.shorter_than_sound != "hold" or not _sound_after(pictures, sounds):
        return None
    return math.ceil((sounds.end - pictures.start) * FPS)


def _lost(job: Job, made: Converted) -> tuple[float, Fraction]:
    """Seconds that the picture lost before its end, and by how many the master is shorter than it should be.

    Raises:
        Interrupted: the master is too long, for which there is no excuse.
    """
    complained = made.words.complain(job.source.picture.index, job.source.sound.codec if job.source.sound else "")
    length = Fraction(job.hold, FPS) if job.hold else job.pictures.duration
    shorter = length - Fraction(made.result.frames, FPS)
    if shorter < -2 * FRAME_SECONDS and not made.words.lines:
        raise Interrupted(job.name, f"lasts {float(length):.3f} s and was converted to {made.result.frames} frames")
    if not complained and shorter <= FRAME_SECONDS:
        return 0.0, shorter
    inside = missing_seconds(job.path, job.source, job.pictures, complained=complained)
    return (max(inside, float(shorter)) if inside else 0.0), shorter


def _check_missing(name: str, missing: float, whole: float, settings: VideoSettings, why: str) -> None:
    if missing > settings.missing_limit * whole:
        raise BadInput(
            name,
            f"is damaged: {decimal_text(missing, 2)} of {decimal_text(whole, 2)} s are lost ({why})",
            "Ask for the file again, or raise VIDEO_MISSING_LIMIT",
        )


def _notes(source: MediaInfo, pictures: PictureTimes, sounds: SoundTimes | None, result: Verified) -> list[str]:
    """What was done about time and colour."""
    notes = []
    if not pictures.is_cfr:
        notes.append("variable frame rate")
    if pictures.shifts or (sounds and sounds.shifts):
        notes.append("edit list of several edits")
    if sounds and source.sound and source.sound.layout.startswith("ambisonic"):
        notes.append("ambisonic sound, mixed down to stereo")
    if source.picture.hdr:
        notes.append("tone-mapped to BT.709")
    if sounds and result.sound_seconds is not None:
        offset = float(sounds.start - pictures.start)
        if abs(offset) > _SOUND_TOLERANCE:
            notes.append(f"sound starts {abs(offset):.3f} s {'later' if offset > 0 else 'earlier'} than the picture")
        if sounds.overlap > _SOUND_TOLERANCE:
            notes.append(
                f"time stamps of the sound go back: {float(sounds.overlap):.3f} s of it overlap and are left out"
            )
        limit = sounds.limit(pictures)
        if limit is not None:
            notes.append(
                f"sound stamped {span(float(sounds.latest - pictures.end))} after the last picture is left out"
            )
            return notes
        expected = float(sounds.end - pictures.start)
        if abs(result.sound_seconds - expected) > _SOUND_TOLERANCE:
            notes.append(f"sound ends at {result.sound_seconds:.2f} s instead of {expected:.2f} s")
    return notes
