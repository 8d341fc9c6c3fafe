"""Faces that lie on their side or stand on their head."""

from __future__ import annotations

import numpy as np
import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.engines.opencv_yunet_facemesh import OpencvYunetFacemesh
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from tests.faces.clips import Placed, draw

PICTURE = draw(Placed("hopper", 200, 150, 120), size=(480, 320))


@pytest.fixture(scope="module")
def engine(model_store: ModelStore) -> OpencvYunetFacemesh:
    settings = FaceSettings(rotations=("90", "180", "270"))
    engine = OpencvYunetFacemesh(settings, model_store, ComputeSettings(device="cpu"))
    engine.load()
    return engine


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_face_is_found_where_it_is(engine: OpencvYunetFacemesh, quarters: int) -> None:
    (upright,) = engine.detect(PICTURE, 0)
    turned = np.ascontiguousarray(np.rot90(PICTURE, quarters))
    (face,) = engine.detect(turned, 0)
    x, y = upright.centroid
    height, width = PICTURE.shape[:2]
    place = [(x, y), (y, width - x), (width - x, height - y), (height - y, x)][quarters]
    assert face.centroid == pytest.approx(place, abs=8)
    assert isinstance(face.blendshapes, dict)
    assert isinstance(upright.blendshapes, dict)
    assert face.blendshapes["jawOpen"] == pytest.approx(upright.blendshapes["jawOpen"], abs=0.05)


def test_only_quarters_of_a_turn_are_taken() -> None:
    assert Settings.load(None, {"FACES_ROTATIONS": "180, 90"}).faces.quarter_turns == (90, 180)
    with pytest.raises(BadInput, match="FACES_ROTATIONS"):
        Settings.load(None, {"FACES_ROTATIONS": "45"})
