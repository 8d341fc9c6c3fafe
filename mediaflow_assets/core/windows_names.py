"""What Windows and its file systems forbid in a name.

Source: "Naming Files, Paths, and Namespaces" of Microsoft's documentation: the characters ``< > : " / \\ | ? *``
and the control characters, a dot or a space at the end, and the names of devices, with any suffix.
"""

from __future__ import annotations

import re

FORBIDDEN_CHARACTERS = '<>:"/\\|?*'
"""Without the control characters."""
FORBIDDEN = re.compile(rf"[{re.escape(FORBIDDEN_CHARACTERS)}\x00-\x1f]")
_DEVICE = re.compile(r" *(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


def is_device(name: str) -> bool:
    """Whether a name is that of a device, ``CON`` or ``com1.txt``."""
    return _DEVICE.fullmatch(name) is not None


def is_allowed(name: str) -> bool:
    """Whether a file may have this name on Windows."""
    return not (FORBIDDEN.search(name) or name.endswith((" ", ".")) or is_device(name))
