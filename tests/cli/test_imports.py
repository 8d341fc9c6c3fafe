"""What is imported when: by the names of modules, because they cost the same on every machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.installation import Installation

_RUN = """
import json, sys
from mediaflow_assets.cli import main

sys.argv = ["mediaflow", "run", sys.argv[1]]
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
HEAVY = {"torch", "matplotlib", "pyannote", "pandas", "sklearn", "torchaudio", "transformers", "ctranslate2"}


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds with sound and without a face: every default engine has something to do."""
    from mediaflow_assets.video.ffmpeg import ffmpeg_binary

    folder = tmp_path / "project"
    folder.mkdir()
    command = [ffmpeg_binary(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=2"]
    command += ["-f", "lavfi", "-i", "sine=d=2", "-pix_fmt", "yuv420p", "-shortest", str(folder / "clip.mp4")]
    subprocess.run(command, check=True)
    return folder


@pytest.mark.slow
def test_a_default_run_needs_neither_torch_nor_matplotlib_nor_pyannote_nor_pandas(
    processed: Installation, installation: Installation, clip: Path
) -> None:
    """``processed`` made the forms of the models that are derived with torch, once for all installations."""
    assert processed.models == installation.models
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(clip)],
        env=installation.environment,
        cwd=clip.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "delivered to" in done.stdout
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert imported & HEAVY == set()
    assert {"openvino", "onnxruntime", "mediapipe"} <= imported


def test_a_command_imports_its_own_module_only() -> None:
    imported = modules_after("from mediaflow_assets.cli import app")
    assert not {name for name in imported if name.startswith("mediaflow_assets.cli.")} - {"mediaflow_assets.cli.lazily"}
    assert not imported & {*HEAVY, "dagster", "numpy", "requests", "jinja2", "babel", "rich.console"}


def test_the_code_location_has_no_engine() -> None:
    imported = modules_after("import mediaflow_assets.definitions")
    assert not imported & {*HEAVY, "scipy", "cv2", "onnxruntime", "openvino", "mediapipe", "av", "ai_edge_litert"}


def test_matplotlib_is_kept_out_of_mediapipe_only() -> None:
    imported = modules_after(
        "from mediaflow_assets.faces.mediapipe_import import mediapipe_tasks\n"
        "_, vision = mediapipe_tasks()\n"
        "assert vision.ObjectDetector and 'matplotlib' not in sys.modules\n"
        "import matplotlib.pyplot\n"
        "assert matplotlib.pyplot.figure"
    )
    assert "matplotlib.figure" in imported
