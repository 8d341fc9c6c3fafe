"""What ``mediaflow doctor`` reports: facts about this installation, each with a verdict."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import psutil
from dotenv import dotenv_values

from mediaflow_assets.cli.misspelt import misspelt_here
from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.core.layout import Layout
from mediaflow_assets.core.registry import Engine, Registry
from mediaflow_assets.core.telemetry import telemetry_off
from mediaflow_assets.delivery.analysis_store import unstamped_folders
from mediaflow_assets.execution.devices import gpus, usable_cores
from mediaflow_assets.faces.registries import FACE_ENGINES, OBJECT_DETECTORS
from mediaflow_assets.migration.names import unread
from mediaflow_assets.modelstore import ModelStore, load_catalog, store_folder
from mediaflow_assets.operations.written_folders import written_folders
from mediaflow_assets.scenes.engines import ENGINES as SCENE_ENGINES
from mediaflow_assets.settings import Settings, current_values, table
from mediaflow_assets.speech.diarization import ENGINES as SPEECH_ENGINES
from mediaflow_assets.video import ffmpeg

PACKAGES = (
    "mediaflow-assets dagster dagster-webserver torch pyannote.audio mediapipe insightface onnxruntime "
    "opencv-python av ffmpeg-python imageio-ffmpeg pandas numpy"
).split()


@dataclass(frozen=True)
class Line:
    """One fact."""

    name: str
    text: str
    ok: bool = True
    needed: bool = True
    """Whether the product cannot work without it."""


@dataclass(frozen=True)
class Section:
    """Facts that belong together."""

    title: str
    lines: tuple[Line, ...]


class Usage(NamedTuple):
    """Bytes of a disk."""

    total: int
    used: int
    free: int


def diagnose(settings: Settings) -> list[Section]:
    """Every section; nothing is changed and nothing outside this machine is asked."""
    layout = Layout(settings.folders)
    store = ModelStore(store_folder(settings.models, layout.home))
    return [
        Section("versions", tuple(_versions())),
        Section("ffmpeg", tuple(_ffmpeg())),
        Section("devices", tuple(_devices(settings))),
        Section("engines", tuple(_engines(settings, store))),
        Section("models", tuple(_models(store))),
        Section("folders", tuple(_folders(settings, layout))),
        Section("settings", tuple(_settings(settings))),
    ]


def _versions() -> Iterator[Line]:
    yield Line("python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        try:
            yield Line(package, version(package))
        except PackageNotFoundError:
            yield Line(package, "not installed", ok=False)


def _ffmpeg() -> Iterator[Line]:
    try:
        binary = ffmpeg.ffmpeg_binary()
    except MediaflowError as error:
        yield Line("ffmpeg", error.sentence, ok=False)
        return
    yield Line("ffmpeg", f"{ffmpeg.version(binary)} ({binary})")
    for encoder in ("libx264", "aac", "h264_nvenc"):
        works, why = _encoder_works(binary, encoder)
        yield Line(encoder, "works" if works else why, ok=works, needed=encoder != "h264_nvenc")


def _encoder_works(binary: str, encoder: str) -> tuple[bool, str]:
    """Encode a fraction of a second: being compiled in does not mean that an encoder works here."""
    if encoder not in ffmpeg.encoders(binary):
        return False, "not compiled into this ffmpeg"
    source = "anullsrc" if encoder == "aac" else "color=size=256x256"
    kind = "a" if encoder == "aac" else "v"
    command = [
        binary,
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-t",
        "0.2",
        f"-c:{kind}",
        encoder,
        "-f",
        "null",
        "-",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    # The first line is the cause, what follows are its consequences.
    words = result.stderr.strip().splitlines()
    return result.returncode == 0, words[0] if words else "failed"


def _devices(settings: Settings) -> Iterator[Line]:
    memory = psutil.virtual_memory()
    yield Line("cpu", f"{usable_cores()} cores, {memory.total / 2**30:.1f} GiB memory")
    for gpu in gpus():
        yield Line(
            f"gpu {gpu.index}", f"{gpu.name}, {gpu.memory_free / 2**30:.1f} of {gpu.memory_total / 2**30:.1f} GiB free"
        )
    if not gpus():
        yield Line("gpu", "none that the NVIDIA driver reports", ok=False, needed=settings.compute.device == "cuda")
    wanted = settings.compute.device == "cuda"
    for library, build, cuda in (("torch", *_torch_build()), ("onnxruntime", *_onnx_build())):
        yield Line(library, build, ok=cuda or not gpus(), needed=wanted)


def _torch_build() -> tuple[str, bool]:
    import torch

    usable = torch.cuda.is_available()
    return f"built for {f'CUDA {torch.version.cuda}' if torch.version.cuda else 'CPU'}, GPU usable: {usable}", usable


def _onnx_build() -> tuple[str, bool]:
    telemetry_off()
    import onnxruntime

    providers = onnxruntime.get_available_providers()
    return f"providers {', '.join(providers)}", "CUDAExecutionProvider" in providers


def _engines(settings: Settings, store: ModelStore) -> Iterator[Line]:
    looks_for_objects = settings.faces.object_detection != "off"
    chosen: dict[str, tuple[Registry[Engine, ...], str]] = {
        "scenes": (SCENE_ENGINES, settings.scenes.engine),
        "speech": (SPEECH_ENGINES, settings.speech.engine),
        "faces": (FACE_ENGINES, settings.faces.engine),
        "objects": (OBJECT_DETECTORS, settings.faces.object_detector if looks_for_objects else ""),
    }
    for stage, (registry, used) in chosen.items():
        for name in registry.names:
            ok, text = _engine(registry, name, store)
            mark = " (in use)" if name == used else ""
            yield Line(f"{stage}: {name}{mark}", text, ok=ok, needed=name == used)


def _engine(registry: Registry[Engine, ...], name: str, store: ModelStore) -> tuple[bool, str]:
    try:
        engine = registry.get(name)
        for model in engine.models:
            store.path(model)
    except (MediaflowError, ImportError) as error:
        return False, str(error)
    return True, f"{engine.summary} Licence: {engine.licence}."


def _models(store: ModelStore) -> Iterator[Line]:
    for name, model in load_catalog().items():
        status = store.status(name)
        yield Line(name, f"{status.explanation}, {model.licence}", ok=status.usable, needed=False)


def _folders(settings: Settings, layout: Layout) -> Iterator[Line]:
    """Each folder that is written; below the share of HEALTH_DISK_PERCENT its disk has room."""
    limit = settings.operations.disk_warning
    for name, folder in written_folders(layout, settings.delivery, settings.intake).items():
        try:
            usage, there = _probe(folder)
        except OSError as error:
            yield Line(name, f"{folder}: cannot be written ({error.strerror})", ok=False)
            continue
        share = 100 * usage.used / usage.total if usage.total else 0.0
        text = f"{folder}: {usage.free / 2**30:.1f} GiB free"
        if not there and name in ("OUTPUT_DIR", "FALLBACK_OUTPUT_DIR"):
            text += "; it does not exist and would be made, is its disk mounted?"
        elif share >= limit:
            text += f", its disk is {share:.0f} % full; mediaflow prune shows what can go"
        else:
            yield Line(name, text)
            continue
        yield Line(name, text, ok=False, needed=False)
    if passed_over := unstamped_folders(layout.archives):
        some = ", ".join(passed_over[:3]) + (" …" if len(passed_over) > 3 else "")
        text = f"{len(passed_over)} folders without a time in their names are passed over ({some}): docs/moving.md"
        yield Line("analyses", text, ok=False, needed=False)


def _probe(folder: Path) -> tuple[Usage, bool]:
    """Use of the disk of a folder that can be written (or created), and whether it is there; else OSError."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    probe = existing / f".probe-{secrets.token_hex(4)}"
    probe.write_bytes(b"")
    probe.unlink()
    return Usage(*shutil.disk_usage(existing)), existing == folder


def _settings(settings: Settings) -> Iterator[Line]:
    for row, shown in current_values(settings):
        if getattr(getattr(settings, row.group), row.field) != row.default:
            yield Line(row.names[0], shown)
    ours = frozenset(name for row in table() for name in row.names)
    for name, note in unread({**dotenv_values(".env"), **os.environ}, ours).items():
        yield Line(name, f"is a variable of the replaced application and not read: {note}", ok=False, needed=False)
    for name, sentence in misspelt_here().items():
        yield Line(name, sentence, ok=False, needed=False)
