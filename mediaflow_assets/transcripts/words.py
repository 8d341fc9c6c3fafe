"""From the pieces that the network writes to words that can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediaflow_assets.formats.audio_json import Segment
from mediaflow_assets.formats.transcript_json import Dropped, TranscriptWord

MAX_NO_SPEECH = 0.5
MIN_LOG_PROBABILITY = -0.8
"""A passage that is probably no speech and that the network is unsure of was not said."""
MAX_COMPRESSION = 2.4
"""How much a passage may shrink when it is compressed; what shrinks more repeats itself (Whisper's own limit)."""
MAX_RATE = 10.0
"""Words a second; nobody speaks so fast, but over a laugh the network writes a sentence."""
MIN_RATED = 5
"""Words; fewer have no rate."""
EDGE = 0.05
"""Seconds by which a word may leave the speech that it lies in."""
MIN_LENGTH = 0.04
"""Seconds; one frame."""
WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "my"})
"""Languages in which a piece without a space before it may be a word of its own."""


@dataclass(frozen=True)
class Piece:
    """What the network writes at once; a word begins with a piece that begins with a space."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True)
class Passage:
    """Some pieces that were decoded together, with what the network thinks of them."""

    pieces: tuple[Piece, ...]
    no_speech: float
    """Probability that nobody speaks."""
    log_probability: float
    """Mean over its tokens."""
    compression: float


def believed(passages: Iterable[Passage]) -> tuple[list[Passage], Dropped]:
    """The passages that were said, and how many others there were."""
    kept, silent, repeated = [], 0, 0
    for passage in passages:
        if passage.compression > MAX_COMPRESSION:
            repeated += 1
        elif _unlikely(passage) or _too_fast(passage):
            silent += 1
        else:
            kept.append(passage)
    return kept, Dropped(no_speech=silent, repetition=repeated)


def _unlikely(passage: Passage) -> bool:
    return passage.no_speech > MAX_NO_SPEECH and passage.log_probability < MIN_LOG_PROBABILITY


def _too_fast(passage: Passage) -> bool:
    starts = [piece.start for piece in passage.pieces if piece.text.startswith(" ")]
    if len(starts) < MIN_RATED:
        return False
    return len(starts) > MAX_RATE * max(passage.pieces[-1].end - passage.pieces[0].start, MIN_LENGTH)


def whole_words(passages: Iterable[Passage], language: str) -> list[TranscriptWord]:
    """Pieces joined to words (" c" and "'est" are one), without what is only punctuation."""
    words: list[TranscriptWord] = []
    for passage in passages:
        joined: list[Piece] = []
        for piece in passage.pieces:
            starts = piece.text.startswith(" ") or not joined or language in WITHOUT_SPACES
            if starts:
                joined.append(piece)
            else:
                last = joined[-1]
                joined[-1] = Piece(
                    last.start, piece.end, last.text + piece.text, min(last.probability, piece.probability)
                )
        words += [
            TranscriptWord(piece.start, piece.end, piece.text.strip(), round(piece.probability, 3))
            for piece in joined
            if is_spoken(piece.text)
        ]
    return words


def is_spoken(text: str) -> bool:
    """Whether a piece of text is more than punctuation."""
    return any(letter.isalnum() for letter in text)


def clipped(words: Sequence[TranscriptWord], segments: Sequence[Segment]) -> list[TranscriptWord]:
    """Words inside the speech that they overlap most, in order, none shorter than a frame."""
    placed: list[TranscriptWord] = []
    earliest = 0.0
    for word in words:
        home = max(segments, key=lambda one: _overlap(word, one), default=None)
        start, end = word.start, word.end
        if home is not None and _overlap(word, home) > 0:
            start, end = max(start, home.start - EDGE), min(end, home.end + EDGE)
        start = round(max(start, earliest), 3)
        end = round(max(end, start + MIN_LENGTH), 3)
        earliest = start
        placed.append(TranscriptWord(start, end, word.text, word.probability))
    return placed


def _overlap(word: TranscriptWord, segment: Segment) -> float:
    return min(word.end, segment.end) - max(word.start, segment.start)
