"""Names that a destination can hold, and a path of its own for every file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.windows_names import is_allowed
from mediaflow_assets.delivery.names import MAX_NAME, NameRules
from mediaflow_assets.delivery.places import ROOT, Places

PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=90).filter(
    lambda part: part not in (".", "..")
)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
ENDINGS = st.sampled_from(["", ".mp4", ".csv", "_tracking.json"])
LINUX, WINDOWS = NameRules(), NameRules(windows=True, case_sensitive=False)


@given(stem=PARTS, ending=ENDINGS)
def test_a_name_that_fits_is_not_changed(stem: str, ending: str) -> None:
    wish = stem + ending
    if len(wish.encode()) <= MAX_NAME:
        assert LINUX.fit(stem, ending) == wish
        if is_allowed(wish) and is_allowed(stem + "x"):
            assert WINDOWS.fit(stem, ending) == wish


@given(stem=PARTS, ending=ENDINGS)
def test_every_name_can_be_fitted(stem: str, ending: str) -> None:
    fitted = WINDOWS.fit(stem, ending)
    assert is_allowed(fitted)
    assert len(fitted.encode()) <= MAX_NAME
    assert fitted.endswith(ending)


@pytest.mark.parametrize(
    ("wish", "fitted"),
    [
        ("a?b", "a_b"),
        ("con", "_con"),
        ("COM1.tar", "_COM1.tar"),
        ("a. ", "a__"),
        ("a<b>c:d", "a_b_c_d"),
        ("line\nbreak", "line_break"),
        ("console", "console"),
    ],
)
def test_what_windows_forbids(wish: str, fitted: str) -> None:
    assert WINDOWS.fit(wish, "") == fitted


@given(paths=st.lists(PATHS, max_size=12), rules=st.sampled_from([LINUX, WINDOWS]))
def test_every_file_has_a_path_of_its_own(paths: list[str], rules: NameRules) -> None:
    places = Places(rules)
    taken = [places.take(path, path.rpartition("/")[2], {"received": ""})["received"] for path in paths]
    keys = [rules.key(path) for path in taken]
    assert len(set(keys)) == len(keys)
    assert all(path.startswith(f"{ROOT}/") and ".." not in path.split("/") for path in taken)
    folders = {key.rsplit("/", depth)[0] for key in keys for depth in range(1, key.count("/") + 1)}
    assert not folders & set(keys), "no file is where another file needs a folder"


@given(stems=st.lists(PARTS, min_size=2, max_size=6))
def test_a_video_and_its_documents_move_together(stems: list[str]) -> None:
    places = Places(WINDOWS)
    endings = {"video": ".mp4", "scenes": ".csv", "tracking": "_tracking.json"}
    for stem in stems:
        paths = places.take(f"{stem}.mov", stem, endings)
        names = {kind: path.removesuffix(endings[kind]) for kind, path in paths.items()}
        assert len(set(names.values())) == 1
