"""Whether a transcript can be believed: what its figures say, as a sentence, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIN_LANGUAGE_PROBABILITY = 0.6
MAX_OTHER_LANGUAGE = 0.2
"""Part of the speech that may be in another language than the one that was set."""
WORDS_PER_SECOND = (0.8, 5.0)
"""Of speech; people read aloud and talk with 2 to 4."""
MAX_REPETITIONS = 5
"""The same three words in a row."""
MIN_SPEECH = 5.0
"""Seconds; less speech says nothing about its figures."""
MIN_MEDIAN_PROBABILITY = 0.5


def language(details: Mapping[str, Any]) -> str:
    """Doubts of the language."""
    probability = float(details.get("language_probability", 1.0))
    if probability < MIN_LANGUAGE_PROBABILITY:
        return f"the language of a speaker is not sure ({probability:.0%})"
    other = float(details.get("other_language", 0.0))
    if other > MAX_OTHER_LANGUAGE:
        return f"{other:.0%} of the speech is in another language than {details.get('language')}"
    median = _median(details)
    if median < MIN_MEDIAN_PROBABILITY:
        return f"most words are unsure ({median:.0%}): another language may be spoken than {details.get('language')}"
    return ""


def words(details: Mapping[str, Any]) -> str:
    """Doubts of the number of words."""
    repeated = int(details.get("repeated", 0))
    if repeated >= MAX_REPETITIONS:
        return f"the same three words come {repeated} times in a row"
    least, most = WORDS_PER_SECOND
    rate = float(details.get("words_per_second", least))
    if float(details.get("speech_seconds", 0)) >= MIN_SPEECH and not least <= rate <= most:
        return f"{rate} words per second of speech"
    return ""


def sureness(details: Mapping[str, Any]) -> str:
    """Doubts of the words themselves."""
    median = _median(details)
    if median < MIN_MEDIAN_PROBABILITY:
        return f"half of the words have a probability below {median:.0%}: read before use"
    return ""


def _median(details: Mapping[str, Any]) -> float:
    """Of the words' probabilities; without words, or where the engine gives none, nothing is doubtful."""
    median = details.get("median_probability")
    return float(median) if details.get("words") and median is not None else 1.0
