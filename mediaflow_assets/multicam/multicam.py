"""From the angles of one take to a cut list: synced, seen, cut, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.heard import heard_frames
from mediaflow_assets.formats.manifest import Master
from mediaflow_assets.formats.tracking_boxes import read_box_frames
from mediaflow_assets.multicam.angles import Angle, closeness, seen_by, widest
from mediaflow_assets.multicam.checkerboard import checkerboard
from mediaflow_assets.multicam.cuts import Rules, cut_list
from mediaflow_assets.multicam.fcpxml import write_fcpxml
from mediaflow_assets.multicam.sync import Alignment, align
from mediaflow_assets.multicam.timelines import Edit, write_edl, write_otio
from mediaflow_assets.reframing.voices import turns_of
from mediaflow_assets.speech.audio import read_waveform

Told = Callable[[str], None]
_ITSELF = Alignment(0.0, 0.0, 1, 1, 0.0)


class Recording(NamedTuple):
    """One video of the take."""

    master: Master
    picture: Path
    """The 25-fps video."""
    documents: Mapping[str, Path]
    """``audio`` and ``tracking``, where they are there."""
    url: str
    """Where an editing program finds the delivered video."""


def multicam(
    recordings: Sequence[Recording],
    rules: Rules,
    base: Path,
    *,
    name: str,
    wide: str | None = None,
    told: Told = lambda sentence: None,
) -> dict[str, Path]:
    """Sync the recordings, cut by who speaks, and write ``<base>.otio``, ``.edl``, ``.fcpxml`` and ``.json``.

    Args:
        recordings: two or more of the same sound; the first one's sound and clock are kept.
        base: path without an ending.
        name: of the timeline.
        wide: id of the recording that shows everyone; None finds it.
        told: hears one sentence about each recording.

    Raises:
        BadInput: a recording has no sound, or not the same; the first one has no audio document.
    """
    first = recordings[0]
    if "audio" not in first.documents:
        raise BadInput(first.master.source_path, "has no speech analysis", "Materialize audio_json first")
    angles = _synced(recordings, told)
    total = first.master.total_frames
    turns = turns_of(heard_frames(first.documents["audio"], first.documents.get("tracking")))
    seen = [
        seen_by(angle, read_box_frames(one.documents["tracking"]) if "tracking" in one.documents else (), total)
        for angle, one in zip(angles, recordings, strict=True)
    ]
    close = closeness(turns, seen)
    chosen = widest(seen) if wide is None else [one.master.id for one in recordings].index(wide)
    cuts = cut_list(turns, close, seen, chosen, rules)
    edit = Edit(name, angles, cuts, checkerboard(turns, total))
    for label, shown in close.items():
        best = angles[int(shown.argmax())].name if shown.max() > 0 else "never seen"
        told(f"{label}: {best}")
    told(f"Several at once: {angles[chosen].name if chosen is not None else 'no wide angle'}")
    document = msgspec.json.format(msgspec.json.encode(_document(edit, chosen, rules)))
    return {
        "otio": write_otio(base.with_name(f"{base.name}.otio"), edit),
        "edl": write_edl(base.with_name(f"{base.name}.edl"), edit),
        "fcpxml": write_fcpxml(base.with_name(f"{base.name}.fcpxml"), edit),
        "json": write_atomic(base.with_name(f"{base.name}.json"), document),
    }


def _synced(recordings: Sequence[Recording], told: Told) -> list[Angle]:
    sounds = [read_waveform(one.picture) for one in recordings]
    for one, sound in zip(recordings, sounds, strict=True):
        if sound is None:
            raise BadInput(one.master.source_path, "has no sound to sync by", "Leave it out")
    angles = [Angle(recordings[0].master, _ITSELF, recordings[0].url)]
    for one, sound in zip(recordings[1:], sounds[1:], strict=True):
        assert sound is not None and sounds[0] is not None  # noqa: S101 - for the type checker; both were tried above
        found = align(sounds[0].samples, sound.samples)
        if found is None or not found.sure:
            problem = f"does not have the sound of {recordings[0].master.source_path}"
            raise BadInput(one.master.source_path, problem, "Name recordings of the same take")
        told(said(one.master, found))
        angles.append(Angle(one.master, found, one.url))
    return angles


def said(master: Master, found: Alignment) -> str:
    """What was found about a recording, in one sentence."""
    drift = found.drift * 1e-6 * master.total_frames
    length = f"drifts by {drift:+.1f} frames to its end" if abs(drift) >= 0.1 else "does not drift"
    return (
        f"{master.source_path}: begins {found.offset * FPS:+.1f} frames after the first, {length}"
        f" ({found.pieces} of {found.tried} stretches agree within {found.spread * 1000:.0f} ms)"
    )


def _document(edit: Edit, wide: int | None, rules: Rules) -> dict[str, object]:
    return {
        "name": edit.name,
        "fps": float(FPS),
        "total_frames": edit.cuts[-1].last,
        "rules": rules._asdict(),
        "angles": [
            {
                "video": angle.name,
                "wide": number == wide,
                "offset_seconds": round(angle.alignment.offset, 4),
                "drift_ppm": round(angle.alignment.drift, 2),
                "stretches": [angle.alignment.pieces, angle.alignment.tried],
            }
            for number, angle in enumerate(edit.angles)
        ],
        "cuts": [
            {
                "first": cut.first,
                "last": cut.last,
                "video": edit.angles[cut.angle].name,
                "video_first": edit.angles[cut.angle].first_of(cut.first, cut.last - cut.first + 1),
                "speakers": cut.speakers,
                "why": cut.why,
            }
            for cut in edit.cuts
        ],
        "checkerboard": [piece._asdict() for piece in edit.pieces],
    }
