"""Python's collector of cyclic garbage, told what this program is like.

With Dagster there are 340,000 objects that live as long as the process. By its default the collector walks
through them again and again while they are made, and twice more at the end, to find that nothing can go.
"""

from __future__ import annotations

import atexit
import gc

_ALLOCATIONS, _YOUNG, _MIDDLE = 50_000, 20, 10
"""Collections of the youngest objects after so many new ones (Python: 700 or 2,000), then of older ones (10, 10)."""


def collect_rarely() -> None:
    """Look for cyclic garbage less often, and not at all when the process ends; to be called when it begins.

    Everything else is freed as before, at once, when nothing refers to it. Of a run of a short video this
    saved 2 of 15 seconds (``benchmarks/results/compare.md``); its memory was not larger.
    """
    gc.set_threshold(_ALLOCATIONS, _YOUNG, _MIDDLE)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
