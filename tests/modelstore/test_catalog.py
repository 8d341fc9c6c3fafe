from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.modelstore.catalog import (
    Model,
    UrlSource,
    WheelSource,
    ZipSource,
    default_names,
    find,
    load_catalog,
)

CATALOG = load_catalog()

ROW = """
[[model]]
name = "a"
file = "a.bin"
sha256 = "{sha}"
bytes = 3
licence = "MIT"
used_by = ["engine"]
summary = "A."
origin = "https://example.org"
sources = [{{ kind = "url", url = "https://example.org/a.bin" }}]
""".format(sha="0" * 64)


@pytest.mark.parametrize("model", CATALOG.values(), ids=CATALOG)
def test_every_model_says_what_it_is_and_comes_from_a_safe_place(model: Model) -> None:
    assert model.licence.strip()
    assert model.summary.endswith(".")
    addresses = [model.origin, *(source.url for source in model.sources if isinstance(source, UrlSource))]
    assert all(urlsplit(address).scheme == "https" for address in addresses)
    assert len(model.sources) == len(set(model.sources))


def test_default_models_are_pinned_and_need_no_account() -> None:
    assert default_names(CATALOG) == (
        "transnetv2",
        "pyannote-segmentation-3.0",
        "campplus",
        "face-landmarker",
        "yunet",
        "haar-frontal-face",
        "efficientdet-lite0",
        "dlib-face-recognition",
        "sface",
    )
    assert all(CATALOG[name].pinned for name in default_names(CATALOG))


@pytest.mark.parametrize("name", default_names(CATALOG))
def test_a_default_model_has_a_second_source(name: str) -> None:
    """Another package, another release or another host: what one takes away, the other still has."""
    places = {
        (source.package, source.version) if isinstance(source, WheelSource) else (urlsplit(source.url).netloc, "")
        for source in CATALOG[name].sources
        if isinstance(source, WheelSource | UrlSource)
    }
    assert len(places) >= 2


def test_non_commercial_weights_say_so() -> None:
    for name in ("eos-shape", "eos-blendshapes"):
        assert "non-commercial" in CATALOG[name].terms


def test_members_of_other_models_name_an_earlier_row() -> None:
    names = list(CATALOG)
    for model in CATALOG.values():
        for source in model.sources:
            if isinstance(source, ZipSource):
                assert names.index(source.model) < names.index(model.name)


def test_the_same_wheel_is_pinned_once() -> None:
    hashes: dict[tuple[str, str], set[str]] = {}
    for model in CATALOG.values():
        for source in model.sources:
            if hasattr(source, "package"):
                hashes.setdefault((source.package, source.version), set()).add(source.sha256)
    assert all(len(found) == 1 for found in hashes.values())


def test_a_table_round_trips(tmp_path: Path) -> None:
    table = tmp_path / "models.toml"
    table.write_text(ROW)
    (model,) = load_catalog(table).values()
    assert (model.name, model.bytes, model.terms) == ("a", 3, "MIT")
    assert model.sources == (UrlSource(url="https://example.org/a.bin"),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0" * 64, "0" * 63, "sha256"),
        ("0" * 64, "Z" * 64, "sha256"),
        ("0" * 64, "", "no hash"),
        ("bytes = 3", "bytes = 0", "size"),
        ('sources = [{ kind = "url", url = "https://example.org/a.bin" }]', "sources = []", "source"),
        ('kind = "url"', 'kind = "ftp"', "ftp"),
        ('file = "a.bin"', 'file = "../a.bin"', "file"),
        ('file = "a.bin"', 'file = ".a.bin"', "file"),
        ('licence = "MIT"', 'licence = ""', "licence"),
        ('licence = "MIT"', 'license = "MIT"', "license"),
        ('name = "a"', 'name = "A B"', "name"),
        ("[[model]]", "[[model]", "valid model table"),
    ],
)
def test_a_wrong_table_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in ROW
    table = tmp_path / "models.toml"
    table.write_text(ROW.replace(old, new))
    with pytest.raises(BadInput, match=said):
        load_catalog(table)


def test_duplicates_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "models.toml"
    table.write_text(ROW + ROW)
    with pytest.raises(BadInput, match="same name twice: a"):
        load_catalog(table)
    table.write_text(ROW + ROW.replace('name = "a"', 'name = "b"'))
    with pytest.raises(BadInput, match=r"same file twice: a\.bin"):
        load_catalog(table)


def test_names_are_looked_up_once_each_and_typing_errors_are_explained() -> None:
    assert [model.name for model in find(CATALOG, ["yunet", "campplus", "yunet"])] == ["yunet", "campplus"]
    with pytest.raises(BadInput, match="Did you mean transnetv2"):
        find(CATALOG, ["transnet2"])
    with pytest.raises(BadInput, match="mediaflow models list"):
        find(CATALOG, ["something else"])
