"""Lists for people: a line that names each thing, and below it, indented, what there is to say.

Tables break their cells per letter where a terminal has 80 columns; names, values and paths stay in one
piece here, so that they can be copied.
"""

from __future__ import annotations

import shutil
import textwrap

INDENT = "    "


def entry(heading: str, *paragraphs: str) -> str:
    """``heading`` and the paragraphs that are not empty, wrapped to the terminal."""
    width = max(40, shutil.get_terminal_size().columns)
    wrapped = [
        textwrap.fill(
            text, width, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
        )
        for text in paragraphs
        if text
    ]
    return "\n".join([heading, *wrapped])
