"""Fixtures for every test: real models, the sample project, isolated settings."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from mediaflow_assets.modelstore import ModelStore
from mediaflow_assets.sample import Sample, build_sample
from support.installation import REPOSITORY, Installation
from tests.deselection import deselect, receive_deselected, report_deselected, send_deselected

if TYPE_CHECKING:
    from selenium import webdriver

# A busy machine is no reason to fail.
hypothesis_settings.register_profile("mediaflow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("mediaflow")

CHROMIUM, DRIVER = "chromium", "chromedriver"
GOLDEN = Path(__file__).parent / "golden"
MODELS = Path(os.environ.get("MEDIAFLOW_MODELS_DIR", REPOSITORY / "mediaflow_home" / "models")).resolve()


@contextmanager
def shared(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all workers of this run have in common; one at a time is in it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        yield folder


def pytest_configure() -> None:
    """Servers are stopped as by Ctrl-C, which they would ignore if a shell started the tests in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that open pages where there is no browser."""
    missing = [name for name in (CHROMIUM, DRIVER) if shutil.which(name) is None]
    reason = f"{' and '.join(missing)} not installed" if missing else ""
    deselect(config, items, lambda item: reason if item.get_closest_marker("browser") else "")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Of a worker, in a run with several."""
    send_deselected(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    receive_deselected(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tests that this machine cannot run are named, not forgotten."""
    report_deselected(config, terminalreporter)


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the settings of the person who runs it or writes into the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEDIAFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MEDIAFLOW_MODELS_DIR", str(MODELS))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """Chromium without a window and without a network."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which(CHROMIUM) or CHROMIUM
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1280,1000", "lang=fr"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def model_store() -> ModelStore:
    """The default models; `make models` fetches them."""
    return ModelStore(MODELS)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample project, made once for the run; another worker's call finds it complete."""
    with shared(tmp_path_factory, "sample") as folder:
        return build_sample(folder)


@pytest.fixture(scope="session")
def golden() -> Callable[[str], list[dict[str, Any]]]:
    """Cases of one golden file: ``golden("scene_timecodes")``."""

    def cases(name: str) -> list[dict[str, Any]]:
        document: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = document["cases"]
        assert found, name
        return found

    return cases


@pytest.fixture
def installation(tmp_path: Path, model_store: ModelStore) -> Installation:
    """An empty installation."""
    return Installation(tmp_path / "mediaflow", model_store.folder)


@pytest.fixture(scope="session")
def processed(tmp_path_factory: pytest.TempPathFactory, sample: Sample, model_store: ModelStore) -> Installation:
    """An installation in which the sample project has been processed once; every worker has a copy of its own."""
    with shared(tmp_path_factory, "processed") as folder:
        first = Installation(folder / "mediaflow", model_store.folder)
        if not (folder / "done").exists():
            shutil.rmtree(first.home, ignore_errors=True)
            done = first.mediaflow("run", sample.archive)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "done").touch()
    own = Installation(tmp_path_factory.mktemp("processed") / "mediaflow", model_store.folder)
    shutil.copytree(first.home, own.home, symlinks=True)
    return own
