"""Faces and objects of a whole video: one decoder, as many workers as wanted, results in order.

Each shot is looked at in its frames 0, N, 2N … and its last one; the frames between are left to
:meth:`FaceEngine.follow`, which is told what was seen on both sides. Where the two sides do not
show the same faces, the frames between are looked at as well. Some of the looks are surveys: they
search at full size, the others at the size that suits what the last survey saw. So what is found
in a frame depends on the shot and the frame's place in it and on nothing else: not on the number
of workers, and not on the order in which they finish. An ``in_order`` engine gets one worker.

At most about 2 N + 6 frames per worker are in memory, however long the video is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.devices import opencv_threads
from mediaflow_assets.faces.detection import Detection, FrameDetections
from mediaflow_assets.faces.engines import FaceEngine
from mediaflow_assets.faces.identity.face_chips import EVERY
from mediaflow_assets.faces.interpolation import FacePair, interpolated, pairs
from mediaflow_assets.faces.objects import ObjectDetector
from mediaflow_assets.faces.objects.fallback import Seen, rarely_a_face, squared
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.formats.scenes_csv import Scene
from mediaflow_assets.video.decode import decoded_frames, rgb

if TYPE_CHECKING:
    import numpy as np
    from av import VideoFrame
    from numpy.typing import NDArray

Chip = Callable[["NDArray[np.uint8]", Detection], bytes | None]
"""Cuts a face out of a picture; JPEG, or None (see :mod:`~mediaflow_assets.faces.identity.embedders`)."""

_PROGRESS_EVERY = 25
_AHEAD = 6
"""Frames per worker that wait for one."""


def detect_frames(
    video: Path,
    shots: Sequence[Scene],
    engine: FaceEngine,
    objects: ObjectDetector | None,
    settings: FaceSettings,
    workers: int,
    progress: Callable[[float], None] = lambda _: None,
    *,
    chip: Chip | None = None,
) -> Iterator[FrameDetections]:
    """Find everything in every frame, in frame order.

    Args:
        video: a 25-fps master.
        shots: contiguous, from frame 1 to the last one.
        engine: finds faces.
        objects: finds things in frames without a face; None when that is switched off.
        settings: how often to look fully, and when to look for objects.
        workers: threads.
        progress: is told the fraction of the frames that are done.
        chip: cuts a face out, now and then, for comparing them.

    Raises:
        Unavailable, BadInput: a model or library is missing (before any frame is decoded).
        BadInput: the video does not decode to as many frames as the shots have.
    """
    engine.load()
    if objects is not None and settings.object_detection == "on":
        objects.load()
    total = shots[-1].last
    workers = 1 if engine.in_order else workers
    with (
        opencv_threads(1),
        ThreadPoolExecutor(workers, "faces") as pool,
        ThreadPoolExecutor(1, "surveys") as surveyor,
    ):
        try:
            found = _Looking(engine, objects, settings, pool, surveyor, workers, chip).over(video, shots)
            if objects is not None and settings.object_detection == "auto":
                found = rarely_a_face(found, objects, pool)
            for done, seen in enumerate(found, start=1):
                faces = [_own(face, settings.jaw_scale) for face in seen.faces]
                yield FrameDetections(seen.frame, faces, seen.objects)
                if done % _PROGRESS_EVERY == 0 or done == total:
                    progress(done / total)
        finally:
            surveyor.shutdown(cancel_futures=True)
            pool.shutdown(cancel_futures=True)
            if engine.in_order:
                engine.close()
            if objects is not None:
                # MediaPipe's objects must not live to the end of the interpreter, where their own
                # clean-up fails with a traceback; making them again takes milliseconds.
                objects.close()


@dataclass
class _Frame:
    index: int
    """0-based in the video."""
    place: int
    """0-based in its shot."""
    full: bool
    """One of those that are looked at in any case."""
    survey: _Frame | None
    """The last frame of the shot that was looked at for everything; None if this is one."""
    decoded: VideoFrame | None
    """What the decoder gave, until it is looked at."""
    result: Future[Seen] | None = None


@dataclass
class _Gap:
    """The frames between two full looks."""

    first: _Frame
    between: list[_Frame] = field(default_factory=list)
    last: _Frame | None = None
    _same: list[FacePair] | None = None

    def faces(self) -> tuple[list[FacePair], bool]:
        """Faces that both looks saw, and whether neither saw another one."""
        assert self.last is not None  # noqa: S101 - it was handed over
        before, after = _answer(self.first).faces, _answer(self.last).faces
        # Two threads may find the same at the same time.
        if self._same is None:
            self._same = pairs(before, after)
        return self._same, len(self._same) == len(before) == len(after)


class _Looking:
    """Hands frames to the workers and takes their answers in order."""

    def __init__(
        self,
        engine: FaceEngine,
        objects: ObjectDetector | None,
        settings: FaceSettings,
        pool: ThreadPoolExecutor,
        surveyor: ThreadPoolExecutor,
        workers: int,
        chip: Chip | None,
    ) -> None:
        self._chip = chip
        self._engine = engine
        self._objects = objects
        self._always_objects = settings.object_detection == "on"
        self._every = settings.detect_every or engine.detect_every
        self._surveys = engine.survey_every
        self._pool = pool
        self._surveyor = surveyor
        self._decoders = max(1, workers // 2)
        self._ahead = 2 * self._every + _AHEAD * workers

    def over(self, video: Path, shots: Sequence[Scene]) -> Iterator[Seen]:
        under_way: deque[_Frame] = deque()
        known: _Gap | None = None
        growing: _Gap | None = None
        for frame in self._frames(video, shots):
            under_way.append(frame)
            if not frame.full and growing is not None:
                growing.between.append(frame)
                continue
            # The looks behind a survey wait for it, so it does not queue behind those before it.
            pool = self._surveyor if self._surveys and frame.survey is None else self._pool
            frame.result = pool.submit(self._look, frame)
            # The frames between two looks are handed over one look late, so that they need not
            # wait for the second of the two.
            if known is not None:
                self._hand_over(known)
            if growing is not None:
                growing.last = frame
            known, growing = growing, _Gap(frame)
            while len(under_way) > self._ahead:
                yield _answer(under_way.popleft())
        if known is not None:
            self._hand_over(known)
        while under_way:
            yield _answer(under_way.popleft())

    def _frames(self, video: Path, shots: Sequence[Scene]) -> Iterator[_Frame]:
        total, count = shots[-1].last, 0
        decoded = decoded_frames(video, self._decoders)
        for shot in shots:
            survey: _Frame | None = None
            for place, picture in enumerate(islice(decoded, shot.last - shot.first + 1)):
                surveys = self._surveys > 0 and place % self._surveys == 0
                full = place % self._every == 0 or shot.first + place == shot.last or surveys
                frame = _Frame(count, place, full, None if surveys else survey, picture)
                survey = frame if surveys else survey
                yield frame
                count += 1
        count += sum(1 for _ in decoded)
        if count != total:
            raise BadInput(video.name, f"has {count} frames instead of {total}", "Materialize video_25fps again")

    def _hand_over(self, stretch: _Gap) -> None:
        for frame in stretch.between:
            frame.result = self._pool.submit(self._look_between, frame, stretch)

    def _look(self, frame: _Frame) -> Seen:
        picture = self._picture(frame)
        return self._seen(frame, picture, self._detect(frame, picture))

    def _detect(self, frame: _Frame, picture: NDArray[np.uint8]) -> list[Detection]:
        surveyed = None if frame.survey is None else _answer(frame.survey).faces
        return self._engine.detect(picture, frame.place, surveyed)

    def _look_between(self, frame: _Frame, stretch: _Gap) -> Seen:
        picture = self._picture(frame)
        return self._seen(frame, picture, self._faces_between(frame, picture, stretch))

    def _faces_between(self, frame: _Frame, picture: NDArray[np.uint8], stretch: _Gap) -> list[Detection]:
        same, whole = stretch.faces()
        assert stretch.last is not None  # noqa: S101 - it was handed over
        part = (frame.place - stretch.first.place) / (stretch.last.place - stretch.first.place)
        if self._engine.in_order:
            return [interpolated(pair, part) for pair in same]
        found = None
        if whole:
            found = self._engine.follow(picture, frame.place, same, part)
        return self._detect(frame, picture) if found is None else found

    def _picture(self, frame: _Frame) -> NDArray[np.uint8]:
        assert frame.decoded is not None  # noqa: S101 - a frame is looked at once
        picture, frame.decoded = rgb(frame.decoded), None
        return picture

    def _seen(self, frame: _Frame, picture: NDArray[np.uint8], faces: list[Detection]) -> Seen:
        height, width = picture.shape[:2]
        seen = Seen(frame.index, faces, width, height)
        # In looks that are further apart or fall between those places, the first one after each.
        due = frame.place % EVERY
        if self._chip is not None and (due == 0 or (frame.full and due < self._every)):
            for face in faces:
                face.portrait = self._chip(picture, face)
        if self._objects is not None and not faces:
            seen.square = squared(picture, self._objects.input_size)
            if self._always_objects:
                seen.look_for(self._objects)
        return seen


def _own(face: Detection, jaw_scale: float) -> Detection:
    """A copy for the caller: frames still to be looked at may need the original."""
    shapes = face.blendshapes
    if jaw_scale == 1 or not isinstance(shapes, dict) or "jawOpen" not in shapes:
        return msgspec.structs.replace(face)
    jaw = round(min(shapes["jawOpen"] * jaw_scale, 1.0), 5)
    return msgspec.structs.replace(face, blendshapes={**shapes, "jawOpen": jaw})


def _answer(frame: _Frame) -> Seen:
    assert frame.result is not None  # noqa: S101 - handed over, and workers take frames in that order
    return frame.result.result()
