"""How many words are right, whose they are and when they are said, on clips and on conversations made of them.

    python -m benchmarks speech.words FOLDER [--out table.md]
    python -m benchmarks speech.words FOLDER --hours 4

FOLDER has ``clips.tsv``: file, language, speaker, what is said; a tab between them, a line a clip. A clip without
speech has ``-`` for its speaker and no words. Nothing of it is part of this project.

The clips of a language are trimmed, brought to one level and put one after the other with pauses of 0.15 to 0.5 s, the
speakers in turn: a conversation with known turns and words. It is heard as a project is: ``onnx_local`` tells who
speaks when, Whisper listens to the speech that was found, words get their speakers. Measured are

- WER: wrong, missing and invented words per word that was said (meeteval);
- cpWER: the same with each speaker's words by themselves, under the best assignment of speakers: a word that is given
  to the wrong one counts twice;
- starts and ends of turns: seconds from the true edge to the first and the last word that lies in the turn;
- CPU seconds of the words alone, with one thread a window.

Case, punctuation, apostrophes and hyphens do not count.

``--hours`` concatenates the clips to a sound of that length and measures the most memory that making its transcript
takes.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import resource
import statistics
import time
import unicodedata
import wave
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech.long_sound import memory
from mediaflow_assets.core.timebase import FPS
from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.formats.audio_json import AudioHead, Segment
from mediaflow_assets.formats.transcript_json import TranscriptWord
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.settings import Settings
from mediaflow_assets.speech.audio import SAMPLE_RATE, Waveform, read_waveform
from mediaflow_assets.speech.diarization import NO_HINTS
from mediaflow_assets.speech.engines.onnx_local import OnnxLocal
from mediaflow_assets.speech.settings import SpeechSettings
from mediaflow_assets.transcripts.attribution import with_speakers
from mediaflow_assets.transcripts.engines.whisper import Whisper
from mediaflow_assets.transcripts.registry import Heard
from mediaflow_assets.transcripts.settings import TranscriptSettings
from mediaflow_assets.transcripts.windows import speech_windows

Samples = NDArray[np.float32]
PAUSES = (0.15, 0.5)
"""Seconds."""
LEVEL = 0.08
"""Root mean square of every clip."""
NOBODY = "-"


@dataclass(frozen=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    language: str
    speaker: str
    text: str
    samples: Samples


@dataclass(frozen=True)
class Turn:
    """A clip in a conversation; seconds."""

    start: float
    end: float
    clip: Clip


def read_clips(folder: Path) -> list[Clip]:
    """The clips of ``clips.tsv``, without the silence around them."""
    clips = []
    with (folder / "clips.tsv").open(encoding="utf-8", newline="") as stream:
        for name, language, speaker, text in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            waveform = read_waveform(folder / name)
            if waveform is None:
                raise SystemExit(f"{name} has no sound")
            samples = np.asarray(waveform.samples, np.float32)
            clips.append(Clip(name, language, speaker, text, samples if speaker == NOBODY else _trimmed(samples)))
    return clips


def _trimmed(samples: Samples) -> Samples:
    block = SAMPLE_RATE // 100
    loudness = np.sqrt((samples[: len(samples) // block * block].reshape(-1, block) ** 2).mean(axis=1))
    (loud,) = np.nonzero(loudness > loudness.max() / 30)
    inside = samples[loud[0] * block : (loud[-1] + 1) * block]
    return np.asarray(inside * (LEVEL / np.sqrt((inside**2).mean())), np.float32)


def conversation(clips: Sequence[Clip]) -> tuple[Waveform, list[Turn]]:
    """The clips one after the other, each speaker in turn."""
    by_speaker: dict[str, list[Clip]] = {}
    for clip in clips:
        by_speaker.setdefault(clip.speaker, []).append(clip)
    order = [clip for round_ in itertools.zip_longest(*by_speaker.values()) for clip in round_ if clip]
    random = np.random.default_rng(18)
    parts, turns, clock = [np.zeros(SAMPLE_RATE, np.float32)], [], 1.0
    for clip in order:
        turns.append(Turn(clock, clock + len(clip.samples) / SAMPLE_RATE, clip))
        pause = np.zeros(round(random.uniform(*PAUSES) * SAMPLE_RATE), np.float32)
        parts += [clip.samples, pause]
        clock = sum(map(len, parts)) / SAMPLE_RATE
    sound = np.concatenate(parts)
    return Waveform(sound + random.normal(0, 0.0005, len(sound)).astype(np.float32)), turns


def plain(text: str) -> str:
    """Words alone, in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("œ", "oe")
    return " ".join(re.findall(r"\w+", re.sub(r"['’\-]", " ", folded)))


