"""How small and how turned a face may be: true faces of known size on backgrounds, and pictures without one.

Each portrait is scaled so that its face (the box of FaceLandmarker's landmarks on the untouched
portrait) is 24 to 192 pixels wide, and put at a random place of a background. A face counts as
found when a reported box overlaps it by at least 0.4 (intersection over union). Frontal are five
portraits, turned are two (15 and 45 degrees) and two frontal ones tilted by 25 degrees.

    python -m benchmarks faces.engines_coverage MEDIA_FOLDER --size 640x360 [--engines A,B]
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from mediaflow_assets.execution.devices import ComputeSettings
from mediaflow_assets.faces.boxes import pairwise_iou
from mediaflow_assets.faces.engines import FaceEngine
from mediaflow_assets.faces.registries import FACE_ENGINES
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.catalog import load_catalog
from mediaflow_assets.modelstore.fetch import fetch_models
from mediaflow_assets.sample.ingredients import ADMIRAL, ASTRONAUT, BRICK, COFFEE, GRASS, GRAVEL, ROCKET, read_picture

WIDTHS = (24, 32, 48, 64, 96, 192)
FOUND = 0.4
TILT = 25.0
BACKGROUNDS = (BRICK, COFFEE, GRASS, GRAVEL, ROCKET)
Picture = NDArray[np.uint8]


class Portrait(NamedTuple):
    picture: Picture
    box: tuple[int, int, int, int]
    """Left, top, width, height of the face."""
    turned: bool


def media(folder: Path) -> ModelStore:
    """The films and portraits, fetched when they are not there."""
    store = ModelStore(folder, load_catalog(Path(__file__).with_name("engines_media.toml")))
    for result in fetch_models(store, list(store.catalog.values())):
        if result.error is not None:
            raise result.error
    return store


def engine(name: str, models: ModelStore, **settings: object) -> FaceEngine:
    loaded = FACE_ENGINES.get(name)(FaceSettings(engine=name, **settings), models, ComputeSettings(device="cpu"))
    loaded.load()
    return loaded


def face_chips(store: ModelStore, models: ModelStore) -> list[Portrait]:
    names = [name for name in store.catalog if name.startswith(("frontal", "turned"))]
    pictures = [(still(store, name), name.startswith("turned")) for name in names]
    pictures += [(read_picture(ASTRONAUT)[:280, 40:420, ::-1], False), (read_picture(ADMIRAL)[:420, :, ::-1], False)]
    pictures += [(tilted(picture), True) for picture, turned in pictures[:2] if not turned]
    return located(pictures, models)


def still(store: ModelStore, name: str) -> Picture:
    return np.asarray(cv2.imread(str(store.path(name)))[:, :, ::-1], np.uint8)


def located(pictures: Iterable[tuple[Picture, bool]], models: ModelStore) -> list[Portrait]:
    """Pictures (and whether they are turned) with the box of their one face."""
    landmarker = engine("mediapipe_landmarker", models)
    found = []
    for picture, turned in pictures:
        picture = np.ascontiguousarray(picture)
        (face,) = landmarker.detect(picture, 0)
        found.append(Portrait(picture, face.bbox, turned))
    landmarker.close()
    return found


def tilted(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), TILT, 1.0)
    return cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def background(size: tuple[int, int], random: np.random.Generator) -> Picture:
    source = read_picture(BACKGROUNDS[random.integers(len(BACKGROUNDS))])[:, :, ::-1]
    zoom = max(size[0] / source.shape[1], size[1] / source.shape[0]) * random.uniform(1.0, 2.0)
    large = cv2.resize(source, None, fx=zoom, fy=zoom)
    left, top = random.integers(large.shape[1] - size[0] + 1), random.integers(large.shape[0] - size[1] + 1)
    return np.ascontiguousarray(large[top : top + size[1], left : left + size[0]])


def placed(portrait: Portrait, width: int, scene: Picture, random: np.random.Generator) -> NDArray[np.float32]:
    """Draw the portrait into the scene; returns the face's box (left, top, right, bottom)."""
    scale = width / portrait.box[2]
    small = cv2.resize(portrait.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top, box_width, box_height = (value * scale for value in portrait.box)
    # The head with some of its surroundings, as far as the portrait and the scene go.
    x1, y1 = max(int(left - 0.6 * box_width), 0), max(int(top - 0.7 * box_height), 0)
    x2, y2 = (int(left + 1.6 * box_width), int(top + 1.5 * box_height))
    head = small[y1:y2, x1:x2][: scene.shape[0], : scene.shape[1]]
    x = random.integers(scene.shape[1] - head.shape[1] + 1)
    y = random.integers(scene.shape[0] - head.shape[0] + 1)
    scene[y : y + head.shape[0], x : x + head.shape[1]] = head
    face_x, face_y = x - x1 + left, y - y1 + top
    return np.array([[face_x, face_y, face_x + box_width, face_y + box_height]], np.float32)


def coverage(tested: FaceEngine, given: list[Portrait], size: tuple[int, int], trials: int) -> None:
    for turned in (False, True):
        shares = []
        for width in WIDTHS:
            random = np.random.default_rng(width)
            hits = []
            for portrait in (one for one in given if one.turned == turned):
                for _ in range(trials):
                    scene = background(size, random)
                    truth = placed(portrait, width, scene, random)
                    boxes = [(x, y, x + w, y + h) for x, y, w, h in (face.bbox for face in tested.detect(scene, 0))]
                    shared = pairwise_iou(truth, np.array(boxes, np.float32).reshape(-1, 4))
                    hits.append(bool(shared.size) and shared.max() >= FOUND)
            shares.append(f"{np.mean(hits):6.1%}")
        print(f"| {tested.name} | {'turned' if turned else 'frontal'} | {' | '.join(shares)} |", flush=True)


def false_faces(tested: FaceEngine, size: tuple[int, int], frames: int) -> None:
    random = np.random.default_rng(0)
    wrong = sum(bool(tested.detect(background(size, random), 0)) for _ in range(frames))
    print(f"{tested.name}: a face in {wrong} of {frames} pictures without one", flush=True)


def main(
    folder: Annotated[Path, typer.Argument(help="where the fetched pictures are kept")],
    models: Annotated[Path, typer.Option(envvar="MEDIAFLOW_MODELS_DIR", help="model store")],
    engines: str = "opencv_yunet_facemesh,opencv_yunet,mediapipe_landmarker",
    size: Annotated[str, typer.Option(help="of the scenes, WxH")] = "640x360",
    trials: Annotated[int, typer.Option(help="scenes for each portrait and width")] = 10,
    faceless: Annotated[int, typer.Option(help="pictures without a face")] = 0,
    max_width: Annotated[int, typer.Option(help="FACES_MAX_WIDTH")] = 0,
) -> None:
    width, height = (int(side) for side in size.split("x"))
    store = ModelStore(models)
    given = face_chips(media(folder), store)
    print(f"| engine ({size}) | faces | {' | '.join(f'{value} px' for value in WIDTHS)} |")
    print(f"|---|---|{'---|' * len(WIDTHS)}")
    for name in engines.split(","):
        tested = engine(name, store, max_width=max_width)
        coverage(tested, given, (width, height), trials)
        if faceless:
            false_faces(tested, (width, height), faceless)
        tested.close()


if __name__ == "__main__":
    typer.run(main)
