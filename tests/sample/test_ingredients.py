from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.sample.ingredients import ASTRONAUT, INGREDIENTS, Ingredient, locate, read_picture


@pytest.mark.parametrize("ingredient", INGREDIENTS, ids=lambda ingredient: ingredient.file)
def test_every_ingredient_is_installed(ingredient: Ingredient) -> None:
    assert locate(ingredient).stat().st_size > 500


def test_locating_imports_none_of_the_heavy_packages() -> None:
    program = (
        "import sys\n"
        "import mediaflow_assets.sample\n"
        "from mediaflow_assets.sample.ingredients import INGREDIENTS, locate\n"
        "[locate(ingredient) for ingredient in INGREDIENTS]\n"
        "heavy = {'cv2', 'av', 'torch', 'matplotlib', 'skimage', 'pyannote.audio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("package", "distribution"), [("no_such_package", "no-such-package"), ("no_such.audio", "no-such")]
)
def test_a_missing_package_is_named_with_its_pip_command(package: str, distribution: str) -> None:
    with pytest.raises(Unavailable, match=f"pip install {distribution}"):
        locate(Ingredient(package, distribution, "picture.png"))


def test_a_missing_file_asks_for_a_reinstallation() -> None:
    with pytest.raises(Unavailable, match=r"lost\.png.*pip install --force-reinstall --no-deps scikit-image"):
        locate(ASTRONAUT._replace(file="data/lost.png"))


def test_a_damaged_picture_asks_for_a_reinstallation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package_with_damage"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "picture.png").write_bytes(locate(ASTRONAUT).read_bytes()[:5])
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Unavailable, match=r"picture\.png.*force-reinstall"):
        read_picture(Ingredient("package_with_damage", "package-with-damage", "picture.png"))
