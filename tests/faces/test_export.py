"""The export profiles are those of the golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mediaflow_assets.faces.export import exported_blendshapes
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.settings import Settings

Golden = Callable[[str], list[dict[str, Any]]]

ANOTHER_ANSWER = "weird", "on"
"""An unknown profile was taken as full, and the word `on` as off for the tongue; now the one is refused
and the other means what it says."""


def test_profiles(golden: Golden) -> None:
    compared = 0
    for case in golden("filter_blendshapes_for_export"):
        given = case["input"]
        if set(given["env"].values()) & set(ANOTHER_ANSWER) or isinstance(given["blendshapes"], list):
            continue
        settings = Settings.load(None, given["env"]).faces
        assert exported_blendshapes(given["blendshapes"], settings) == case["output"], given["env"]
        compared += 1
    assert compared == 19


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="blendshapes_profile"):
        FaceSettings(blendshapes_profile="weird")  # type: ignore[arg-type]


def test_legacy_names_of_engines_and_switches() -> None:
    settings = Settings.load(
        None, {"STEP5_TRACKING_ENGINE": "opencv_yunet_pyfeat", "STEP5_ENABLE_OBJECT_DETECTION": "1"}
    ).faces
    assert settings.engine == "opencv_yunet_facemesh"
    assert settings.object_detection == "on"
    assert FaceSettings(engine="py_feat").engine == "opencv_yunet_facemesh"
