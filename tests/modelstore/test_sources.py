from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.modelstore.catalog import WheelSource
from mediaflow_assets.modelstore.sources import Wheels, admit


def unwatched(done: int, total: int | None) -> None:
    pass


@given(chunks=st.lists(st.binary(max_size=40), min_size=1).filter(any), data=st.data())
def test_only_the_pinned_bytes_are_admitted_however_they_arrive(model_row, chunks: list[bytes], data) -> None:
    content = b"".join(chunks)
    model = model_row("a", content, WheelSource(package="p", version="1", member="m", sha256="0" * 64))
    position = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[position] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.bin"
        for wrong in ([bytes(changed)], [*chunks, b"+"], [content[:-1]]):
            with pytest.raises(BadInput, match="pinned"):
                admit(iter(wrong), model, target, unwatched)
            assert not list(Path(folder).iterdir())
        steps: list[tuple[int, int | None]] = []
        admit(iter(chunks), model, target, lambda done, total: steps.append((done, total)))
        assert target.read_bytes() == content
        assert [path.name for path in Path(folder).iterdir()] == ["a.bin"]
        assert steps[-1] == (len(content), len(content))


def test_a_wheel_that_could_not_be_had_is_not_asked_for_twice(origin, wheel, tmp_path: Path) -> None:
    source = wheel("tiny-models", {"tiny/a.bin": b"a"}, sha256="0" * 64)
    wheels = Wheels(tmp_path)
    for _ in range(2):
        with pytest.raises(BadInput, match="the wheel has sha256"):
            wheels.get(source, unwatched)
    assert origin.requests.count("/wheels/tiny_models-1.0-py3-none-any.whl") == 1
