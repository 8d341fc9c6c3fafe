"""A video for people who would rather look: boxes, ids, who speaks, scene numbers, lanes of speakers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.core.timebase import FPS, timecode
from mediaflow_assets.formats.audio_json import AudioFrame
from mediaflow_assets.formats.heard import heard_frames
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.formats.tracking_json import (
    SpeakerAndFace,
    TrackedObject,
    read_tracking_frames,
    read_tracking_metadata,
)
from mediaflow_assets.video.decode import rgb_frames

if TYPE_CHECKING:
    import numpy as np
    from av import AudioStream, Packet
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Colour = tuple[int, int, int]

MAX_WIDTH = 1280
LANE = 22
"""Height of one speaker's lane, pixels."""
_SPAN = 10 * FPS
"""Frames that the lanes show, half of them before the present one."""
_NAME = 190
"""Width of the lanes' names, pixels."""
_FONT_SCALE = 0.5
_WHITE, _GREY, _SPEAKING = (255, 255, 255), (30, 30, 30), (80, 220, 100)
_PALETTE = ((86, 180, 233), (230, 159, 0), (204, 121, 167), (0, 158, 115), (240, 228, 66), (213, 94, 0))
"""Okabe and Ito (2008): told apart by people with colour blindness too."""
_ENCODER = {"crf": "23", "preset": "veryfast"}


def render_preview(
    video: Path,
    scenes_csv: Path,
    audio_json: Path,
    tracking_json: Path,
    size: tuple[int, int],
    target: Path,
    on_progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Write an annotated MP4 with the sound of the video.

    Args:
        video: a 25-fps master.
        scenes_csv, audio_json, tracking_json: its full documents.
        size: width and height of the video, pixels; wider ones are scaled down to 1280.
        target: the file to make, whole or not at all.

    Raises:
        BadInput: an input is missing or damaged.
    """
    import numpy as np

    scenes = read_scenes(scenes_csv)
    lanes = _Lanes(heard_frames(audio_json, tracking_json), read_tracking_metadata(tracking_json).speakers)
    scale = min(1.0, MAX_WIDTH / size[0])
    width, height = (round(side * scale) // 2 * 2 for side in size)

    def pictures() -> Iterator[Picture]:
        tracked = read_tracking_frames(tracking_json)
        for index, (picture, frame) in enumerate(zip(rgb_frames(video, (width, height)), tracked, strict=True)):
            canvas = np.zeros((height + lanes.height, width, 3), np.uint8)
            canvas[:height] = picture
            for item in frame.tracked_objects:
                _draw_object(canvas, item, scale)
            _draw_scene(canvas, scenes, index)
            lanes.draw(canvas[height:], index)
            yield canvas
            if index % FPS == 0:
                on_progress(index / scenes[-1].last)

    _encode(pictures(), video, (width, height + lanes.height), target)
    on_progress(1.0)


class _Lanes:
    """One lane per speaker: the seconds around now, and whose face it is."""

    def __init__(self, frames: Iterable[AudioFrame], table: Sequence[SpeakerAndFace]) -> None:
        self._turns: dict[str, list[tuple[int, int]]] = {}
        heard = [frame.audio_info.active_speaker_labels for frame in frames]
        for speaker in sorted({label for labels in heard for label in labels}):
            runs = groupby(range(len(heard)), key=lambda index: speaker in heard[index])
            spoken = (list(run) for is_active, run in runs if is_active)
            self._turns[speaker] = [(frames[0], frames[-1] + 1) for frames in spoken]
        self._faces: dict[str, str] = {}
        for pair in table:
            if pair.confidence > 0.5:
                self._faces.setdefault(pair.speaker, pair.id)
        self.height = LANE * len(self._turns) // 2 * 2

    def draw(self, canvas: Picture, index: int) -> None:
        """Fill the strip below the picture for a 0-based frame."""
        width = canvas.shape[1]
        start = index - _SPAN // 2
        per_frame = (width - _NAME) / _SPAN
        for lane, (speaker, turns) in enumerate(self._turns.items()):
            colour = _PALETTE[lane % len(_PALETTE)]
            top = lane * LANE
            first = bisect_right(turns, start, key=lambda turn: turn[1])
            for begin, end in turns[first:]:
                if begin >= start + _SPAN:
                    break
                left = _NAME + round(max(begin - start, 0) * per_frame)
                right = _NAME + round(min(end - start, _SPAN) * per_frame)
                canvas[top + 3 : top + LANE - 3, left:right] = colour
            face = self._faces.get(speaker, "off screen")
            _text(canvas, f"{speaker.replace('SPEAKER_', 'S')}: {face}", (6, top + 15), colour)
        middle = _NAME + round(_SPAN / 2 * per_frame)
        canvas[:, middle : middle + 2] = _WHITE


def _draw_object(canvas: Picture, item: TrackedObject, scale: float) -> None:
    import cv2

    left, right, top, bottom = (
        round(side * scale) for side in (item.bbox_xmin, item.bbox_xmax, item.bbox_ymin, item.bbox_ymax)
    )
    number = int(item.id.removeprefix("obj_"))
    colour = _SPEAKING if item.is_speaking else _PALETTE[number % len(_PALETTE)]
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, 3 if item.is_speaking else 1)
    label = item.id if item.label == "face" else f"{item.id} {item.label}"
    if item.is_speaking:
        label = f"{label} {'+'.join(name.replace('SPEAKER_', 'S') for name in item.active_speakers)} speaks"
    _text(canvas, label, (left, max(top - 6, 14)), colour)


def _draw_scene(canvas: Picture, scenes: Sequence[Scene], index: int) -> None:
    number = bisect_right(scenes, index + 1, key=lambda scene: scene.first)
    _text(canvas, f"scene {number}/{len(scenes)}  {timecode(index)}  frame {index + 1}", (8, 20), _WHITE)


def _text(canvas: Picture, text: str, place: tuple[int, int], colour: Colour) -> None:
    """Text on a dark ground; ``place`` is the left end of its base line."""
    import cv2

    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, _FONT_SCALE, 1)
    x, y = place
    cv2.rectangle(canvas, (x - 2, y - height - 2), (x + width + 2, y + below), _GREY, cv2.FILLED)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, _FONT_SCALE, colour, 1, cv2.LINE_AA)


def _encode(pictures: Iterator[Picture], video: Path, size: tuple[int, int], target: Path) -> None:
    """H.264 of the pictures with the video's own sound, copied."""
    import av

    with (
        atomic_path(target) as temporary,
        av.open(str(video)) as source,
        av.open(str(temporary), "w", format="mp4") as container,
    ):
        picture_stream = container.add_stream("libx264", rate=FPS, options=_ENCODER)
        picture_stream.width, picture_stream.height = size
        picture_stream.pix_fmt = "yuv420p"
        packets: Iterator[Packet[AudioStream]] = iter(())
        if source.streams.audio:
            sound = container.add_stream_from_template(source.streams.audio[0])
            packets = (packet for packet in source.demux(source.streams.audio[0]) if packet.dts is not None)
        packet = next(packets, None)
        for index, picture in enumerate(pictures):
            while packet is not None and (packet.dts or 0) * packet.time_base <= Fraction(index, FPS):
                packet.stream = sound
                container.mux(packet)
                packet = next(packets, None)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(picture_stream.encode(frame))
        container.mux(picture_stream.encode(None))
