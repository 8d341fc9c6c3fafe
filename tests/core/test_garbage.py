"""Cyclic garbage is looked for less often, and still goes."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import atexit, gc, weakref
from mediaflow_assets.core.garbage import collect_rarely

class Node:
    pass

def lost():
    node = Node()
    node.itself = node
    return weakref.ref(node)

# Called last, for it was registered first.
atexit.register(lambda: print(gc.get_freeze_count() > 0))
collect_rarely()
collect_rarely()
gone = lost()
young = [[] for _ in range(10_000)]
print(gone() is None)
young += [[] for _ in range(100_000)]
print(gone() is None)
"""


def test_garbage_goes_after_many_new_objects_and_nothing_is_looked_for_at_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
