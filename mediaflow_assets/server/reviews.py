"""What corrections mean for the present documents, kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.review.document import Review
from mediaflow_assets.review.present import FILE, Present, known_review, review_of
from mediaflow_assets.review.state import State

_KEPT = 16
"""Reviews that are kept in memory."""


class Reviews:
    """Resolved corrections, kept in memory: resolving reads the documents, which takes seconds for an hour of video."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, tuple[tuple[str, str], ...]], Review] = OrderedDict()
        self._lock = Lock()

    def of(self, layout: Layout, key: str, present: Present, state: State) -> Review | None:
        """What ``state`` means for the present documents; None when nothing is said."""
        if not state.said:
            return None
        name = (present.video, state.digest, tuple(sorted(present.inputs.items())))
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
        made = known_review(layout.work / key / "review" / FILE.format(id=present.master.id), present, state)
        review = made or review_of(present, state)
        with self._lock:
            self._known[name] = review
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return review
