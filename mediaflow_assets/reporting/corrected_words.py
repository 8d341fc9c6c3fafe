"""The seam between words and corrections, which know nothing of each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mediaflow_assets.review.document import Review, read_review
from mediaflow_assets.review.streams import reviewed_segments, reviewed_tracking, reviewed_words
from mediaflow_assets.transcripts.attribution import Corrections


def word_corrections(review: Review | None) -> Corrections | None:
    """What a review says about the words of its video; None where nobody corrected anything."""
    if review is None:
        return None
    return Corrections(
        words=partial(reviewed_words, review=review),
        segments=partial(reviewed_segments, review=review),
        tracking=partial(reviewed_tracking, review=review),
        names=review.names,
    )


def corrections_in(documents: Mapping[str, Path]) -> Corrections | None:
    """The same of the review document among the documents of a video.

    Raises:
        BadInput: it is damaged.
    """
    return word_corrections(read_review(documents["review"])) if "review" in documents else None
