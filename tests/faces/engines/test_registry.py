"""Every engine says what it is before it is loaded."""

from __future__ import annotations

import pytest

from mediaflow_assets.faces.registries import FACE_ENGINES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import load_catalog


@pytest.mark.parametrize("name", list(FACE_ENGINES))
def test_description(name: str) -> None:
    engine = FACE_ENGINES.get(name)
    assert engine.name == name
    assert engine.summary.endswith(".")
    assert engine.licence
    catalog = load_catalog()
    for model in engine.models:
        assert name in catalog[model].used_by or name == "eos", f"{model} does not say that {name} uses it"
    assert engine.detect_every >= 1


def test_non_commercial_weights_are_marked() -> None:
    for name in ("eos", "insightface"):
        engine = FACE_ENGINES.get(name)
        assert "non-commercial" in engine.licence
        assert any("non-commercial" in load_catalog()[model].terms for model in engine.models)


def test_the_default_needs_only_models_that_are_fetched_by_default() -> None:
    default = FACE_ENGINES.get(FaceSettings().engine)
    assert default.name == "opencv_yunet_facemesh"
    assert all(load_catalog()[model].default for model in default.models)
