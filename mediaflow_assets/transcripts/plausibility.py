"""Whether a transcript can be believed: what its figures say, as a sentence, or nothing."""

from __future__ import annotations

from mediaflow_assets.formats.details import TranscriptDetails

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


def language(details: TranscriptDetails) -> str:
    """Doubts of the language."""
    if details.language_probability < MIN_LANGUAGE_PROBABILITY:
        return f"the language of a speaker is not sure ({details.language_probability:.0%})"
    if details.other_language > MAX_OTHER_LANGUAGE:
        return f"{details.other_language:.0%} of the speech is in another language than {details.language}"
    median = _median(details)
    if median < MIN_MEDIAN_PROBABILITY:
        return f"most words are unsure ({median:.0%}): another language may be spoken than {details.language}"
    return ""


def words(details: TranscriptDetails) -> str:
    """Doubts of the number of words."""
    if details.repeated >= MAX_REPETITIONS:
        return f"the same three words come {details.repeated} times in a row"
    least, most = WORDS_PER_SECOND
    rate = least if details.words_per_second is None else details.words_per_second
    if details.speech_seconds >= MIN_SPEECH and not least <= rate <= most:
        return f"{rate} words per second of speech"
    return ""


def sureness(details: TranscriptDetails) -> str:
    """Doubts of the words themselves."""
    median = _median(details)
    if median < MIN_MEDIAN_PROBABILITY:
        return f"half of the words have a probability below {median:.0%}: read before use"
    return ""


def _median(details: TranscriptDetails) -> float:
    """Of the words' probabilities; without words, or where the engine gives none, nothing is doubtful."""
    return details.median_probability if details.words and details.median_probability is not None else 1.0
