"""From a link or a file to a finalized project, with a real daemon and real servers."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import dagster as dg
import pytest

from mediaflow_assets.sample.encode import encode_film
from mediaflow_assets.sample.storyboard import SILENT
from support.installation import Installation
from support.servers import dagster_dev, file_server, wait_for

pytestmark = pytest.mark.slow


def archive(path: Path, video: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(video, encode_film(SILENT))
    return path


def ticks(instance: dg.DagsterInstance, name: str) -> list[dg._core.scheduler.instigation.InstigatorTick]:
    (state,) = [state for state in instance.all_instigator_state() if state.instigator_name == name]
    return list(instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=50))


def test_a_link_and_a_file_become_finalized_projects_once(installation: Installation, tmp_path: Path) -> None:
    web = tmp_path / "web"
    archive(web / "20_Camille_web.zip", "web.mov")
    webhook = web / "links.json"
    with file_server(web) as server:
        record = {
            "source_url": f"{server}/20_Camille_web.zip",
            "original_filename": "20_Camille_web.zip",
            "provider": "dropbox",
            "created_at": "2026-11-21T10:00:00+01:00",
        }
        bad = {"source_url": "https://dropbox.com.evil.example/x.zip", "original_filename": "x.zip"}
        webhook.write_text(json.dumps([bad, record, record, "not a record"]))
        environment = {"WEBHOOK_JSON_URL": f"{server}/links.json", "DOWNLOAD_HTTP_HOSTS": "127.0.0.1"}
        with dagster_dev(installation, **environment):
            inbox = installation.home / "inbox"
            wait_for("the inbox", inbox.is_dir)
            shutil.copy(archive(tmp_path / "21_Camille_inbox.zip", "inbox.mov"), inbox)
            output = installation.home / "output"
            wait_for("both deliveries", lambda: len(list(output.glob("[!.]*/docs/*.csv"))) == 2)
            reports = installation.home / "reports"
            wait_for("both reports", lambda: len(list(reports.glob("*/report.html"))) == 2)
            webhook.unlink()
            with installation.instance() as instance:
                wait_for("a failed tick", lambda: any(tick.is_failure for tick in ticks(instance, "webhook")))
            webhook.write_text(json.dumps([record]))
            with installation.instance() as instance:
                wait_for("the next good tick", lambda: ticks(instance, "webhook")[0].is_completed)
        with installation.instance() as instance:
            assert sorted(instance.get_dynamic_partitions("projects")) == installation.projects
            runs = instance.get_runs()
            assert len(runs) == 2
            assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
            (failed, *_) = [tick for tick in ticks(instance, "webhook") if tick.is_failure]
            assert "webhook: cannot be read" in str(failed.error)
    names = sorted(path.name for path in output.glob("*/docs/*.mp4"))
    assert names == ["inbox.mp4", "web.mp4"]
    assert list(inbox.iterdir()) == []
