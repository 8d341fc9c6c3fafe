"""Every path that uses a GPU, run once for real and compared with the CPU: ``make gpu-check``.

    MEDIAFLOW_MODELS_DIR=… python -m benchmarks gpu.check

Prints a table: what was run, whether it says what the CPU says, seconds on the CPU and on the GPU. Where a
GPU cannot do something (an H200 has no encoder), the row says that the CPU does it, and why. Exit code 0:
everything agrees; 1: something does not, or there is no GPU.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mediaflow_assets.core.errors import MediaflowError
from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.execution.devices import ComputeSettings, DeviceChoice, choose_torch_device, gpus
from mediaflow_assets.execution.onnx_sessions import onnx_device, open_session
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.orchestration.pools import INFERENCE, limits
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.settings import Settings
from mediaflow_assets.video.settings import VideoSettings

NO_GPU = "This machine has no GPU that the NVIDIA driver reports, so nothing was checked."
CPU, GPU = ComputeSettings(device="cpu"), ComputeSettings(device="cuda")


class Row(NamedTuple):
    """What came of one check."""

    agrees: bool | None
    """None: this GPU or installation cannot do it, and the row says who does."""
    said: str
    cpu_seconds: float | None = None
    gpu_seconds: float | None = None


Check = Callable[[ModelStore], Row]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the second call gives and takes: the first one loads and warms up."""
    work()
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def nvenc(_: ModelStore) -> Row:
    from mediaflow_assets.video.convert import convert
    from mediaflow_assets.video.encoders import nvenc_problem
    from mediaflow_assets.video.ffmpeg import ffmpeg_binary

    if problem := nvenc_problem():
        return Row(None, f"the CPU encodes: {problem}")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source.mkv"
        command = [ffmpeg_binary(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30:d=8", str(source)]
        subprocess.run(command, check=True)
        found = [
            timed(
                lambda encoder=encoder: convert(source, Path(name) / f"{encoder}.mp4", VideoSettings(encoder=encoder))
            )
            for encoder in ("libx264", "h264_nvenc")
        ]
    (by_cpu, cpu), (by_gpu, gpu) = found
    return Row(by_cpu.total_frames == by_gpu.total_frames, f"{by_gpu.total_frames} frames, {by_gpu.encoder}", cpu, gpu)


def scenes(store: ModelStore, **precision: Any) -> Row:
    from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
    from support.scenes.reference import reference_frames

    frames = np.tile(reference_frames(), (10, 1, 1, 1))

    def predicted(compute: ComputeSettings) -> tuple[Any, float]:
        settings = SceneSettings(**precision) if compute is GPU else SceneSettings()
        engine = TransNetV2Engine(settings, store, compute)
        result, seconds = timed(lambda: engine.process(iter(frames), lambda _: None).boundary)
        assert engine.device.device == compute.device, engine.device.reason
        return result, seconds

    (by_gpu, gpu), (by_cpu, cpu) = predicted(GPU), predicted(CPU)
    apart = float(np.abs(by_cpu - by_gpu).max())
    said = f"{len(frames)} frames, probabilities within {apart:.4f}"
    return Row(bool(np.array_equal(by_cpu > 0.5, by_gpu > 0.5)), said, cpu, gpu)


def speech(store: ModelStore, engine_name: str) -> Row:
    from mediaflow_assets.speech.audio import read_waveform
    from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS
    from mediaflow_assets.speech.settings import SpeechSettings

    spec = find_spec("pyannote.audio")
    if spec is None or spec.origin is None:
        return Row(None, "pyannote.audio, which has the sound for this, is not installed")
    waveform = read_waveform(Path(spec.origin).parent / "sample" / "sample.wav")
    assert waveform is not None

    def heard(compute: ComputeSettings) -> tuple[Any, float]:
        engine = ENGINES.create(engine_name, SpeechSettings(), store, compute)
        engine.load()
        assert engine.device.device == compute.device, engine.device.reason
        return timed(lambda: engine.process(waveform, NO_HINTS, lambda *_: None).segments)

    (by_gpu, gpu), (by_cpu, cpu) = heard(GPU), heard(CPU)
    grids = [_who(segments, waveform.seconds) for segments in (by_cpu, by_gpu)]
    same = float((grids[0] == grids[1]).mean())
    return Row(same > 0.998, f"{len(by_gpu)} segments, {same:.2%} of the time alike", cpu, gpu)


def _who(segments: Any, seconds: float) -> Any:
    """The speakers of each hundredth of a second, as text."""
    grid = np.full(int(seconds * 100) + 1, "", dtype=object)
    for one in sorted(segments, key=lambda one: one.speaker):
        grid[int(one.start * 100) : int(one.end * 100)] += one.speaker
    return grid


def landmarks(store: ModelStore) -> Row:
    from mediaflow_assets.faces.networks.landmarker import (
        BLENDSHAPES,
        DETECTOR,
        LANDMARKS,
        LandmarkerNetworks,
        onnx_form,
    )

    device = onnx_device("cuda")
    random = np.random.default_rng(1)
    agrees, said = True, []
    cpu = gpu = 0.0
    for name, shape, bound in (
        (DETECTOR, (128, 128, 3), 1e-2),
        (LANDMARKS, (256, 256, 3), 1e-3),
        (BLENDSHAPES, (146, 2), 1e-4),
    ):
        # Noise: no face, but numbers of every size on the way.
        tensors = random.random((64, *shape), np.float32)
        with LandmarkerNetworks(store, DeviceChoice("cpu", "compared")).open(name).acquire() as network:
            each, seconds = timed(lambda network=network, tensors=tensors: [network.run(one[None]) for one in tensors])
        cpu += seconds
        expected = [np.stack([outputs[place].ravel() for outputs in each]) for place in range(len(each[0]))]
        session = open_session(onnx_form(store, name), device)
        port = session.get_inputs()[0].name
        found, seconds = timed(lambda session=session, port=port, tensors=tensors: session.run(None, {port: tensors}))
        gpu += seconds
        apart = max(
            float(np.abs(one - other.reshape(one.shape)).max()) for one, other in zip(expected, found, strict=True)
        )
        agrees &= apart < bound
        said.append(f"{name} within {apart:.1e} (may be {bound:.0e})")
    return Row(agrees, f"batches of 64: {', '.join(said)}", cpu, gpu)


def faces(store: ModelStore, engine_name: str) -> Row:
    """A whole engine on a photograph: the same faces, boxes within a pixel, coefficients within 1e-3."""
    from mediaflow_assets.faces.registries import FACE_ENGINES
    from mediaflow_assets.faces.settings import FaceSettings
    from mediaflow_assets.sample.ingredients import ADMIRAL, read_picture

    missing = [name for name in FACE_ENGINES.get(engine_name).models if not store.status(name).usable]
    if missing:
        return Row(None, f"its model is not here: {', '.join(missing)}")
    picture = np.ascontiguousarray(read_picture(ADMIRAL))

    def seen(compute: ComputeSettings) -> tuple[Any, float]:
        engine = FACE_ENGINES.create(engine_name, FaceSettings(), store, compute)
        engine.load()
        assert engine.device.device == compute.device, engine.device.reason
        return timed(lambda: engine.detect(picture, 0))

    (by_gpu, gpu), (by_cpu, cpu) = seen(GPU), seen(CPU)
    if not by_cpu or len(by_cpu) != len(by_gpu):
        return Row(False, f"{len(by_cpu)} faces on the CPU and {len(by_gpu)} on the GPU", cpu, gpu)
    apart = max(float(np.abs(np.subtract(a.bbox, b.bbox)).max()) for a, b in zip(by_cpu, by_gpu, strict=True))
    return Row(apart <= 1, f"{len(by_gpu)} face, box within {apart:.2f} px", cpu, gpu)


def full_memory(store: ModelStore) -> Row:
    """A GPU without memory is not started on, and one that runs out is left; both are said."""
    import torch

    from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
    from support.scenes.reference import reference_frames

    engine = TransNetV2Engine(SceneSettings(), store, ComputeSettings(device="auto"))
    engine.load()
    with _taken(torch):
        refused = onnx_device("auto")
        engine.process(iter(reference_frames()), lambda _: None)
    agrees = refused.device == "cpu" and engine.device.device == "cpu" and engine.device.reason != ""
    return Row(agrees, f"ONNX: {refused.reason}; torch: {engine.device.reason}")


@contextmanager
def _taken(torch: Any) -> Iterator[None]:
    """All memory of the first GPU in use, but for less than any network needs."""
    free, _ = torch.cuda.mem_get_info(0)
    blocks = []
    size = free - 64_000_000
    while size > 1_000_000:
        try:
            blocks.append(torch.empty(size, dtype=torch.uint8, device="cuda:0"))
        except torch.OutOfMemoryError:
            size //= 2
    try:
        yield
    finally:
        blocks.clear()
        torch.cuda.empty_cache()


def one_step(_: ModelStore) -> Row:
    allowed = limits(ComputeSettings(), ClusterSettings())[INFERENCE]
    return Row(allowed == 1, f"{allowed} step with models at a time")


def hidden(_: ModelStore) -> Row:
    """``CUDA_VISIBLE_DEVICES`` that is empty hides every GPU."""
    said = _seen_with("")
    return Row(said.startswith("cpu none"), f"with none visible: {said}")


def second(_: ModelStore) -> Row:
    """Of two GPUs, the one that is visible is the one that is used."""
    if len(gpus()) < 2:
        return Row(None, "there is one GPU only")
    said = _seen_with("1")
    return Row(said == f"cuda {gpus()[1].name}", f"with the second visible: {said}")


_SEEN = (
    "from mediaflow_assets.execution.devices import choose_torch_device, gpus;"
    "print(choose_torch_device('auto').device, gpus()[0].name if gpus() else 'none')"
)


def _seen_with(visible: str) -> str:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": visible}
    done = subprocess.run([sys.executable, "-c", _SEEN], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


CHECKS: dict[str, Check] = {
    "video: NVENC": nvenc,
    "scenes: TransNetV2, f32": scenes,
    "scenes: float16": lambda store: scenes(store, mixed_precision=True, amp_dtype="float16"),
    "scenes: bfloat16": lambda store: scenes(store, mixed_precision=True, amp_dtype="bfloat16"),
    "speech: onnx_local": lambda store: speech(store, "onnx_local"),
    "speech: pyannote_local": lambda store: speech(store, "pyannote_local"),
    "faces: landmark networks": landmarks,
    "faces: opencv_yunet_facemesh": lambda store: faces(store, "opencv_yunet_facemesh"),
    "faces: opencv_yunet": lambda store: faces(store, "opencv_yunet"),
    "faces: insightface": lambda store: faces(store, "insightface"),
    "no memory": full_memory,
    "one GPU step at a time": one_step,
    "no GPU visible": hidden,
    "second GPU": second,
}


def table(checks: dict[str, Check], store: ModelStore) -> tuple[list[str], bool]:
    """The lines of the table, and whether everything that this GPU can do agrees."""
    lines = ["| what | agrees | CPU s | GPU s | times | |", "|---|---|---|---|---|---|"]
    good = True
    for name, check in checks.items():
        try:
            row = check(store)
        except MediaflowError as error:
            row = Row(False, error.sentence)
        except Exception as error:  # noqa: BLE001 - the other paths are to be tried all the same
            row = Row(False, f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")
        good &= row.agrees is not False
        verdict = {True: "yes", False: "**NO**", None: "not here"}[row.agrees]
        times = ["", "", ""]
        if row.cpu_seconds is not None and row.gpu_seconds is not None:
            times = [f"{row.cpu_seconds:.2f}", f"{row.gpu_seconds:.2f}", f"{row.cpu_seconds / row.gpu_seconds:.1f}"]
        lines.append(f"| {name} | {verdict} | {' | '.join(times)} | {row.said} |")
    return lines, good


def main() -> int:
    found = gpus()
    if not found:
        print(NO_GPU)
        return 1
    print(
        ", ".join(f"{gpu.name} ({gpu.memory_free / 1e9:.0f} of {gpu.memory_total / 1e9:.0f} GB free)" for gpu in found)
    )
    print(f"torch: {choose_torch_device('auto').reason}; ONNX Runtime: {onnx_device('auto').reason}\n")
    folder = Settings.load().models.folder
    assert folder is not None, "set MEDIAFLOW_MODELS_DIR"
    lines, good = table(CHECKS, ModelStore(folder))
    print("\n".join(lines))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
