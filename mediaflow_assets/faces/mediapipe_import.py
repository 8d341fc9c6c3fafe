"""Importing MediaPipe's tasks without matplotlib, which they only need for plots that nobody asks for."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediapipe.tasks.python import BaseOptions

_PLOTS = ("matplotlib", "matplotlib.pyplot")


def mediapipe_tasks() -> tuple[type[BaseOptions], ModuleType]:
    """``BaseOptions`` and ``vision`` of ``mediapipe.tasks.python``.

    Matplotlib costs half a second and 40 MB. It is left out by a stand-in that is there during the first
    import; who wants matplotlib afterwards gets the real one.
    """
    stand_ins = {name: ModuleType(name) for name in _PLOTS if name not in sys.modules}
    if len(stand_ins) == len(_PLOTS):
        sys.modules.update(stand_ins)
    try:
        from mediapipe.tasks.python import BaseOptions, vision
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
    return BaseOptions, vision
