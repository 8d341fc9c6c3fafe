"""Rendering a re-framing: the video itself in the other aspect.

Each plane of a picture is warped with sub-pixel places: cropping by whole pixels, as ffmpeg's ``crop`` does, makes
a slow pan tremble by a pixel. Colours are never converted, and sound is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.reframe_json import Reframing
from mediaflow_assets.reframing.playback import crops_of, fitted, play, views_of

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream

Kind = Literal["preview", "full"]
_ENCODING: dict[Kind, dict[str, str]] = {
    "preview": {"crf": "25", "preset": "veryfast"},
    "full": {"crf": "18", "preset": "medium"},
}
_MIN_SCALE = 0.7
"""A picture that is shrunk by more than this is first brought near its size, or fine detail flickers."""
_GROUND_SHRINK = 24
"""The ground behind a fitted picture is blurred by shrinking it this much."""
Plane = NDArray[np.uint8]
View = NDArray[np.float64]
"""x, y, width, height in pixels of the source."""


class Target(NamedTuple):
    """Size of the rendered picture, both even."""

    width: int
    height: int


def target_of(document: Reframing, kind: Kind) -> Target:
    """Size of the rendered video: the document's output, or about half of it."""
    width, height = document.output.width, document.output.height
    if kind == "full":
        return Target(width, height)
    return Target(2 * round(width / 4), 2 * round(height / 4))


def render(
    master: Path,
    document: Reframing,
    target: Path,
    kind: Kind = "preview",
    progress: Callable[[float], None] = lambda fraction: None,
) -> Path:
    """Write the re-framed video as MP4 (H.264), whole or not at all.

    Args:
        master: the 25-fps video that the document is of.
        progress: told the finished part, 0 to 1.

    Raises:
        BadInput: the video cannot be decoded, or is another one than the document's.
    """
    import av

    size = target_of(document, kind)
    canvas = _Canvas(document, size)
    with atomic_path(target) as temporary:
        try:
            with (
                av.open(str(master)) as source,
                av.open(str(temporary), "w", options={"movflags": "+faststart"}) as sink,
            ):
                picture = source.streams.video[0]
                picture.thread_type = "AUTO"
                sound = source.streams.audio[0] if source.streams.audio else None
                stream = sink.add_stream("libx264", rate=FPS, options=_ENCODING[kind])
                stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
                stream.time_base = Fraction(1, FPS)
                copied = sink.add_stream_from_template(sound) if sound else None
                count = 0
                streams: list[av.VideoStream | av.AudioStream] = [picture, *([sound] if sound else [])]
                for packet in source.demux(*streams):
                    if copied is not None and packet.stream is sound:
                        if packet.dts is not None:
                            packet.stream = copied
                            sink.mux(packet)
                        continue
                    for frame in picture.decode(packet):
                        if count >= document.total_frames:
                            raise _other(master, document)
                        if count == 0:
                            _tag(stream, frame)
                        sink.mux(stream.encode(_stamped(canvas.draw(frame, count), count)))
                        count += 1
                        progress(count / document.total_frames)
                if count != document.total_frames:
                    raise _other(master, document)
                sink.mux(stream.encode())
        except av.FFmpegError as error:
            raise BadInput(master.name, f"cannot be re-framed ({error})", "Materialize video_25fps again") from error
    return target


def _other(master: Path, document: Reframing) -> BadInput:
    problem = f"does not have the {document.total_frames} frames that were re-framed"
    return BadInput(master.name, problem, "Materialize reframe_json again")


def _tag(stream: VideoStream, frame: VideoFrame) -> None:
    """The colours are those of the source."""
    context = stream.codec_context
    context.color_range, context.colorspace = frame.color_range, frame.colorspace
    context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc


def _stamped(planes: NDArray[np.uint8], index: int) -> VideoFrame:
    import av

    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = index, Fraction(1, FPS)
    return frame


