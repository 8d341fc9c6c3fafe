"""Pictures and short clips with real faces at known places."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from mediaflow_assets.sample.faces import Person, cut_out
from mediaflow_assets.sample.ingredients import GRAVEL, Ingredient, read_picture

Picture = NDArray[np.uint8]


class Placed(NamedTuple):
    """A face: middle and height in pixels."""

    person: Person
    x: float
    y: float
    height: float


def draw(*faces: Placed, size: tuple[int, int] = (320, 180), behind: Ingredient = GRAVEL) -> Picture:
    """RGB picture of ``size`` (width, height) with people in front of a photograph."""
    frame = cv2.resize(read_picture(behind), size)
    for face in faces:
        image, box = cut_out(face.person)
        scale = face.height / box.height
        shift = (face.x - scale * (box.x + box.width / 2), face.y - scale * (box.y + box.height / 2))
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        layer = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_AREA).astype(np.uint16)
        frame = (layer[:, :, :3] * layer[:, :, 3:] + frame * (255 - layer[:, :, 3:])) // 255
    return np.ascontiguousarray(frame[:, :, ::-1], np.uint8)


def write_clip(path: Path, pictures: Iterable[Picture]) -> Path:
    """A 25-fps H.264 file."""
    with av.open(str(path), "w") as container:
        stream: Any = None
        for picture in pictures:
            if stream is None:
                stream = container.add_stream("libx264", rate=25, options={"crf": "12"})
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def constant_network(path: Path, read: tuple[str, list[int | str]], **outputs: NDArray[np.float32]) -> Path:
    """An ONNX file that answers the same whatever it is shown."""
    nodes = [
        onnx.helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(value.astype(np.float32)))
        for name, value in outputs.items()
    ]
    ports = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(value.shape))
        for name, value in outputs.items()
    ]
    given = onnx.helper.make_tensor_value_info(read[0], onnx.TensorProto.FLOAT, read[1])
    graph = onnx.helper.make_graph(nodes, "constant", [given], ports)
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path
