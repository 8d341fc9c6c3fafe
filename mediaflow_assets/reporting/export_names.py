"""Which exports there are; the settings check names against it without loading an export."""

from __future__ import annotations

_HERE = "mediaflow_assets.reporting.exports"
EXPORTS = {
    "otio": f"{_HERE}.otio:write",
    "edl": f"{_HERE}.edit_lists:write_edl",
    "fcpxml": f"{_HERE}.edit_lists:write_fcpxml",
    "rttm": f"{_HERE}.speech:write_rttm",
    "vtt": f"{_HERE}.speech:write_vtt",
    "srt": f"{_HERE}.speech:write_srt",
    "mot": f"{_HERE}.mot:write",
    "xmp": f"{_HERE}.xmp:write",
    "aftereffects": f"{_HERE}.after_effects:write",
}
"""Name to module and function, which is imported when it is used."""