def said(words: Iterable[TranscriptWord]) -> str:
    """What was heard, in one line."""
    return plain(" ".join(word.text for word in words))


def models() -> ModelStore:
    """The models of this installation."""
    folder = Settings.load().models.folder
    if folder is None:
        raise SystemExit("Set MEDIAFLOW_MODELS_DIR")
    return ModelStore(folder)


class Listener:
    """The engines of a project, loaded once."""

    def __init__(self, workers: int) -> None:
        self._store = models()
        self._workers = workers
        self._voices = OnnxLocal(SpeechSettings(), self._store, ComputeSettings(device="cpu"))
        self._whispers: dict[str, Whisper] = {}

    def whisper(self, language: str) -> Whisper:
        """The network for a language."""
        if language not in self._whispers:
            settings = TranscriptSettings(engine="whisper", language=language)
            self._whispers[language] = Whisper(settings, self._store, ComputeSettings(threads=self._workers))
            self._whispers[language].load()
        return self._whispers[language]

    def hear(self, waveform: Waveform, language: str) -> tuple[Heard, list[Segment], float]:
        """Words, who speaks when, and the CPU seconds of the words."""
        segments = self._voices.process(waveform, NO_HINTS, lambda _fraction, _step: None).segments
        whisper = self.whisper(language)
        windows = speech_windows(segments, waveform.seconds)
        head = AudioHead(video_filename="clip", total_frames=round(waveform.seconds * FPS), segments=tuple(segments))
        started = time.process_time()
        heard = whisper.process(waveform, windows, head, lambda _: None)
        return heard, list(segments), time.process_time() - started


def error_rate(reference: str, hypothesis: str) -> str:
    """WER in percent, and the mistakes in words."""
    from meeteval.wer import siso_word_error_rate

    found = siso_word_error_rate(reference, hypothesis)
    return f"{found.errors / found.length * 100:.1f} % ({found.errors} of {found.length})"


def conversation_row(name: str, language: str, clips: Sequence[Clip], listener: Listener) -> str:
    """One line of the table of conversations."""
    from meeteval.wer import cp_word_error_rate

    waveform, turns = conversation(clips)
    heard, segments, seconds = listener.hear(waveform, language)
    words = with_speakers(heard.words, segments)
    truth: dict[str, str] = {}
    for turn in turns:
        truth[turn.clip.speaker] = f"{truth.get(turn.clip.speaker, '')} {plain(turn.clip.text)}".strip()
    found: dict[str, str] = {}
    for word in words:
        found[word.speaker or "?"] = f"{found.get(word.speaker or '?', '')} {plain(word.text)}".strip()
    together = cp_word_error_rate(truth, found)
    starts, ends = _edges(turns, words)
    return (
        f"| {name} | {len(truth)} | {len(turns)} | {waveform.seconds:.0f} | "
        f"{error_rate(' '.join(plain(turn.clip.text) for turn in turns), said(words))} | "
        f"{together.error_rate * 100:.1f} % | {len({one.speaker for one in segments})} | {_spread(starts)} | "
        f"{_spread(ends)} | {seconds:.1f} | {waveform.seconds / seconds:.1f} |"
    )


def _edges(turns: Sequence[Turn], words: Sequence[TranscriptWord]) -> tuple[list[float], list[float]]:
    """Seconds from the edge of each turn to the first and last word whose middle lies in it."""
    starts, ends = [], []
    for turn in turns:
        inside = [word for word in words if turn.start <= (word.start + word.end) / 2 <= turn.end]
        if inside:
            starts.append(inside[0].start - turn.start)
            ends.append(inside[-1].end - turn.end)
    return starts, ends


def _spread(differences: Sequence[float]) -> str:
    if not differences:
        return "-"
    sizes = sorted(abs(difference) for difference in differences)
    return (
        f"{statistics.median(differences):+.2f}, {sizes[int(0.9 * (len(sizes) - 1))]:.2f}, {sizes[-1]:.2f}"
        f" ({len(differences)})"
    )


