"""What pages call the words of documents: exports, layouts of a re-framing and why it looks where it does."""

from __future__ import annotations

from collections.abc import Callable

from mediaflow_assets.formats.reframe_json import Layout, Why

Translate = Callable[[str], str]
"""``gettext`` of the page's language."""


def export_label(name: str, _: Translate) -> str:
    """What an export is for; that of a re-framing's keyframes has an aspect at its end, ``reframe_clipboard_9x16``."""
    labels = {
        "otio": _("OpenTimelineIO: shots and markers"),
        "edl": _("CMX 3600 edit list"),
        "fcpxml": _("Final Cut Pro XML: shots and markers"),
        "rttm": _("Speaker turns (RTTM)"),
        "vtt": _("WebVTT subtitles"),
        "srt": _("SubRip subtitles"),
        "mot": _("Face tracks (MOT Challenge)"),
        "xmp": _("XMP markers (Premiere Pro, After Effects)"),
        "aftereffects": _("After Effects script"),
        "reframe_fcpxml": _("Re-framing for Final Cut Pro (FCPXML)"),
        "reframe_resolve": _("Re-framing for DaVinci Resolve (FCPXML)"),
        "reframe_premiere": _("Re-framing for Premiere Pro (XML)"),
        "reframe_clipboard": _("Re-framing keyframes to paste"),
        "timeline": _("Timeline (JSON)"),
    }
    return labels[name.rpartition("_")[0] if name.startswith("reframe_clipboard_") else name]


def layout_label(layout: Layout, _: Translate) -> str:
    """What a re-framing shows while nobody in particular is shown."""
    labels: dict[Layout, str] = {
        "single": _("one person"),
        "group": _("group"),
        "split": _("split screen"),
        "object": _("object"),
        "centre": _("middle"),
        "fit": _("whole picture"),
    }
    return labels[layout]


def why_label(why: Why, _: Translate) -> str:
    """Why a re-framing shows whom it shows."""
    labels: dict[Why, str] = {
        "speaks": _("speaks"),
        "with others": _("with others"),
        "largest": _("the largest"),
        "stays": _("stays"),
        "nobody": _("nobody"),
        "slides": _("slides"),
    }
    return labels[why]
