"""The start page: every project with its state, live, and what people do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.delivery.leave_out import names_to_leave_out
from mediaflow_assets.execution.failures import VideoFailure, keep_failure
from mediaflow_assets.formats.manifest import Origin
from mediaflow_assets.formats.project_status import ProjectStatus, State, write_project_status
from mediaflow_assets.intake.history import History, open_history
from mediaflow_assets.intake.uploads import Claim
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.orchestration.run_queue import is_paused
from mediaflow_assets.server.projects import PAGE
from support.servers import wait_for
from tests.server.conftest import Serve, Served
from tests.server.films import KEY, VIDEO, Film, draw

START = datetime(2026, 11, 1, tzinfo=UTC)


def register(home: Path, number: int, state: State | None = None) -> str:
    """A project of which only the name is known, and perhaps what was written about it."""
    when = START + timedelta(minutes=number)
    key = f"{number}_Camille_{when:%Y-%m-%d_%H-%M-%S}"
    folders = Layout(FolderSettings(home=home)).project(key)
    origin = Origin(
        project=key,
        name=f"{number} Camille",
        kind="file",
        registered_at=when.isoformat(),
        identity=f"sha256:{number}",
        filename=f"{number}.zip",
    )
    # Thousands of files need not be safe from a power cut.
    folders.downloads.mkdir(parents=True)
    folders.origin.write_bytes(msgspec.json.encode(origin))
    if state:
        status = ProjectStatus(project=key, name=origin.name, state=state, updated_at=when.isoformat())
        (folders.downloads / "status.json").write_bytes(msgspec.json.encode(status))
    return key


def history_of(served: Served, *keys: str, ask: bool = False) -> History:
    history = open_history(served.site.settings.intake, served.site.layout.state)
    history.claim_all(Claim(f"sha256:{key}", lambda attempt, key=key: key, ask=ask) for key in keys)  # type: ignore[misc]
    return history


def projects(served: Served, query: str = "") -> Any:
    return served.ask(f"/api/projects{query}").json


def states(served: Served) -> dict[str, str]:
    return {row["key"]: row["status"]["state"] for row in projects(served)["rows"]}


@pytest.fixture
def instance(tmp_path: Path, serve: Serve) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of the installation that is served."""
    served = serve(tmp_path / "home")
    with open_instance(served.site.settings) as opened:
        yield opened


