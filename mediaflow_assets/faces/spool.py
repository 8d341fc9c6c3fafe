"""Detections of a whole video on disk, until it is known who speaks: written once, read once."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.head_pose import yaw_of

Identified = tuple[int, Detection]
"""Id and what was found."""

_LENGTH = struct.Struct("<I")


class Spool:
    """Frames in order; the file has no name and vanishes with the process.

    Args:
        folder: on the disk where the result will be, which has room for it: about 1.5 kB per face
            and frame with 52 blendshapes, 15 kB with landmarks.
        landmarks: keep the landmarks too.
    """

    def __init__(self, folder: Path, *, landmarks: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder, buffering=1 << 20)  # noqa: SIM115 - closed by exit
        self._landmarks = landmarks
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
        self._decoder = msgspec.msgpack.Decoder(list[tuple[int, Detection]], dec_hook=_array)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, frame: Sequence[Identified]) -> None:
        """What was found in the next frame."""
        data = self._encoder.encode([(number, self._kept(detection)) for number, detection in frame])
        self._file.write(_LENGTH.pack(len(data)))
        self._file.write(data)

    def frames(self) -> Iterator[list[Identified]]:
        """All frames from the first one."""
        self._file.seek(0)
        while head := self._file.read(_LENGTH.size):
            yield self._decoder.decode(self._file.read(_LENGTH.unpack(head)[0]))

    def _kept(self, detection: Detection) -> Detection:
        return msgspec.structs.replace(
            detection,
            keypoints=None,
            portrait=None,
            landmarks=detection.landmarks if self._landmarks else None,
            yaw=yaw_of(detection.keypoints),
        )


def _plain(value: NDArray[np.generic] | np.generic) -> object:
    """Numbers and arrays of engines that give NumPy's; points to hundredths of a pixel."""
    return value.astype(float).round(2).tolist() if getattr(value, "ndim", 0) else value.item()


def _array(_: type, value: list[list[float]]) -> NDArray[np.float64]:
    """Points again, as exact as they were written."""
    return np.array(value)