def report(folder: Path) -> Iterator[str]:
    """The tables, line by line."""
    clips = read_clips(folder)
    one, two = Listener(1), Listener(2)
    spoken = [clip for clip in clips if clip.speaker != NOBODY]
    yield "| clip | language | s | WER | words as with two workers | CPU s |"
    yield "|---|---|---|---|---|---|"
    totals: dict[str, list[tuple[str, str]]] = {}
    for clip in spoken:
        waveform = Waveform(np.concatenate([np.zeros(8000, np.float32), clip.samples, np.zeros(8000, np.float32)]))
        heard, _, seconds = one.hear(waveform, clip.language)
        same = list(heard.words) == list(two.hear(waveform, clip.language)[0].words)
        totals.setdefault(clip.language, []).append((plain(clip.text), said(heard.words)))
        yield (
            f"| {clip.name} | {clip.language} | {waveform.seconds:.1f} | "
            f"{error_rate(plain(clip.text), said(heard.words))} | {'yes' if same else 'NO'} | {seconds:.1f} |"
        )
    for language, pairs in totals.items():
        yield f"| all | {language} | | {_total(pairs)} | | |"
    yield ""
    yield "| sound without speech | s | segments found | words |"
    yield "|---|---|---|---|"
    for name, waveform in [*_noises(), *((clip.name, Waveform(clip.samples)) for clip in clips if clip not in spoken)]:
        heard, segments, _ = one.hear(waveform, "fr")
        yield f"| {name} | {waveform.seconds:.0f} | {len(segments)} | {len(heard.words)} {said(heard.words)[:60]} |"
    yield ""
    yield (
        "| conversation | speakers | turns | s | WER | cpWER | speakers found | starts: median, 90 %, most (turns)"
        " | ends | CPU s | s per CPU s |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for language in totals:
        yield conversation_row(language, language, [clip for clip in spoken if clip.language == language], one)


def _total(pairs: Sequence[tuple[str, str]]) -> str:
    from meeteval.wer import siso_word_error_rate

    found = [siso_word_error_rate(reference, hypothesis) for reference, hypothesis in pairs]
    errors, length = sum(one.errors for one in found), sum(one.length for one in found)
    return f"{errors / length * 100:.1f} % ({errors} of {length})"


def _noises() -> Iterator[tuple[str, Waveform]]:
    """Thirty seconds each."""
    count = 30 * SAMPLE_RATE
    time_ = np.arange(count) / SAMPLE_RATE
    random = np.random.default_rng(18)
    white = random.normal(0, 0.05, count)
    chord = sum(np.sin(2 * np.pi * tone * time_) for tone in (220.0, 277.18, 329.63, 440.0))
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 0.5 * time_)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(count // 2 + 1), 1))
    pink = np.fft.irfft(spectrum, count)
    sounds = {
        "silence": np.zeros(count),
        "white noise": white,
        "pink noise": pink / np.abs(pink).max() * 0.3,
        "hum of 50 Hz": 0.1 * np.sin(2 * np.pi * 50 * time_),
        "chords that swell": 0.05 * chord * swell,
    }
    for name, samples in sounds.items():
        yield name, Waveform(samples.astype(np.float32))


def long(folder: Path, hours: float) -> None:
    """Memory and time of the transcript of a long sound, through the stage's own function."""
    from mediaflow_assets.formats.audio_json import write_audio
    from mediaflow_assets.formats.transcript_json import read_transcript
    from mediaflow_assets.transcripts.transcribe import transcribe_video

    sound, turns = conversation([clip for clip in read_clips(folder) if clip.language == "en" and clip.speaker != "-"])
    count = int(hours * 3600 / sound.seconds)
    segments = [
        Segment(
            round(turn.start + sound.seconds * number, 3),
            round(turn.end + sound.seconds * number, 3),
            turn.clip.speaker,
        )
        for number in range(count)
        for turn in turns
    ]
    path, audio, target = folder / "long.wav", folder / "long_audio.json", folder / "long_transcript.json"
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(SAMPLE_RATE)
        block = (np.clip(sound.samples, -1, 1) * 32767).astype("<i2").tobytes()
        for _ in range(count):
            stream.writeframes(block)
    frames = int(sound.seconds * count * FPS)
    head = AudioHead(video_filename="long", total_frames=frames, segments=tuple(segments))
    write_audio(audio, head, ([] for _ in range(frames)))
    settings = TranscriptSettings(engine="whisper", language="en")
    engine = Whisper(settings, models(), ComputeSettings(threads=2))
    engine.load()
    loaded, started, clock = memory("RssAnon"), time.process_time(), time.monotonic()
    most = [0]

    def watch(fraction: float) -> None:
        most[0] = max(most[0], memory("RssAnon"))

    details = transcribe_video(path, audio, target, engine, settings, "long", watch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(
        f"{frames / FPS / 3600:.2f} h, {details['speech_seconds'] / 3600:.2f} h of speech, {details['words']} words, "
        f"{time.process_time() - started:.0f} CPU s, {time.monotonic() - clock:.0f} s; own memory {loaded} MB loaded, "
        f"{most[0]} MB at most; with mapped files {peak} MB at most; "
        f"document {target.stat().st_size / 1e6:.1f} MB, read back {len(read_transcript(target).words)} words"
    )
    path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--hours", type=float)
    arguments = parser.parse_args()
    if arguments.hours:
        long(arguments.folder, arguments.hours)
        return
    lines = []
    for line in report(arguments.folder):
        print(line, flush=True)
        lines.append(line)
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
