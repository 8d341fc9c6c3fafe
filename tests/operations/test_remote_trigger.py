"""The remote trigger: authenticated, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.core.errors import BadInput, Interrupted
from mediaflow_assets.operations.remote_trigger import fetch_command
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.remote_trigger import remote_trigger_sensor
from support.servers import file_server

Answer = Callable[[str], None]
GOOD = '{"command_pending": true, "id": "42", "token": "right", "projects": ["p1", "nobody"]}'


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answer]:
    """Sets what the remote server answers."""
    folder = tmp_path / "remote"
    folder.mkdir()

    def answer(text: str) -> None:
        (folder / "trigger.json").write_text(text)

    with file_server(folder) as url:
        monkeypatch.setenv("REMOTE_TRIGGER_URL", f"{url}/trigger.json")
        monkeypatch.setenv("REMOTE_TRIGGER_TOKEN", "right")
        yield answer


def tick(cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("projects", ["p1", "p2"])
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"workspace": Workspace()})
    result = remote_trigger_sensor(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def test_off_unless_both_settings_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "off" in str(tick())
    monkeypatch.setenv("REMOTE_TRIGGER_URL", "http://127.0.0.1:9/")
    assert "off" in str(tick())


def test_a_command_starts_its_projects_once(remote: Answer) -> None:
    remote(GOOD)
    first = tick()
    assert isinstance(first, dg.SensorResult)
    assert [(request.partition_key, request.run_key) for request in first.run_requests or []] == [
        ("p1", "remote:42:p1")
    ]
    again = tick(first.cursor)
    assert isinstance(again, dg.SkipReason)


def test_nothing_pending_is_a_skip(remote: Answer) -> None:
    remote('{"command_pending": false}')
    assert "no command" in str(tick())


@pytest.mark.parametrize(
    "answer",
    [
        GOOD.replace("right", "wrong"),
        GOOD.replace("right", ""),
        GOOD.replace('"id": "42", ', ""),
        "<html>login</html>",
        "[]",
        '{"command_pending": "yes"}',
    ],
)
def test_what_is_not_a_command_starts_nothing_and_says_so(remote: Answer, answer: str) -> None:
    remote(answer)
    with pytest.raises(BadInput, match="remote trigger") as caught:
        tick()
    assert "right" not in str(caught.value).replace("the right token", "")


def test_an_absent_server_is_a_failed_tick() -> None:
    with pytest.raises(Interrupted, match="REMOTE_TRIGGER_URL"):
        fetch_command("http://127.0.0.1:9/", "right", 1)
