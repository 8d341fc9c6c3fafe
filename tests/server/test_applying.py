"""What people said reaches the delivery when a page asks for it, by what the command does."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from mediaflow_assets.cli.local_run import apply_now
from mediaflow_assets.formats.manifest import write_document
from mediaflow_assets.intake.receive import Received
from mediaflow_assets.orchestration.instance import open_instance
from mediaflow_assets.settings import Settings
from support.servers import wait_for
from tests.delivery.projects import Project
from tests.server.conftest import Answer, Serve, Served


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A delivered project."""
    monkeypatch.setenv("REFRAME_ASPECTS", "none")
    made = Project(tmp_path / "home", videos=["a.mov"])
    write_document(made.folders.downloads / "received.json", Received(file=made.archive.name, sha256="0" * 64, bytes=7))
    assert apply_now(Settings.load(), made.key) == []
    return made


def name(served: Served, project: Project, text: str) -> None:
    video = project.masters[0].source_sha256
    head = served.ask(f"/api/review/{video}").json["head"]
    edit = {"op": "name", "who": "obj_1", "name": text}
    assert served.post(f"/api/corrections/{video}", {"edits": [edit]}, if_match=head).status == 201


def apply(served: Served, project: Project) -> Answer:
    return served.post(f"/api/apply/{project.key}", {})


def test_what_is_said_is_delivered_when_it_answers(project: Project, serve: Serve) -> None:
    served, video = serve(project.home), project.masters[0].source_sha256
    name(served, project, "Camille")
    assert served.ask(f"/api/news/{video}").json["delivered"] is False
    answer = apply(served, project)
    assert answer.status == 200, answer.body
    news = served.ask(f"/api/news/{video}").json
    assert (news["delivered"], news["delivered_at"]) == (True, answer.json["delivered_at"])
    people = json.loads((project.home / "output" / project.key / "docs" / "a_people.json").read_bytes())["people"]
    assert [person["name"] for person in people] == ["Camille"]
    assert apply(served, project).json == answer.json, "asked again, nothing is delivered again"


def test_what_fails_is_said_in_a_sentence(project: Project, serve: Serve) -> None:
    served = serve(project.home)
    name(served, project, "Camille")
    output = project.home / "output"
    output.rename(project.home / "away")
    output.write_text("a file where the folder was")
    answer = apply(served, project)
    assert answer.status == 422
    assert answer.json["sentence"].startswith("finalized_project: ")
    assert "Traceback" not in answer.json["sentence"]


@pytest.mark.browser
def test_the_page_has_a_button_for_it(project: Project, serve: Serve, browser: Chrome) -> None:
    served = serve(project.home, REVIEW_APPLY="ask")
    browser.get(f"{served.url}p/{project.key}/review/{project.masters[0].id}")
    wait_for("the page", lambda: browser.find_element(By.TAG_NAME, "body").get_attribute("data-ready") == "true", 120)
    button = browser.find_element(By.ID, "apply")
    assert not button.is_displayed(), "nobody corrected anything"
    name(served, project, "Camille")
    wait_for("the news", button.is_displayed, 60)
    assert button.text == "Livrer maintenant"
    button.click()
    wait_for("the delivery", lambda: not button.is_displayed(), 300)
    assert "livré à" in browser.find_element(By.ID, "status").text
    assert (project.home / "output" / project.key / "docs" / "a_people.json").exists()


def test_a_run_of_the_project_is_not_disturbed(project: Project, serve: Serve) -> None:
    served, video = serve(project.home), project.masters[0].source_sha256
    name(served, project, "Camille")
    tags = {"dagster/partition": project.key}
    location = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mediaflow"), "__repository__")
    job = location.get_job_origin("process_project")
    with open_instance(Settings.load()) as instance:
        run = create_run_for_test(instance, status=dg.DagsterRunStatus.QUEUED, tags=tags, remote_job_origin=job)
        refused = apply(served, project)
        assert refused.status == 409
        assert refused.json["sentence"].startswith("A run of this project is under way.")
        assert served.ask(f"/api/news/{video}").json["delivered"] is False
        instance.delete_run(run.run_id)
    assert apply(served, project).status == 200


def test_who_may_ask_for_what(project: Project, serve: Serve) -> None:
    assert apply(serve(project.home, REVIEW="off"), project).status == 403
    served = serve(project.home)
    assert served.post(f"/api/apply/{project.key}", {}, x_review_token="").status == 403
    assert served.post("/api/apply/nothing", {}).status == 404
    assert served.ask(f"/api/apply/{project.key}").status == 404, "reading does nothing"
