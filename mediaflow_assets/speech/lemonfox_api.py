"""The Lemonfox speech-to-text API: one request, its replies and its faults.

``POST /v1/audio/transcriptions`` as described on the vendor's page: multipart, a bearer key,
``verbose_json`` for time stamps and speakers. The vendor documents neither a list of errors nor
an idempotency key, so only what cannot have been charged is tried again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from mediaflow_assets.core.errors import BadInput, Interrupted, Unavailable
from mediaflow_assets.formats.audio_json import Segment, Word

if TYPE_CHECKING:
    import requests
    from tenacity import RetryCallState

WORLD, EUROPE = "https://api.lemonfox.ai", "https://eu-api.lemonfox.ai"
PATH = "/v1/audio/transcriptions"
MAX_SPEAKERS = 4
"""Speakers that the service tells apart, by its documentation."""
_MAX_WAIT = 60.0
"""Seconds between two tries, whatever ``Retry-After`` says."""


class Reply(msgspec.Struct, frozen=True):
    """``verbose_json``; everything but the times of a segment may be missing."""

    segments: tuple[ReplySegment, ...] | None = None
    words: tuple[ReplyWord, ...] | None = None
    language: str | None = None
    duration: float | None = None
    text: str | None = None


class ReplySegment(msgspec.Struct, frozen=True):
    """A stretch of speech, usually a sentence."""

    start: float
    end: float
    text: str = ""
    speaker: str | None = None
    words: tuple[ReplyWord, ...] | None = None


class ReplyWord(msgspec.Struct, frozen=True):
    """One word; ``speaker`` is that of its segment when missing."""

    word: str = ""
    start: float | None = None
    end: float | None = None
    speaker: str | None = None


class _Busy(Exception):
    """The request was not carried out; it may be sent again."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


class Client:
    """Args:
    key: sent as a bearer token, never put into a message.
    url: address without path.
    timeout: seconds to wait for the answer.
    tries: how often to send what was refused for now.
    """

    def __init__(self, key: str, url: str, timeout: float, tries: int) -> None:
        self._key = key
        self._url = url.rstrip("/") + PATH
        self._timeout = timeout
        self._tries = tries

    def transcribe(self, name: str, content: bytes, kind: str, fields: Sequence[tuple[str, str]]) -> bytes:
        """Send a sound; returns the JSON of the reply.

        Args:
            name: file name with its suffix.
            content: the sound.
            kind: its media type.
            fields: form fields; names may repeat.

        Raises:
            Unavailable: the key was refused.
            BadInput: the sound is too large or the request was refused for good.
            Interrupted: the service is busy, broken, silent, or answers with something else.
        """
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Busy),
            stop=tenacity.stop_after_attempt(self._tries),
            wait=_wait,
            reraise=True,
        )
        try:
            return retrying(self._once, name, content, kind, fields)
        except _Busy as error:
            raise Interrupted("Lemonfox", f"{error} ({self._tries} tries)", "Try again later") from None

    def _once(self, name: str, content: bytes, kind: str, fields: Sequence[tuple[str, str]]) -> bytes:
        import requests

        try:
            response = requests.post(
                self._url,
                headers={"Authorization": f"Bearer {self._key}"},
                data=list(fields),
                files={"file": (name, content, kind)},
                timeout=(10, self._timeout),
                allow_redirects=False,
            )
        except requests.ReadTimeout:
            # The work may have been done and charged: not sent again.
            raise Interrupted(
                "Lemonfox", f"gave no answer within {self._timeout:g} s", "Raise LEMONFOX_TIMEOUT_SEC and try again"
            ) from None
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Busy(f"cannot be reached ({type(error).__name__})") from None
        except requests.RequestException as error:
            raise Interrupted("Lemonfox", f"broke off its answer ({type(error).__name__})", "Try again") from None
        self._judge(response)
        return response.content

    def _judge(self, response: requests.Response) -> None:
        code = response.status_code
        if code == 200:
            return
        if code == 429 or code >= 500:
            raise _Busy(f"answers {code}", _retry_after(response.headers.get("Retry-After")))
        if code in (401, 403):
            raise Unavailable("LEMONFOX_API_KEY", f"was refused by Lemonfox ({code})", "Set a valid key")
        if code == 413:
            raise BadInput(
                "the sound", "is larger than Lemonfox accepts (413)", "Lower LEMONFOX_TRANSCODE_BITRATE_KBPS"
            )
        words = response.text.replace(self._key, "***").strip().replace("\n", " ")[:200]
        raise BadInput(
            "Lemonfox", f"refuses the request ({code}: {words or 'no reason given'})", "Choose another SPEECH_ENGINE"
        )


def _wait(state: RetryCallState) -> float:
    """What the service asks for, else 1, 2, 4 … s."""
    error = state.outcome.exception() if state.outcome else None
    wait = error.wait if isinstance(error, _Busy) and error.wait is not None else 2.0 ** (state.attempt_number - 1)
    return min(wait, _MAX_WAIT)


def _retry_after(value: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header; a date or nonsense is None."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def parse_reply(content: bytes) -> Reply:
    """Read a reply.

    Raises:
        Interrupted: it is cut off, or is not ``verbose_json``.
    """
    try:
        reply = msgspec.json.decode(content, type=Reply)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Interrupted("Lemonfox", f"answered with something that is no transcript ({error})", "Try again") from None
    if reply.segments is None and reply.words is None:
        raise Interrupted("Lemonfox", "answered without segments and words", "Try again")
    return reply


def words_of(reply: Reply, duration: float) -> list[Word]:
    """Words with usable times inside ``0..duration`` seconds, those of the reply or of its segments."""

    def found() -> Iterator[tuple[ReplyWord, str | None]]:
        if reply.words:
            yield from ((word, word.speaker) for word in reply.words)
            return
        for segment in reply.segments or ():
            yield from ((word, word.speaker or segment.speaker) for word in segment.words or ())

    words = []
    for word, speaker in found():
        if word.start is not None and word.end is not None and (span := _inside(word.start, word.end, duration)):
            words.append(Word(*span, word.word.strip(), speaker or _speaker_at(reply, sum(span) / 2)))
    return words


def segments_of(reply: Reply, words: Sequence[Word], duration: float) -> list[Segment]:
    """Speech in seconds: the words if there are any, else the segments; "" is nobody known."""
    if words:
        return [Segment(word.start, word.end, word.speaker or "") for word in words]
    return [
        Segment(*span, segment.speaker or "")
        for segment in reply.segments or ()
        if (span := _inside(segment.start, segment.end, duration))
    ]


def _speaker_at(reply: Reply, time: float) -> str | None:
    for segment in reply.segments or ():
        if segment.speaker and segment.start <= time < segment.end:
            return segment.speaker
    return None


def _inside(start: float, end: float, duration: float) -> tuple[float, float] | None:
    """A span cut to the sound, or None when nothing is left of it."""
    if not (math.isfinite(start) and math.isfinite(end)):
        return None
    start, end = max(start, 0.0), min(end, duration)
    return (start, end) if end > start else None
