"""What is unusual about a received video, in phrases for its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.audio.stream import AudioStream as AvAudioStream
    from av.container import InputContainer

    from mediaflow_assets.video.source import AudioStream, VideoStream


def unusual(container: InputContainer, picture: VideoStream, sound: AudioStream | None) -> list[str]:
    """One phrase for each thing about a video that most videos do not have."""
    notes = []
    if picture.rotation:
        notes.append(f"rotated {picture.rotation} degrees")
    if picture.mirrored:
        notes.append("mirrored")
    if picture.high_bit_depth:
        notes.append(f"high bit depth ({picture.pixel_format})")
    if picture.hdr:
        notes.append(f"HDR ({picture.hdr})")
    if picture.interlaced:
        notes.append("interlaced")
    if picture.full_range:
        notes.append("full range")
    if picture.pixel_aspect != 1:
        notes.append(f"pixels are not square ({picture.pixel_aspect.numerator}:{picture.pixel_aspect.denominator})")
    if picture.width % 2 or picture.height % 2:
        notes.append(f"odd size ({picture.width}x{picture.height})")
    if len(container.streams.video) > 1:
        notes.append("has a cover picture or a second picture track")
    tracks = container.streams.audio
    if not tracks:
        notes.append("no sound")
    elif sound is None:
        notes.append("sound in an unknown format")
    elif len(tracks) > 1:
        notes.append(f"{len(tracks)} audio tracks ({'; '.join(_track(t) for t in tracks)})")
    return notes


def _track(stream: AvAudioStream) -> str:
    context = stream.codec_context
    words = [context.name, f"{context.channels} channels"] if context is not None else ["unknown"]
    language = stream.language
    return ", ".join([*words, language] if language and language != "und" else words)