def queued(instance: dg.DagsterInstance, key: str, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    instance.add_dynamic_partitions("projects", [key])
    origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__")
    job = origin.get_job_origin("process_project")
    return create_run_for_test(instance, status=status, tags={"dagster/partition": key}, remote_job_origin=job)


@pytest.mark.slow
def test_ten_thousand_projects_a_page_at_a_time(tmp_path: Path, serve: Serve) -> None:
    home = tmp_path / "home"
    kinds: list[State] = ["delivered", "failed", "waiting"]
    keys = [register(home, number, kinds[number % 3]) for number in range(10_000)]
    served = serve(home)
    first = projects(served)
    assert (len(first["rows"]), first["total"]) == (PAGE, 10_000)
    assert [row["key"] for row in first["rows"]] == keys[::-1][:PAGE]
    second = projects(served, f"?after={first['after'].replace('+', '%2B')}")
    assert [row["key"] for row in second["rows"]] == keys[::-1][PAGE : 2 * PAGE]
    assert projects(served, "?q=camille+9999_")["rows"][0]["key"] == keys[9999]
    failed = projects(served, "?state=failed")
    assert failed["total"] == len(keys[1::3])
    assert failed["rows"][0]["key"] == keys[9997]


def test_every_state_is_that_of_the_other_lists(tmp_path: Path, serve: Serve, instance: dg.DagsterInstance) -> None:
    home = tmp_path / "home"
    running, waiting, failed, fresh = (register(home, number) for number in range(4))
    run = queued(instance, running, dg.DagsterRunStatus.STARTED)
    served = serve(home)
    history_of(served, waiting, ask=True)
    history_of(served, failed).mark(failed, "failed", reason="13.zip: is damaged. Send it again.")
    found = {row["key"]: row for row in projects(served)["rows"]}
    assert {key: row["status"]["state"] for key, row in found.items()} == {
        running: "running",
        waiting: "waiting",
        failed: "failed",
        fresh: "received",
    }
    assert found[running]["run"] == run.run_id
    assert found[waiting]["approves"] is True
    assert found[failed]["status"]["sentence"] == "13.zip: is damaged. Send it again."


def test_approve_and_retry(tmp_path: Path, serve: Serve) -> None:
    home = tmp_path / "home"
    waiting, failed = register(home, 1), register(home, 2)
    served = serve(home)
    history_of(served, waiting, ask=True)
    history = history_of(served, failed)
    history.mark(failed, "failed", reason="broken")
    assert served.post(f"/api/projects/{waiting}/approve", {}).json["rows"][0]["status"]["state"] == "queued"
    assert served.post(f"/api/projects/{failed}/retry", {}).json["rows"][0]["status"]["state"] == "queued"
    assert {row.project: row.state for row in history.all()} == {waiting: "approved", failed: "retry"}
    again = served.post(f"/api/projects/{failed}/approve", {})
    assert (again.status, "does not wait" in again.json["sentence"]) == (422, True)


def test_deliver_without_what_cannot_be_made(tmp_path: Path, serve: Serve) -> None:
    film = Film(tmp_path / "home", 900)
    keep_failure(
        film.folders.audio,
        VIDEO,
        VideoFailure(stage="audio_json", sentence="interview.mov: has no sound.", at="2026-11-22T10:00:00+00:00"),
    )
    served = serve(film.home)
    history = history_of(served, KEY)
    history.mark(KEY, "received")
    (row,) = projects(served)["rows"]
    assert (row["status"]["state"], row["status"]["left_out"][0]["video"]) == ("waiting", "rushes/interview.mov")
    answer = served.post(f"/api/projects/{KEY}/leave-out", {})
    assert answer.status == 200
    assert names_to_leave_out(film.folders) == ("rushes/interview.mov",)
    assert history.of_project(KEY)[0].state == "retry"


def test_the_queue_is_paused_and_somebody_goes_first(
    tmp_path: Path, serve: Serve, instance: dg.DagsterInstance
) -> None:
    key = register(tmp_path / "home", 1)
    run = queued(instance, key, dg.DagsterRunStatus.QUEUED)
    served = serve(tmp_path / "home")
    assert projects(served)["paused"] is False
    assert served.post("/api/queue", {"paused": True}).json == {"paused": True}
    assert is_paused(instance)
    assert projects(served)["paused"] is True
    assert "paused" in projects(served)["rows"][0]["status"]["sentence"]
    assert served.post(f"/api/projects/{key}/first", {}).status == 200
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    assert found.tags["dagster/priority"] == "100"
    served.post("/api/queue", {"paused": False})
    assert not is_paused(instance)
    assert served.post("/api/queue", {"paused": "yes"}).status == 422


def test_nothing_is_changed_where_people_only_look(tmp_path: Path, serve: Serve) -> None:
    key = register(tmp_path / "home", 1)
    served = serve(tmp_path / "home", REVIEW="off")
    for path in ("/api/queue", f"/api/projects/{key}/retry", f"/api/projects/{key}/approve"):
        assert served.post(path, {"paused": True}).status == 403


@pytest.mark.parametrize(
    "path", ["/api/projects/nobody/retry", "/api/projects/../retry", "/api/projects/.hidden/retry"]
)
def test_an_unknown_project(tmp_path: Path, serve: Serve, path: str) -> None:
    assert serve(tmp_path / "home").post(path, {}).status == 404


def test_an_unknown_action(tmp_path: Path, serve: Serve) -> None:
    key = register(tmp_path / "home", 1)
    assert serve(tmp_path / "home").post(f"/api/projects/{key}/remove", {}).status == 404


def test_news_come_by_themselves(tmp_path: Path, serve: Serve) -> None:
    home = tmp_path / "home"
    key = register(home, 1)
    served = serve(home)
    history = history_of(served, key)
    connection = HTTPConnection("127.0.0.1", served.port, timeout=300)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.readline() == b"retry: 5000\n"
    history.mark(key, "failed", reason="broken")
    folders = served.site.layout.project(key)
    status = ProjectStatus(project=key, name="1 Camille", state="failed", sentence="broken", updated_at="2026-11-02")
    write_project_status(folders.downloads, status)
    lines = iter(answer.readline, b"")
    data = next(line for line in lines if line.startswith(b"data: "))
    (row,) = json.loads(data.removeprefix(b"data: "))["rows"]
    assert (row["key"], row["status"]["state"]) == (key, "failed")
    connection.close()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("video") / "film.mp4", 900)


