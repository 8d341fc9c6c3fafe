"""Whisper on CTranslate2, offline, on processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.transcript_json import LanguageSpan
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.transcripts.languages import MIN_TURN, Turns, longest_turns, windows_of_one_language
from mediaflow_assets.transcripts.model_folder import model_folder, stored_models
from mediaflow_assets.transcripts.registry import Heard
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.transcripts.words import Passage, Piece, believed, clipped, whole_words

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment as WhisperSegment

    from mediaflow_assets.formats.audio_json import AudioHead, Segment
    from mediaflow_assets.speech.audio import Waveform
    from mediaflow_assets.transcripts.windows import Window

MIN_OTHER_LANGUAGE = 0.6
"""Probability from which a speaker is taken to speak another language than the one that was set."""
MAX_VOCABULARY_TOKENS = 223
"""Half of what the decoder may read before it writes, less one (Whisper's own limit for prompts)."""


class Whisper:
    """Radford et al. 2022, multilingual, int8.

    Each window is decoded by one thread, several at a time: with more threads in a window other
    words come out on machines with another number of cores. Temperature 0 and no text carried
    from window to window: the same sound gives the same words, and a mistake stays where it is.
    """

    name: ClassVar[str] = "whisper"
    summary: ClassVar[str] = "Whisper (multilingual) on a CPU; finds words, does not replace a person."
    licence: ClassVar[str] = "MIT"
    listens: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("faster_whisper",)
    models: tuple[str, ...] = ()
    """Of the chosen size; none for a folder of the user's."""

    def __init__(self, settings: TranscriptSettings, store: ModelStore, compute: ComputeSettings) -> None:
        self._settings = settings
        self._store = store
        self._workers = compute.thread_count()
        self._model: WhisperModel | None = None
        self.models = stored_models(settings.model)
        self.model_sha256 = ""

    def load(self) -> None:
        if self._model is not None:
            return
        folder, sha256 = model_folder(self._store, self._settings.model)
        # A second lock: the library never asks a hub, whatever it finds missing.
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise Unavailable(
                "faster-whisper", "is not installed", "Run: pip install 'mediaflow-assets[transcribe]'"
            ) from error
        try:
            model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
                num_workers=self._workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:  # CTranslate2's types for a file that it cannot read
            raise BadInput(folder, "is no Whisper model that can be loaded", "Fetch or copy it again") from error
        self._check(model)
        self._model, self.model_sha256 = model, sha256

    def _check(self, model: WhisperModel) -> None:
        settings = self._settings
        if not model.model.is_multilingual and settings.language != "en":
            raise BadInput(f"SPEECH_TRANSCRIBE_MODEL={settings.model}", "knows only English", "Set SPEECH_LANGUAGE=en")
        tokens = len(model.hf_tokenizer.encode(self._hot_words or "").ids)
        if tokens > MAX_VOCABULARY_TOKENS:
            raise BadInput(
                "SPEECH_VOCABULARY",
                f"is too long ({tokens} pieces of words, at most {MAX_VOCABULARY_TOKENS} can be listened for)",
                "Leave out what is said clearly anyway",
            )

    @property
    def _hot_words(self) -> str | None:
        return ", ".join(self._settings.vocabulary) or None

    def process(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        audio: AudioHead,
        progress: Callable[[float], None],
    ) -> Heard:
        segments = audio.segments
        if not windows:
            return Heard((), (), believed(())[1])
        self.load()
        spans = self._languages(waveform, windows, segments)
        passages: list[tuple[LanguageSpan, list[Passage]]] = []
        with ThreadPoolExecutor(self._workers) as pool:
            heard = pool.map(lambda span: self._decode(waveform, span), spans)
            for number, (span, found) in enumerate(zip(spans, heard, strict=True), start=1):
                passages.append((span, found))
                progress(number / len(spans))
        kept, dropped = believed(passage for _, found in passages for passage in found)
        ids = {id(passage) for passage in kept}
        words = [
            word
            for span, found in passages
            for word in whole_words([passage for passage in found if id(passage) in ids], span.language)
        ]
        notes, doubted = self._doubts(waveform, segments)
        return Heard(clipped(words, segments), spans, dropped, notes, doubted)

    def _doubts(self, waveform: Waveform, segments: Sequence[Segment]) -> tuple[tuple[str, ...], float]:
        """Who seems to speak another language than the one that was set, and how much of the speech that is.

        The longest turn of each speaker is listened to; the network writes fluent nonsense in the language that it is
        told, so that its words show nothing.
        """
        wanted = self._settings.language
        if wanted == "auto":
            return (), 0.0
        assert self._model is not None  # noqa: S101 - loaded before
        notes, seconds = [], 0.0
        for speaker, turns in longest_turns(segments).items():
            (start, end), *_ = turns
            _, _, every = self._model.detect_language(waveform.part(start, end))
            language, probability = max(every, key=lambda one: one[1])
            if language != wanted and end - start >= MIN_TURN and probability >= MIN_OTHER_LANGUAGE:
                notes.append(f"{speaker or 'somebody'} seems to speak {language}, not {wanted} ({probability:.0%}).")
                seconds += sum(one.end - one.start for one in segments if one.speaker == speaker)
        spoken = sum(one.end - one.start for one in segments)
        return tuple(notes), seconds / spoken if spoken else 0.0

    def _languages(
        self, waveform: Waveform, windows: Sequence[Window], segments: Sequence[Segment]
    ) -> list[LanguageSpan]:
        if self._settings.language != "auto":
            return [LanguageSpan(start, end, self._settings.language, 1.0, "set") for start, end in windows]
        found = {speaker: self._language(waveform, turns) for speaker, turns in longest_turns(segments).items()}
        return windows_of_one_language(windows, segments, found)

    def _language(self, waveform: Waveform, turns: Turns) -> tuple[str, float]:
        """Of one speaker: the likeliest of the allowed ones over the longest turns."""
        assert self._model is not None  # noqa: S101 - loaded before
        allowed = self._settings.languages
        total = dict.fromkeys(allowed, 0.0)
        for start, end in turns:
            _, _, every = self._model.detect_language(waveform.part(start, end))
            for language, probability in every:
                if language in total:
                    total[language] += float(probability)
        best = max(allowed, key=lambda language: total[language])
        return best, round(total[best] / (sum(total.values()) or 1.0), 3)

    def _decode(self, waveform: Waveform, span: LanguageSpan) -> list[Passage]:
        assert self._model is not None  # noqa: S101 - loaded before
        made, _ = self._model.transcribe(
            waveform.part(span.start, span.end),
            language=span.language,
            beam_size=self._settings.beam,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            hotwords=self._hot_words,
            vad_filter=False,
        )
        return list(_passages(made, span.start))


def _passages(made: Iterable[WhisperSegment], offset: float) -> Iterator[Passage]:
    for one in made:
        # The library gives NumPy's numbers, which documents do not know.
        pieces = tuple(
            Piece(offset + float(word.start), offset + float(word.end), word.word, float(word.probability))
            for word in one.words or ()
        )
        yield Passage(pieces, float(one.no_speech_prob), float(one.avg_logprob), float(one.compression_ratio))
