"""Which blendshapes a document shows; decisions are always made with all of them."""

from __future__ import annotations

from collections.abc import Mapping

from mediaflow_assets.faces.settings import FaceSettings

_TONGUE = "tongueOut"


def exported_blendshapes(blendshapes: Mapping[str, float] | None, settings: FaceSettings) -> dict[str, float] | None:
    """The coefficients that the profile lets into the document; None instead of an empty table."""
    if blendshapes is None:
        return None
    shown = {name: value for name, value in blendshapes.items() if _is_shown(name, settings)}
    return shown or None


def _is_shown(name: str, settings: FaceSettings) -> bool:
    match settings.blendshapes_profile:
        case "none":
            return False
        case "mouth":
            return name.startswith(("mouth", "jaw")) or (name == _TONGUE and settings.blendshapes_tongue)
        case "mediapipe":
            return name != _TONGUE
        case "custom":
            return not settings.blendshapes_keys or name in settings.blendshapes_keys
        case _:
            return True