@pytest.mark.browser
def test_the_page_shows_and_follows(tmp_path: Path, serve: Serve, browser: Chrome, video: Path) -> None:
    home = tmp_path / "home"
    Film(home, 900, video)
    key = register(home, 1)
    served = serve(home)
    history = history_of(served, key, ask=True)
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(served.url)

    def shown() -> dict[str, str]:
        rows = "[...document.querySelectorAll('.project')]"
        script = f"return Object.fromEntries({rows}.map((row) => [row.dataset.key, row.dataset.state]))"
        found: dict[str, str] = browser.execute_script(script)
        return found

    wait_for("the list", lambda: len(shown()) == 2, 60)
    assert shown() == {KEY: "received", key: "waiting"}
    wait_for("events", lambda: browser.find_element(By.ID, "live").text == "à jour", 60)
    row = browser.find_element(By.CSS_SELECTOR, f"[data-key='{key}']")
    row.find_element(By.CSS_SELECTOR, ".tools button").click()
    wait_for("the approval", lambda: shown()[key] == "queued", 60)
    assert history.of_project(key)[0].state == "approved"
    history.mark(key, "failed", reason="13.zip: is <b>damaged</b>.")
    folders = served.site.layout.project(key)
    write_project_status(
        folders.downloads, ProjectStatus(project=key, name="1 Camille", state="failed", updated_at="2026-11-02")
    )
    wait_for("the failure", lambda: shown()[key] == "failed", 60)
    assert browser.find_element(By.CSS_SELECTOR, ".sentence.bad").text == "13.zip: is <b>damaged</b>."

    browser.find_element(By.LINK_TEXT, "13 Camille").click()
    wait_for("its videos", lambda: browser.find_elements(By.CSS_SELECTOR, "#videos .title a"), 60)
    assert browser.find_element(By.CSS_SELECTOR, "#videos .title a").text == "rushes/interview.mov"
    picture = "return document.querySelector('#videos img.picture')?.naturalWidth"
    wait_for("its picture", lambda: browser.execute_script(picture) == 192, 60)
    browser.find_element(By.CSS_SELECTOR, "#videos .title a").click()
    wait_for("the review", lambda: browser.execute_script("return document.body.dataset.ready") == "true", 60)
    assert browser.get_log("browser") == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_window(tmp_path: Path, serve: Serve, browser: Chrome, width: int) -> None:
    for number in range(3):
        register(tmp_path / "home", number, "failed")
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        browser.get(serve(tmp_path / "home").url)
        wait_for("the list", lambda: len(browser.find_elements(By.CSS_SELECTOR, ".project")) == 3, 60)
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_scripts_get_their_sentences_from_the_catalogue(tmp_path: Path, serve: Serve) -> None:
    served = serve(tmp_path / "home")
    french = served.ask("/api/texts/fr").json
    assert french["tag"] == "fr"
    assert french["messages"]["waits for a person"] == "attend une personne"
    assert served.ask("/api/texts/en").json == {"tag": "en-GB", "messages": {}}
    assert served.ask("/api/texts/xx").status == 404
