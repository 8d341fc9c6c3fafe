"""``mediaflow prepare``: what Dagster's own commands find."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from support.installation import REPOSITORY, Installation
from support.servers import dagster_dev, free_port, stop, wait_for

POOLS = "{instance{concurrencyLimits{concurrencyKey slotCount}}}"


def test_dagster_gets_the_settings_of_the_deployment_and_the_sizes_of_the_pools(installation: Installation) -> None:
    settings = installation.home.parent / "dagster.yaml"
    settings.write_text((REPOSITORY / "dagster.yaml").read_text() + "\n# of the deployment\n")
    done = installation.mediaflow("prepare", MEDIAFLOW_DAGSTER_YAML=str(settings), CPU_STEPS="3")
    assert done.returncode == 0, done.stderr
    assert installation.layout.inbox.is_dir()
    assert (installation.layout.dagster / "dagster.yaml").read_text() == settings.read_text()
    with installation.instance() as instance:
        assert instance.event_log_storage.get_concurrency_info("encoding").slot_count == 3


@pytest.mark.slow
def test_dagster_dev_alone_keeps_its_instance_when_the_env_file_names_it(installation: Installation) -> None:
    """As docs/developing.md says: Dagster reads ``DAGSTER_HOME`` from ``.env`` of the folder it is started in."""
    checkout, port = installation.home.parent / "checkout", free_port()
    checkout.mkdir()
    shutil.copy(REPOSITORY / "workspace.yaml", checkout)
    (checkout / ".env").write_text(f"DAGSTER_HOME={installation.layout.dagster}\n")
    assert installation.mediaflow("prepare", CPU_STEPS="3").returncode == 0

    def pools() -> dict[str, int]:
        asked = Request(
            f"http://127.0.0.1:{port}/graphql",
            json.dumps({"query": POOLS}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urlopen(asked, timeout=60) as answer:
                limits = json.load(answer)["data"]["instance"]["concurrencyLimits"]
        except (URLError, ConnectionError):
            return {}
        return {limit["concurrencyKey"]: limit["slotCount"] for limit in limits}

    log = checkout / "dev.log"
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "dagster", "dev", "-p", str(port)]
        process = subprocess.Popen(
            command, cwd=checkout, env=installation.environment, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            wait_for("the answer of the UI", pools)
            assert pools()["encoding"] == 3, log.read_text()
        finally:
            stop(process)
    assert not list(checkout.glob(".tmp_dagster_home_*"))


@pytest.mark.slow
def test_mediaflow_dev_says_where_to_look_and_nothing_of_its_inside(installation: Installation) -> None:
    with dagster_dev(installation) as ui:
        log = installation.home.parent / "dev.log"
        wait_for("the UI", lambda: "Serving dagster-webserver" in log.read_text())
    first, second, *others = log.read_text().splitlines()
    assert first.startswith(f"Dagster UI: {ui} ")
    assert second.startswith("Projects:   http://127.0.0.1:")
    assert [line for line in others if "superseded" in line or ("WARNING" in line and "current folder" in line)] == []
