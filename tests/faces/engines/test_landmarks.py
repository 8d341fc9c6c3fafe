"""Landmarks and blendshapes against MediaPipe's own on the same pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.detection import Detection
from mediaflow_assets.faces.engines.mediapipe_landmarker import MediapipeLandmarker
from mediaflow_assets.faces.engines.opencv_yunet_facemesh import OpencvYunetFacemesh
from mediaflow_assets.faces.interpolation import pairs
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from tests.faces.clips import Picture, Placed, draw

CPU = ComputeSettings(device="cpu")


def moving(index: int) -> Picture:
    return draw(Placed("hopper", 150 + 4 * index, 175, 150 + 2 * index), size=(480, 320))


PICTURES = [moving(index) for index in range(8)]


@pytest.fixture(scope="module")
def reference(model_store: ModelStore) -> list[tuple[NDArray[np.float32], dict[str, float]]]:
    """Landmarks ``(478, 3)`` in pixels and coefficients, from MediaPipe itself."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_store.path("face-landmarker"))),
        running_mode=vision.RunningMode.VIDEO,
        num_faces=5,
        min_face_presence_confidence=0.3,
        output_face_blendshapes=True,
    )
    results = []
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for index, picture in enumerate(PICTURES):
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=picture)
            found = landmarker.detect_for_video(image, index * 40)
            (points,), (shapes,) = found.face_landmarks, found.face_blendshapes
            placed = np.array([(point.x * 480, point.y * 320, point.z * 480) for point in points], np.float32)
            results.append((placed, {shape.category_name: shape.score for shape in shapes}))
    return results


@pytest.fixture(scope="module")
def facemesh(model_store: ModelStore) -> OpencvYunetFacemesh:
    engine = OpencvYunetFacemesh(FaceSettings(), model_store, CPU)
    engine.load()
    return engine


@pytest.fixture
def landmarker(model_store: ModelStore) -> Iterator[MediapipeLandmarker]:
    engine = MediapipeLandmarker(FaceSettings(engine="mediapipe_landmarker"), model_store, CPU)
    engine.load()
    yield engine
    engine.close()


def differences(face: Detection, reference: tuple[NDArray[np.float32], dict[str, float]]) -> tuple[float, float]:
    """Greatest distance of a landmark as a part of the face's width, greatest difference of a coefficient."""
    points, shapes = reference
    width = float(np.ptp(points[:, 0]))
    distance = float(np.linalg.norm((face.landmarks - points)[:, :2], axis=1).max()) / width
    assert isinstance(face.blendshapes, dict)
    return distance, max(abs(face.blendshapes[name] - value) for name, value in shapes.items())


def test_the_landmarker_is_mediapipe(landmarker: MediapipeLandmarker, reference: Sequence[Any]) -> None:
    for index, (picture, expected) in enumerate(zip(PICTURES, reference, strict=True)):
        (face,) = landmarker.detect(picture, index)
        distance, shape = differences(face, expected)
        assert distance < 1e-3
        assert shape < 1e-3


def test_facemesh_agrees_where_both_see_the_face(facemesh: OpencvYunetFacemesh, reference: Sequence[Any]) -> None:
    """Looked at fully in every frame, and followed between the first and the last."""
    looked = [facemesh.detect(picture, 0) for picture in PICTURES]
    (pair,) = pairs(looked[0], looked[-1]) or pairs(looked[0], looked[0])
    for index, (picture, expected) in enumerate(zip(PICTURES, reference, strict=True)):
        followed = facemesh.follow(picture, 0, [pair], index / 7)
        assert followed is not None
        for face in (looked[index][0], followed[0]):
            distance, shape = differences(face, expected)
            assert distance < 0.02
            assert shape < 0.05


@pytest.mark.parametrize("height", [40, 55, 80, 240])
def test_facemesh_sees_small_faces_and_close_ups(facemesh: OpencvYunetFacemesh, height: int) -> None:
    """Of 36 to 215 pixels' width; FaceLandmarker needs about 60 in a picture of this size."""
    picture = draw(Placed("hopper", 160, 165, height), Placed("collins", 470, 165, height), size=(640, 360))
    faces = sorted(facemesh.detect(picture, 0), key=lambda face: face.centroid)
    assert len(faces) == 2
    for face, x in zip(faces, (160, 470), strict=True):
        assert abs(face.centroid[0] - x) < 0.15 * height
        assert 0.7 * height < face.bbox[3] < 1.3 * height
        assert isinstance(face.blendshapes, dict) and len(face.blendshapes) == 52
        assert face.keypoints.shape == (5, 2)
        assert face.keypoints[0][0] < face.keypoints[2][0] < face.keypoints[1][0], "right eye, nose, left eye"


def test_a_face_that_has_gone_is_not_followed(facemesh: OpencvYunetFacemesh) -> None:
    faces = facemesh.detect(PICTURES[0], 0)
    assert facemesh.follow(draw(size=(480, 320)), 1, pairs(faces, faces), 0.5) is None


def test_no_face_where_there_is_none(facemesh: OpencvYunetFacemesh) -> None:
    assert facemesh.detect(draw(size=(480, 320)), 0) == []


def test_throttled_blendshapes_are_missing_and_not_stale(model_store: ModelStore) -> None:
    engine = OpencvYunetFacemesh(FaceSettings(blendshapes_every=3), model_store, CPU)
    engine.load()
    shapes = [engine.detect(picture, index)[0].blendshapes for index, picture in enumerate(PICTURES[:4])]
    assert [isinstance(shape, dict) for shape in shapes] == [True, False, False, True]
    assert shapes[1] is msgspec.UNSET


def test_the_largest_faces_are_candidates(model_store: ModelStore) -> None:
    """Twice as many as are kept; which of them are kept is decided in the order of the frames."""
    engine = OpencvYunetFacemesh(FaceSettings(max_faces=1), model_store, CPU)
    engine.load()
    people = Placed("hopper", 110, 165, 120), Placed("collins", 320, 165, 80), Placed("collins", 520, 165, 120)
    found = engine.detect(draw(*people, size=(640, 360)), 0)
    assert sorted(face.centroid[0] // 200 for face in found) == [0, 2]
