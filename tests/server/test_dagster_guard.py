"""Dagster's web server is asked by its own pages and by programs, and by no page of anybody else."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from selenium import webdriver
from starlette.types import Message, Scope

from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.server.dagster_guard import DagsterGuard
from mediaflow_assets.settings import Settings
from support.installation import REPOSITORY
from support.servers import answers, file_server, free_port, wait_for

OWN = {"host": "127.0.0.1:3000"}
PROXY = "mediaflow.example"
FOREIGN = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}


def status(method: str, path: str, *, kind: str = "http", **headers: str) -> int:
    """What the guard answers; 200 when it lets through."""
    answers: list[int] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        answers.append(200)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])
        if message["type"] == "websocket.close":
            answers.append(403)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "path": path, "headers": raw, "query_string": b""}
    asyncio.run(DagsterGuard(app, ["Mediaflow.example"])(scope, receive, send))
    return answers[0]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", OWN),
        ("GET", "/runs/abc", {"host": "localhost:3000", "sec_fetch_site": "none"}),
        ("GET", "/", {"host": "[::1]:3000"}),
        ("GET", "/", {"host": "mediaflow.example"}),
        ("POST", "/graphql", {**OWN, "content_type": "application/json"}),
        ("POST", "/graphql", {**OWN, "content_type": "application/json; charset=utf-8", "origin": "http://127.0.0.1:3000"}),
        ("POST", "/graphql", {"host": PROXY, "content_type": "application/json", "origin": f"https://{PROXY}"}),
        ("GET", "/runs", {**OWN, **FOREIGN, "sec_fetch_dest": "document"}),
    ],
)  # fmt: skip
def test_own_pages_programs_and_links_come_through(method: str, path: str, headers: dict[str, str]) -> None:
    assert status(method, path, **headers) == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"host": "evil.example:3000"}),
        ("GET", "/", {}),
        ("GET", "/graphql", OWN),
        ("HEAD", "/graphql", OWN),
        ("GET", "/prefix/graphql", OWN),
        ("PUT", "/", OWN),
        ("OPTIONS", "/graphql", OWN),
        ("POST", "/graphql", {**OWN, "content_type": "text/plain"}),
        ("POST", "/graphql", {**OWN, "content_type": "application/x-www-form-urlencoded"}),
        ("POST", "/graphql", {**OWN, "content_type": "application/json", "origin": "http://127.0.0.1:3001"}),
        ("POST", "/graphql", {**OWN, "content_type": "application/json", "origin": "null"}),
        ("POST", "/report_asset_check/a", {**OWN, "origin": "https://evil.example"}),
        ("GET", "/logs/a", {**OWN, "sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors"}),
        ("GET", "/", {**OWN, **FOREIGN, "sec_fetch_dest": "iframe"}),
    ],
)  # fmt: skip
def test_others_do_not(method: str, path: str, headers: dict[str, str]) -> None:
    assert status(method, path, **headers) == 403


def test_web_sockets_are_for_own_pages() -> None:
    assert status("GET", "/graphql", kind="websocket", origin="http://127.0.0.1:3000", **OWN) == 200
    assert status("GET", "/graphql", kind="websocket", origin="http://127.0.0.1:3001", **OWN) == 403
    assert status("GET", "/graphql", kind="websocket", host="evil.example") == 403


@pytest.fixture
def ui(tmp_path: Path) -> Iterator[str]:
    """The web server as it is started, without a code location; yields its address."""
    open_instance(Settings.load()).dispose()
    port = free_port()
    log = tmp_path / "ui.log"
    module = "mediaflow_assets.server.dagster_ui"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--empty-workspace", "-p", str(port)],
            cwd=REPOSITORY,
            stdout=stream,
            stderr=stream,
        )
        try:
            wait_for("the UI", lambda: answers(port))
            yield f"http://127.0.0.1:{port}"
        except BaseException as error:
            error.add_note(log.read_text()[-4000:])
            raise
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


PAGE = """<!doctype html><title>waits</title><body><script>
const ui = "UI", change = "mutation{setAutoMaterializePaused(paused:true)}";
const done = [];
function image() { return new Promise(end => { const i = new Image(); i.onload = i.onerror = end;
  i.src = ui + "/graphql?query=" + encodeURIComponent(change); document.body.append(i); }); }
function post(type, body, mode) {
  return fetch(ui + "/graphql", {method: "POST", mode, headers: {"Content-Type": type}, body}).catch(() => 0); }
function socket() { return new Promise(end => {
  const s = new WebSocket(ui.replace("http", "ws") + "/graphql", "graphql-ws");
  s.onopen = () => { s.send(JSON.stringify({type: "connection_init"}));
    s.send(JSON.stringify({id: "1", type: "start", payload: {query: change}})); setTimeout(end, 2000); };
  s.onerror = s.onclose = end; }); }
(async () => {
  await image();
  await post("text/plain", JSON.stringify({query: change}), "no-cors");
  await post("application/x-www-form-urlencoded", "query=" + encodeURIComponent(change), "no-cors");
  await post("application/json", JSON.stringify({query: change}), "cors");
  await socket();
  document.title = "tried everything";
})();
</script>"""


@pytest.mark.slow
def test_a_page_on_another_port_changes_nothing_and_the_ui_still_can(
    ui: str, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    def ask(query: str) -> dict[str, Any]:
        answer = requests.post(f"{ui}/graphql", json={"query": query}, timeout=60).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def paused() -> bool:
        return bool(ask("{instance{autoMaterializePaused}}")["instance"]["autoMaterializePaused"])

    ask("mutation{setAutoMaterializePaused(paused:false)}")
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "index.html").write_text(PAGE.replace("UI", ui))
    with file_server(tmp_path / "evil") as address:
        browser.get(address)
        wait_for("the page", lambda: browser.title == "tried everything")
    assert not paused()

    browser.get(ui)
    answer = browser.execute_async_script(
        "const end = arguments[0]; fetch('/graphql', {method: 'POST', headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify({query: 'mutation{setAutoMaterializePaused(paused:true)}'})})"
        ".then(answer => answer.json()).then(end)"
    )
    assert "errors" not in answer, answer
    assert paused()
    opened = browser.execute_async_script(
        "const end = arguments[0]; const s = new WebSocket(location.origin.replace('http', 'ws') + '/graphql',"
        " 'graphql-ws'); s.onopen = () => end('open'); s.onerror = () => end('refused');"
    )
    assert opened == "open"
