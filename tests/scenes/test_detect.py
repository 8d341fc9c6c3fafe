"""The stage for one video: from a master to its CSV and its picture."""

from __future__ import annotations

import io
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.formats.scenes_csv import Scene, read_scenes
from mediaflow_assets.scenes.contact_sheet import contact_sheet
from mediaflow_assets.scenes.detect import detect_scenes
from mediaflow_assets.scenes.engines.transnetv2 import TransNetV2Engine
from mediaflow_assets.scenes.settings import SceneSettings
from mediaflow_assets.video.convert import convert
from mediaflow_assets.video.settings import VideoSettings
from tests.scenes.material import cuts, flash

LENGTHS = (25, 2, 40, 30)


def master_of(folder: Path, frames: NDArray[np.uint8], missing: Collection[int] = ()) -> Path:
    """The small frames at 25 fps, enlarged and converted; ``missing`` ones are left out before the conversion."""
    with av.open(str(folder / "v.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 192, 108, "yuv420p"
        for number, picture in enumerate(frames):
            if number in missing:
                continue
            frame = av.VideoFrame.from_image(Image.fromarray(picture).resize((192, 108)))
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    convert(folder / "v.mkv", folder / "m.mp4", VideoSettings(encoder="libx264"))
    return folder / "m.mp4"


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shots with a variable frame rate: every fifth frame is missing within shots."""
    firsts = np.cumsum((0, *LENGTHS))
    missing = {number for number in range(3, sum(LENGTHS) - 1, 5) if number not in firsts}
    return master_of(tmp_path_factory.mktemp("scenes"), cuts(*LENGTHS), missing)


def test_a_variable_rate_video_is_cut_on_its_frames(master: Path, tmp_path: Path, transnetv2: TransNetV2Engine) -> None:
    seen: list[float] = []
    details = detect_scenes(master, sum(LENGTHS), tmp_path / "v.csv", transnetv2, SceneSettings(), seen.append)
    assert read_scenes(tmp_path / "v.csv") == [Scene(1, 25), Scene(26, 27), Scene(28, 67), Scene(68, 97)]
    assert (details["scenes"], details["shortest"], details["longest"], details["device"]) == (4, 2, 40, "cpu")
    assert seen[-1] == 1


def test_a_flash_is_no_cut_unless_the_detector_is_believed(tmp_path: Path, transnetv2: TransNetV2Engine) -> None:
    flashing = master_of(tmp_path, flash(90, [45, 46]))
    for longest, scenes in ((5, 1), (2, 1), (1, 2), (0, 2)):
        found = detect_scenes(flashing, 90, tmp_path / "v.csv", transnetv2, SceneSettings(flash=longest))
        assert found["scenes"] == scenes


def test_another_number_of_frames_is_an_error_and_writes_nothing(
    master: Path, tmp_path: Path, transnetv2: TransNetV2Engine
) -> None:
    with pytest.raises(BadInput, match="decodes to 97 frames, not 98"):
        detect_scenes(master, 98, tmp_path / "v.csv", transnetv2, SceneSettings())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scenes", [1, 4, 97])
def test_a_contact_sheet_is_a_picture_that_fits_into_metadata(master: Path, scenes: int) -> None:
    edges = np.linspace(0, 97, scenes + 1).round().astype(int)
    found = [Scene(int(start) + 1, int(stop)) for start, stop in pairwise(edges)]
    sheet = contact_sheet([(master, found)])
    assert sheet is not None
    assert len(sheet) < 100_000
    picture = Image.open(io.BytesIO(sheet))
    shown = min(scenes, 20)  # every fifth of 97
    assert picture.size == (160 * min(shown, 4), 90 * -(-shown // 4))


def test_no_scene_no_sheet() -> None:
    assert contact_sheet([]) is None
