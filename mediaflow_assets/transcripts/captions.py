"""Captions: words in cues of two lines that can be read in the time they stand, exact to the frame.

Rules of the Netflix Timed Text Style Guide (general requirements): 42 characters, two lines, at most
7 s, two frames between cues, an end up to 12 frames after the sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.formats.transcript_json import TranscriptWord

LINE = 42
"""Characters."""
MAX_SECONDS = 6.0
MAX_PAUSE = 0.7
"""Seconds of silence after which a new cue begins."""
GAP = 2
"""Frames between two cues."""
HOLD = 12
"""Frames for which a cue may stand after its last word."""
MIN_FRAMES = 20
"""A cue stands at least so long where the next one leaves room."""
READABLE = 21.0
"""Characters a second; what is said faster is counted and never shortened."""
_SENTENCE_ENDS = (".", "!", "?", "…")
_NOT_BEFORE_A_BREAK = frozenset(
    "le la les l' un une des du de d' à au aux et ou mais que qui je tu il elle on ne se ce".split()
    + "the a an of to and or".split()
)
"""Words that belong to the next one: no line ends with them."""
NOTE = "machine transcript, not proof-read"


@dataclass(frozen=True)
class Cue:
    """One caption; frames are those of the 25-fps video, from 0, ``last`` excluded."""

    first: int
    last: int
    lines: tuple[str, ...]
    """One or two."""
    speaker: str | None
    person: str | None
    """Whose name people gave."""
    face: str | None
    """Id of the object that says most of its words."""
    characters_per_second: float
    probability: float | None
    """Of its least sure word, 0..1; None when the engine does not say."""


def cues(words: Sequence[TranscriptWord], total_frames: int | None = None) -> list[Cue]:
    """Cues in order of time, not overlapping, of words in order of time; none stands when the video is over."""
    groups = _groups(words)
    made = []
    for index, group in enumerate(groups):
        first = round(group[0].start * FPS)
        spoken = max(round(group[-1].end * FPS), first + 1)
        limit = round(groups[index + 1][0].start * FPS) - GAP if index + 1 < len(groups) else spoken + HOLD
        last = max(spoken, min(max(spoken + HOLD, first + MIN_FRAMES), limit))
        if index + 1 < len(groups):
            # Two people at once: the earlier cue gives way.
            last = max(first + 1, min(last, limit)) if limit > first else spoken
        last = max(min(last, total_frames or last), first + 1)
        text = " ".join(word.text for word in group)
        speed = len(text) / max((last - first) / FPS, 1 / FPS)
        least = min((word.probability for word in group if word.probability is not None), default=None)
        made.append(Cue(first, last, _lines(group), group[0].speaker, group[0].person, _most_seen(group), speed, least))
    return made


def _most_seen(words: Sequence[TranscriptWord]) -> str | None:
    faces = Counter(word.face for word in words if word.face)
    return min(faces, key=lambda face: (-faces[face], face), default=None)


def too_fast(made: Iterable[Cue]) -> int:
    """Cues that nobody can read in their time."""
    return sum(cue.characters_per_second > READABLE for cue in made)


def write_webvtt(path: Path, made: Sequence[Cue]) -> Path:
    """WebVTT with a voice tag for each speaker (W3C WebVTT: ``&``, ``<`` and ``>`` are escaped)."""
    blocks = ["WEBVTT", f"NOTE {NOTE}"]
    for cue in made:
        text = "\n".join(_escaped(line) for line in cue.lines)
        voice = f"<v {_escaped(cue.speaker)}>{text}</v>" if cue.speaker else text
        blocks.append(f"{_clock(cue.first, '.')} --> {_clock(cue.last, '.')}\n{voice}")
    return write_atomic(path, "\n\n".join(blocks) + "\n")


def write_srt(path: Path, made: Sequence[Cue]) -> Path:
    """SubRip; the speaker is named where another one begins."""
    blocks = [
        f"{number}\n{_clock(cue.first, ',')} --> {_clock(cue.last, ',')}\n{text}\n"
        for number, (cue, text) in enumerate(with_names(made), start=1)
    ]
    return write_atomic(path, "\n".join(blocks))


def with_names(made: Iterable[Cue]) -> Iterator[tuple[Cue, str]]:
    """Each cue with its text, a line each; the speaker is named where another one begins."""
    before: str | None = None
    for cue in made:
        named = cue.speaker and cue.speaker != before
        before = cue.speaker or before
        text = "\n".join(cue.lines)
        yield cue, f"{cue.speaker}: {text}" if named else text


def write_text(path: Path, words: Sequence[TranscriptWord]) -> Path:
    """Plain text, a paragraph for each turn, with the time at which it begins."""
    turns: list[list[TranscriptWord]] = []
    for word in words:
        if not turns or turns[-1][-1].speaker != word.speaker:
            turns.append([])
        turns[-1].append(word)
    paragraphs = [
        f"[{_clock(round(turn[0].start * FPS), '.')}] {turn[0].speaker or '?'}: " + " ".join(one.text for one in turn)
        for turn in turns
    ]
    return write_atomic(path, "\n\n".join([f"({NOTE})", *paragraphs]) + "\n")


def write_captions(base: Path, words: Sequence[TranscriptWord], total_frames: int) -> dict[str, Path]:
    """``<base>.vtt``, ``.srt`` and ``.txt`` of words with their speakers; suffix without dot to path."""
    made = cues(words, total_frames)
    return {
        "vtt": write_webvtt(base.with_name(f"{base.name}.vtt"), made),
        "srt": write_srt(base.with_name(f"{base.name}.srt"), made),
        "txt": write_text(base.with_name(f"{base.name}.txt"), words),
    }


def _groups(words: Sequence[TranscriptWord]) -> list[list[TranscriptWord]]:
    groups: list[list[TranscriptWord]] = []
    for word in words:
        if not groups or _begins(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    return groups


def _begins(cue: Sequence[TranscriptWord], word: TranscriptWord) -> bool:
    last = cue[-1]
    return (
        word.speaker != last.speaker
        or word.start - last.end > MAX_PAUSE
        or last.text.endswith(_SENTENCE_ENDS)
        or word.end - cue[0].start > MAX_SECONDS
        or not _fits([*cue, word])
    )


def _fits(words: Sequence[TranscriptWord]) -> bool:
    return all(len(line) <= LINE for line in _lines(words)) or len(words) == 1


def _lines(words: Sequence[TranscriptWord]) -> tuple[str, ...]:
    """One line if it fits, else the most even two, broken after punctuation and never after an article."""
    texts = [word.text for word in words]
    whole = " ".join(texts)
    if len(whole) <= LINE or len(texts) == 1:
        return (whole,)

    def price(place: int) -> tuple[bool, bool, bool, int]:
        upper, lower = " ".join(texts[:place]), " ".join(texts[place:])
        end = texts[place - 1]
        return (
            max(len(upper), len(lower)) > LINE,
            end.casefold().replace("’", "'") in _NOT_BEFORE_A_BREAK,
            not end.endswith((",", ";", ":", *_SENTENCE_ENDS)) and abs(len(upper) - len(lower)) > LINE // 2,
            abs(len(upper) - len(lower)),
        )

    place = min(range(1, len(texts)), key=price)
    return " ".join(texts[:place]), " ".join(texts[place:])


def _clock(frame: int, point: str) -> str:
    milliseconds = frame * 1000 // FPS
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{milliseconds:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
