"""Scripts for After Effects, put together from their parts.

Each is one file, in a function of its own so that no name of it meets those of other scripts, ECMAScript 3 as
ExtendScript is, and ASCII: ExtendScript reads a file without a mark in the encoding of the machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from mediaflow_assets.core.files import write_atomic

_PLACE = "/* DATA */ null"
_VIDEO = ("layers", "texts", "reframing", "video")
_PANEL = ("layers", "texts", "reframing", "documents", "panel")
PANEL_FILE = "mediaflow_panel.jsx"


def part(name: str) -> str:
    """One part: declarations, or what runs at the end."""
    return files("mediaflow_assets.reporting").joinpath("templates", "after_effects", f"{name}.jsx").read_text("utf-8")


def video_script(data: Mapping[str, object]) -> str:
    """The script of one video; ``data`` is a literal in it."""
    return _script(_VIDEO).replace(_PLACE, json.dumps(data, ensure_ascii=True))


def write_panel(path: Path) -> Path:
    """Write the panel, which reads deliveries."""
    return write_atomic(path, _script(_PANEL))


def _script(parts: tuple[str, ...]) -> str:
    body = "\n".join(map(part, parts))
    return f"// Written by mediaflow-assets; ECMAScript 3.\n(function (host) {{\n{body}}}(this));\n"