class _Canvas:
    """Draws one frame after the other."""

    def __init__(self, document: Reframing, size: Target) -> None:
        self._document, self._size = document, size
        self._views, self._crops = views_of(document), crops_of(document)
        self._fitted = np.zeros(document.total_frames, bool)
        for first, last, _ in fitted(document):
            self._fitted[first - 1 : last] = True
        self._lower: dict[int, View] = {}
        for panel in document.panels:
            views = play(panel.lower, panel.first, panel.last)
            self._lower |= {panel.first - 1 + offset: view for offset, view in enumerate(views)}

    def draw(self, frame: VideoFrame, index: int) -> NDArray[np.uint8]:
        """The output's planes as ``(height * 3 / 2, width)``."""
        width, height = self._size
        view = self._views[index]
        panels = [(view, Target(width, height))]
        if index in self._lower:
            half = Target(width, 2 * (height // 4))
            panels = [(view, half), (self._lower[index], Target(width, height - half.height))]
        scale = max(size.width / shown[2] for shown, size in panels)
        picture, shrink = self._shrunk(frame, scale)
        drawn = [list(_planes(picture))]
        parts = []
        for shown, size in panels:
            ground = self._ground(drawn[0], self._crops[index] * shrink, size) if self._fitted[index] else None
            parts.append(_warped(drawn[0], shown * shrink, size, ground))
        planes = [np.concatenate(planes) for planes in zip(*parts, strict=True)]
        return np.concatenate([planes[0].reshape(-1), planes[1].reshape(-1), planes[2].reshape(-1)]).reshape(-1, width)

    def _shrunk(self, frame: VideoFrame, scale: float) -> tuple[VideoFrame, float]:
        if scale >= _MIN_SCALE:
            return frame.reformat(format="yuv420p"), 1.0
        width, height = (2 * max(1, round(side * scale / 2)) for side in (frame.width, frame.height))
        small = frame.reformat(width=width, height=height, format="yuv420p", interpolation="AREA")
        return small, width / frame.width

    def _ground(self, planes: list[Plane], crop: View, whole: Target) -> list[Plane]:
        """A blurred, darker crop over the whole of the output, or of half of it."""
        import cv2

        width, height = whole
        tiny = Target(2 * max(4, width // _GROUND_SHRINK // 2), 2 * max(4, height // _GROUND_SHRINK // 2))
        ground = []
        for number, plane in enumerate(_warped(planes, crop, tiny, None)):
            size = (width, height) if number == 0 else (width // 2, height // 2)
            smooth = cv2.resize(cv2.GaussianBlur(plane, (0, 0), 1.5), size, interpolation=cv2.INTER_CUBIC)
            ground.append((smooth * 0.6 + 16 * 0.4).astype(np.uint8) if number == 0 else smooth.astype(np.uint8))
        return ground


def _planes(frame: VideoFrame) -> Iterator[Plane]:
    """Y, U and V of a yuv420p frame."""
    width, height = frame.width, frame.height
    flat = cast("Plane", frame.to_ndarray()).reshape(-1)
    luma, chroma = width * height, (width // 2) * (height // 2)
    yield flat[:luma].reshape(height, width)
    yield flat[luma : luma + chroma].reshape(height // 2, width // 2)
    yield flat[luma + chroma :].reshape(height // 2, width // 2)


def _warped(planes: list[Plane], view: View, size: Target, ground: list[Plane] | None) -> list[Plane]:
    """``view`` of the planes in the output's size; what it does not cover shows ``ground``."""
    import cv2

    x, y, width, height = view
    across, down = width / size.width, height / size.height
    warped = []
    for number, plane in enumerate(planes):
        if number == 0:
            # From the middle of an output pixel to the middle of a source pixel.
            matrix = np.array([[across, 0, x + 0.5 * across - 0.5], [0, down, y + 0.5 * down - 0.5]])
            shape = (size.width, size.height)
        else:
            # Chroma lies on every second luma column, and between two rows.
            matrix = np.array([[across, 0, (x + 0.5 * across - 0.5) / 2], [0, down, y / 2 + 0.5 * down - 0.5]])
            shape = (size.width // 2, size.height // 2)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        if ground is None:
            picture = cv2.warpAffine(plane, matrix, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        else:
            picture = ground[number].copy()
            cv2.warpAffine(plane, matrix, shape, dst=picture, flags=flags, borderMode=cv2.BORDER_TRANSPARENT)
        warped.append(np.asarray(picture, np.uint8))
    return warped
