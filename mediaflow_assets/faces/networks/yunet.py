"""YuNet: a small face detector with five points (Wu et al., Machine Intelligence Research 2023).

The network has one input size in its file, but its layers do not depend on it: opened with free
height and width it costs only the pixels that a picture has (OpenCV's own reader of this model
took twice the time of ONNX Runtime, ``benchmarks/results/faces.md``). The arithmetic of the
outputs is that of the paper: for the cell (row, column) of the map with stride s,
score = sqrt(class * objectness), centre = (cell + offset) * s, size = exp(log size) * s.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import DeviceChoice
from mediaflow_assets.execution.onnx_sessions import give_back_memory, open_session
from mediaflow_assets.faces.boxes import Boxes, nms, pairwise_iou

Picture = NDArray[np.uint8]

_STRIDES = (8, 16, 32)
_COARSE = 320
"""Longest side of the second look, for faces that fill the picture."""
_TOO_LARGE = 300
"""Width in the first look above which a face is left to the second, pixels; scores fall from 400 on."""
_FINE_ENOUGH = 1.5
"""A second look is pointless at nearly the same size."""
_EASY = 32
"""Width of a face that is found surely, turned or not, pixels (``benchmarks/results/faces_engines.md``)."""
_MIN_SIDE = 480
"""Longest side of any search: new faces of a fifteenth of it are found whatever was seen before."""
_SURE = 0.85
"""Score from which a face needs no second look."""
_DOUBTFUL = 0.1
"""Faces that lack no more than this get a second look, too: small ones often score better enlarged."""
_ENLARGED = 96
"""Longest side of a face in a second look, pixels."""
_SURROUNDINGS = 3
"""Side of the picture of a second look, in sides of the face."""


class Faces(NamedTuple):
    """``n`` faces, best first."""

    boxes: Boxes
    """``(n, 4)`` left, top, right, bottom in pixels."""
    scores: NDArray[np.float32]
    """``(n,)`` 0..1."""
    points: NDArray[np.float32]
    """``(n, 5, 2)``: right eye, left eye, nose tip, right and left corner of the mouth; pixels."""


class YuNet:
    """Any number of threads may use one at the same time.

    Args:
        model: ``face_detection_yunet_2023mar.onnx``.
        device: where to run.
        longest_side: a larger picture is scaled down to it before the look for the smallest faces.
        least_score: 0..1; of a doubtful face, that of its second look.
        iou_threshold: of two faces that overlap more (intersection over union), the better is kept.
        most_candidates: boxes that go into that comparison.
    """

    def __init__(
        self,
        model: Path,
        device: DeviceChoice,
        *,
        longest_side: int,
        least_score: float,
        iou_threshold: float = 0.3,
        most_candidates: int = 5000,
    ) -> None:
        self._session = open_session(_any_size(model), device)
        self._longest_side = longest_side
        self._least_score = least_score
        self._iou_threshold = iou_threshold
        self._most_candidates = most_candidates

    def detect(self, picture: Picture, smallest: float = 0, largest: float = math.inf) -> Faces:
        """Faces in an RGB picture ``(height, width, 3)``, looked for at one size or two.

        Args:
            smallest: width of the smallest face worth finding, pixels; a large one makes the search
                quicker. 0: every face that the network can see.
            largest: width of the largest face to be expected; close-ups need a second size.
        """
        longest = max(picture.shape[:2])
        fine = min(self._longest_side, longest)
        if smallest > _EASY:
            fine = min(fine, max(round(longest * _EASY / smallest), _MIN_SIDE))
        close_ups = largest * fine / longest > _TOO_LARGE and fine > _FINE_ENOUGH * _COARSE
        sizes = (fine, _COARSE) if close_ups else (fine,)
        found = [self._at_size(picture, size / longest) for size in sizes]
        boxes, scores, points = (np.concatenate(part) for part in zip(*found, strict=True))
        strongest = np.argsort(-scores, kind="stable")[: self._most_candidates]
        boxes, scores, points = boxes[strongest], scores[strongest], points[strongest]
        kept = nms(boxes, scores, self._iou_threshold)
        faces = Faces(boxes[kept], scores[kept], points[kept])
        needed = np.full(len(kept), self._least_score)
        for index in np.flatnonzero(faces.scores < _SURE):
            box = faces.boxes[index]
            faces.scores[index] = self._score_enlarged(picture, box)
            # A face that is really enlarged scores clearly better then.
            needed[index] += _DOUBTFUL if (box[2:] - box[:2]).max() < _ENLARGED else 0
        good = np.flatnonzero(faces.scores >= needed)
        best = good[np.argsort(-faces.scores[good], kind="stable")]
        return Faces(faces.boxes[best], faces.scores[best], faces.points[best])

    def rest(self) -> None:
        """Give back the memory that the last picture was searched in, which grows with the picture."""
        give_back_memory(self._session, {"input": np.zeros((1, 3, _STRIDES[-1], _STRIDES[-1]), np.float32)})

    def _score_enlarged(self, picture: Picture, box: NDArray[np.float32]) -> float:
        """Score of the face in ``box`` at a comfortable size: stones and cups only look like faces from afar."""
        import cv2

        side = _ENLARGED * _SURROUNDINGS
        centre, scale = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max()) / _ENLARGED
        if scale <= 0:
            return 0.0
        corner = centre - side / 2 * scale
        to_picture = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(picture, to_picture, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        found = self._at_size(crop.astype(np.uint8), 1.0)
        expected = (box - np.tile(corner, 2))[None] / np.float32(scale)
        same = pairwise_iou(expected, found.boxes)[0] > self._iou_threshold
        return float(found.scores[same].max(initial=0.0))

    def _at_size(self, picture: Picture, scale: float) -> Faces:
        import cv2

        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        height, width = picture.shape[:2]
        tensor = np.zeros((1, 3, _whole(height), _whole(width)), np.float32)
        for plane, channel in zip(tensor[0], reversed(cv2.split(picture)), strict=True):
            plane[:height, :width] = channel  # the network reads BGR, 0..255
        outputs = self._session.run(None, {"input": tensor})
        maps = [
            self._decode([outputs[kind * 3 + level][0] for kind in range(4)], stride, tensor.shape[3] // stride)
            for level, stride in enumerate(_STRIDES)
        ]
        boxes, scores, points = (np.concatenate(part).astype(np.float32) for part in zip(*maps, strict=True))
        return Faces(boxes / scale, scores, points / scale)

    def _decode(self, outputs: list[NDArray[np.float32]], stride: int, columns: int) -> Faces:
        """What may be faces in one map; outputs are class, objectness, box and points, ``(cells, …)`` row by row."""
        classes, objectness = (output[:, 0].clip(0, 1) for output in outputs[:2])
        scores = np.sqrt(classes * objectness)
        good = np.flatnonzero(scores >= self._least_score - _DOUBTFUL)  # of thousands of cells a handful
        offsets, points = (output[good] for output in outputs[2:])
        origin = np.stack([good % columns, good // columns], axis=1).astype(np.float32)
        centres = (origin + offsets[:, :2]) * stride
        halves = np.exp(offsets[:, 2:]) * (stride / 2)
        placed = (points.reshape(-1, 5, 2) + origin[:, None]) * stride
        return Faces(np.concatenate([centres - halves, centres + halves], axis=1), scores[good], placed)


def _whole(side: int) -> int:
    """The next multiple of the largest stride: maps must fit."""
    return -(-side // _STRIDES[-1]) * _STRIDES[-1]


def _any_size(model: Path) -> bytes:
    """The network with free height and width."""
    import onnx

    network = onnx.load(model)
    for port in (*network.graph.input, *network.graph.output):
        shape = port.type.tensor_type.shape.dim
        free = (2, 3) if port.name == "input" else (1,)
        for axis in free:
            shape[axis].dim_param = f"{port.name}_{axis}"
    del network.graph.value_info[:]
    content: bytes = network.SerializeToString()
    return content
