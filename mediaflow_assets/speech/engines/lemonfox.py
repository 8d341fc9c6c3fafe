"""Lemonfox: a paid service that transcribes and tells who speaks."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

import msgspec

from mediaflow_assets.core.errors import BadInput, MediaflowError, Unavailable
from mediaflow_assets.core.files import write_atomic
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform
from mediaflow_assets.speech.diarization import ENGINES, Diarization, DiarizationEngine, SpeakerHints
from mediaflow_assets.speech.lemonfox_api import (
    EUROPE,
    MAX_SPEAKERS,
    WORLD,
    Client,
    parse_reply,
    segments_of,
    words_of,
)
from mediaflow_assets.speech.smoothing import smooth_segments

if TYPE_CHECKING:
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.settings import SpeechSettings

_CONTAINERS = {"opus": ("libopus", "ogg", "audio/ogg"), "aac": ("aac", "mp4", "audio/mp4")}
"""Codec to FFmpeg's encoder, the container and its media type."""


class Lemonfox:
    """Sends the sound of each video, as small as speech allows, and remembers what was answered."""

    name: ClassVar[str] = "lemonfox"
    summary: ClassVar[str] = "Lemonfox cloud API: words and up to four speakers; paid, sends the sound away."
    licence: ClassVar[str] = "LicenseRef-Lemonfox-terms"
    models: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: SpeechSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._compute = compute
        self._fallback: DiarizationEngine | None = None
        self._client: Client | None = None
        self.device = DeviceChoice("cpu", "the work is done by Lemonfox")

    def load(self) -> None:
        """Make ready to send; the network is not touched.

        Raises:
            Unavailable: there is no key.
        """
        if self._client is not None:
            return
        settings = self._settings
        if settings.lemonfox_api_key is None:
            raise Unavailable("LEMONFOX_API_KEY", "is not set", "Set it, or choose another SPEECH_ENGINE")
        url = settings.lemonfox_url or (EUROPE if settings.lemonfox_eu else WORLD)
        key = settings.lemonfox_api_key.get_secret_value()
        self._client = Client(key, url, settings.lemonfox_timeout, settings.lemonfox_tries)

    def process(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        """Who speaks when; see :class:`~mediaflow_assets.speech.engines.DiarizationEngine`.

        Raises:
            Unavailable, BadInput, Interrupted: the service failed and ``LEMONFOX_FALLBACK`` is off.
        """
        self.load()
        if not len(waveform.samples):
            return Diarization()
        self.device = DeviceChoice("cpu", "the work is done by Lemonfox")
        try:
            result = self._ask(waveform, hints, progress)
        except MediaflowError as error:
            if not self._settings.lemonfox_fallback:
                raise
            return self._instead(waveform, hints, progress, error)
        progress(1.0, "done")
        return result

    def _ask(self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None]) -> Diarization:
        settings = self._settings
        progress(0.0, "sending")
        reply = parse_reply(self._reply(waveform, self._fields(hints)))
        words = words_of(reply, waveform.seconds)
        segments = smooth_segments(
            segments_of(reply, words, waveform.seconds),
            waveform.seconds,
            gap_fill=settings.lemonfox_gap_fill,
            min_on=settings.lemonfox_min_on,
        )
        speakers = {one.speaker for one in segments if one.speaker}
        notes = []
        if len(speakers) > MAX_SPEAKERS or (hints.exact or hints.minimum or 0) > MAX_SPEAKERS:
            notes.append(f"Lemonfox tells at most {MAX_SPEAKERS} speakers apart: these speakers are unreliable.")
        if any(not one.speaker for one in segments):
            notes.append("Lemonfox did not say who speaks in some of the speech.")
        return Diarization(segments, words, notes=tuple(notes))

    def _fields(self, hints: SpeakerHints) -> list[tuple[str, str]]:
        settings = self._settings
        fields = [("response_format", "verbose_json")]
        if settings.lemonfox_language:
            fields.append(("language", settings.lemonfox_language))
        if settings.lemonfox_prompt:
            fields.append(("prompt", settings.lemonfox_prompt))
        fields += [("timestamp_granularities[]", name) for name in settings.lemonfox_granularities]
        if settings.lemonfox_speaker_labels:
            least = hints.exact or hints.minimum or settings.lemonfox_min_speakers
            most = hints.exact or hints.maximum or settings.lemonfox_max_speakers
            fields.append(("speaker_labels", "true"))
            fields += [("min_speakers", str(least))] if least else []
            fields += [("max_speakers", str(most))] if most else []
        return fields

    def _reply(self, waveform: Waveform, fields: list[tuple[str, str]]) -> bytes:
        """The service's answer, or what it answered to the same request before: nothing is paid twice."""
        settings = self._settings
        digest = hashlib.sha256(waveform.samples.data)
        digest.update(msgspec.json.encode([fields, settings.lemonfox_codec, settings.lemonfox_bitrate]))
        folder = settings.lemonfox_replies
        known = folder / f"{digest.hexdigest()}.json" if folder else None
        if known is not None and known.exists():
            return known.read_bytes()
        content, name, kind = encode(waveform, settings.lemonfox_codec, settings.lemonfox_bitrate)
        limit = settings.lemonfox_max_upload_mb
        if len(content) > limit * 1_000_000:
            raise BadInput(
                "the sound",
                f"has {len(content) / 1e6:.0f} MB, more than LEMONFOX_MAX_UPLOAD_MB={limit}",
                "Lower LEMONFOX_TRANSCODE_BITRATE_KBPS or choose another SPEECH_ENGINE",
            )
        assert self._client is not None  # noqa: S101 - load() made it
        reply = self._client.transcribe(name, content, kind, fields)
        parse_reply(reply)
        if known is not None:
            write_atomic(known, reply)
        return reply

    def _instead(
        self, waveform: Waveform, hints: SpeakerHints, progress: Callable[[float, str], None], error: MediaflowError
    ) -> Diarization:
        """This video by the local engine; the next one is sent to Lemonfox again."""
        if self._fallback is None:
            self._fallback = ENGINES.create("onnx_local", self._settings, self._store, self._compute)
        result = self._fallback.process(waveform, hints, progress)
        self.device = self._fallback.device
        note = f"{self._fallback.name} was used instead of lemonfox. {error.sentence}"
        return Diarization(result.segments, result.words, result.voices, self._fallback.name, (*result.notes, note))


def encode(waveform: Waveform, codec: str, kilobits: int) -> tuple[bytes, str, str]:
    """A waveform as a small mono file: its content, a file name and a media type."""
    import av

    encoder, container, kind = _CONTAINERS[codec]
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        track = cast(av.AudioStream, output.add_stream(encoder, rate=SAMPLE_RATE, layout="mono"))
        track.bit_rate = kilobits * 1000
        for first in range(0, len(waveform.samples), SAMPLE_RATE):
            part = waveform.samples[None, first : first + SAMPLE_RATE]
            frame = av.AudioFrame.from_ndarray(part, format="flt", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = first
            output.mux(track.encode(frame))
        output.mux(track.encode(None))
    return stream.getvalue(), f"audio.{container}", kind
