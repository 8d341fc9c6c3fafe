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
    "reframe_fcpxml": f"{_HERE}.reframing:write_final_cut",
    "reframe_resolve": f"{_HERE}.reframing:write_resolve",
    "reframe_premiere": f"{_HERE}.reframing:write_premiere",
    "reframe_clipboard": f"{_HERE}.reframing:write_clipboard",
}
"""Name to module and function, which is imported when it is used."""
