"""Which sound track of a video is used: the first that can be decoded and in which something is heard."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediaflow_assets.video.reading import opened
from mediaflow_assets.video.source import ENCRYPTION, AudioStream, MediaInfo, packets, sound_of

if TYPE_CHECKING:
    from av import AudioFrame

SILENCE_THRESHOLD = 0.001
"""Peak, of 1: -60 dBFS. Below it lies the noise of an input to which nothing is connected."""
_MAX_UNDECODED = 200
"""Packets without a single decoded frame after which a track is given up: two seconds and more of any codec."""

Heard = Literal["sound", "silence", "undecodable", "encrypted"]


def choose_sound(path: Path, source: MediaInfo) -> MediaInfo:
    """``source`` with the sound track that is used, and notes of the choice.

    A track that cannot be decoded is left out. Of several tracks, one without any signal gives way to the next
    one that has some; where none has, it is the first. Decodes as little as tells: usually a packet of each track.
    """
    if source.sound is None:
        return source
    with opened(path) as container:
        tracks = [sound_of(track) for track in container.streams.audio]
    notes = list(source.notes)
    silent: dict[int, AudioStream] = {}
    chosen: tuple[int, AudioStream] | None = None
    for number, sound in enumerate(tracks, 1):
        if sound is None:
            continue
        heard = listen(path, sound.index, to_the_end=len(tracks) > 1)
        if heard == "sound":
            chosen = (number, sound)
            break
        if heard == "silence":
            silent[number] = sound
            continue
        which = "sound" if len(tracks) == 1 else f"audio track {number}"
        notes.append(f"{which} left out: it {'is encrypted (DRM)' if heard == 'encrypted' else 'cannot be decoded'}")
    if chosen is None:
        chosen = next(iter(silent.items()), None)
    elif silent:
        notes.append(f"nothing is heard in audio track {' and '.join(map(str, silent))}")
    if chosen is None:
        return replace(source, sound=None, notes=tuple(notes))
    if len(tracks) > 1:
        notes.append(f"audio track {chosen[0]} is used")
    return replace(source, sound=chosen[1], notes=tuple(notes))


def listen(path: Path, index: int, *, to_the_end: bool) -> Heard:
    """What a track holds.

    Args:
        to_the_end: look for a signal; else one decoded frame is enough.
    """
    import av

    decoded = False
    with opened(path) as container:
        undecoded = 0
        with contextlib.suppress(av.FFmpegError):
            for packet in packets(container, [index]):
                if any(data.data_type in ENCRYPTION for data in packet.iter_sidedata()):
                    return "encrypted"
                frames: list[object] = []
                with contextlib.suppress(av.FFmpegError):
                    frames = [*packet.decode()]
                undecoded += not frames
                for frame in frames:
                    decoded = True
                    if not to_the_end or (isinstance(frame, av.AudioFrame) and _peak(frame) > SILENCE_THRESHOLD):
                        return "sound"
                if not decoded and undecoded > _MAX_UNDECODED:
                    break
    return "silence" if decoded else "undecodable"


def _peak(frame: AudioFrame) -> float:
    """Largest sample of a frame, of 1."""
    import numpy as np

    samples = frame.to_ndarray()
    if samples.dtype == np.uint8:
        return float(np.abs(samples.astype(np.int16) - 128).max(initial=0)) / 128
    full = 1.0 if samples.dtype.kind == "f" else 2.0 ** (8 * samples.dtype.itemsize - 1)
    return float(np.abs(samples.astype(np.float64)).max(initial=0)) / full
