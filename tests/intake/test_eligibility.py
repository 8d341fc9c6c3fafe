"""What is done with each record, and why."""

from __future__ import annotations

from typing import Any

import pytest

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.eligibility import LinkDecision, arrival_of_link, decide
from mediaflow_assets.intake.records import read_records
from mediaflow_assets.intake.settings import IntakeSettings
from mediaflow_assets.intake.uploads import Upload, known_links

FILE = "https://www.dropbox.com/scl/fi/abc/13_Camille.zip?rlkey=k&dl=0"
FOLDER = "https://www.dropbox.com/scl/fo/abc/h?rlkey=k&dl=0"
PROXY = "https://media.example.workers.dev/dropbox/13_Camille.zip"


def decisions(*records: dict[str, Any], known: dict[str, str] | None = None, **settings: Any) -> list[LinkDecision]:
    return decide(read_records(list(records)).records, IntakeSettings(**settings), known)


def one(record: dict[str, Any], **settings: Any) -> tuple[str, str]:
    (decision,) = decisions(record, **settings)
    return decision.action, decision.reason


def new(url: str, name: str = "13_Camille.zip", **more: str) -> dict[str, str]:
    return {"source_url": url, "original_filename": name, "provider": "dropbox", **more}


@pytest.mark.parametrize(
    ("record", "filename"),
    [
        (new(FILE), "13_Camille.zip"),
        (new(FILE, ""), "13_Camille.zip"),
        (new(FILE.replace(".zip", ".7z"), ""), "13_Camille.7z"),
        (new(FOLDER, "13_Camille"), "13_Camille.zip"),
        (new(FOLDER, ""), "Dropbox abc.zip"),
        (new("https://www.dropbox.com/sh/abc/h?dl=0", ""), "Dropbox abc.zip"),
        (new("https://dl.dropboxusercontent.com/s/abc/a.rar", ""), "a.rar"),
        (new(FILE, "../../13_Camille.zip"), "13_Camille.zip"),
        (new(FILE, "C:\\rushes\\13_Camille.zip"), "13_Camille.zip"),
    ],
)
def test_an_archive_on_dropbox_is_fetched(record: dict[str, str], filename: str) -> None:
    (decision,) = decisions(record)
    assert (decision.action, decision.filename) == ("fetch", filename)


@pytest.mark.parametrize(
    "url",
    [
        "https://evildropbox.com/s/a/x.zip",
        "https://www.dropbox.com.evil.example/s/a/x.zip",
        "https://evil.example/?u=https://www.dropbox.com/s/a/x.zip",
        "https://evil.example/dropbox/worker/x.zip",
        "https://evil.example#@www.dropbox.com/x.zip",
        "https://www.dropbox.com@evil.example/x.zip",
        "http://www.dropbox.com/s/a/x.zip",
        "ftp://www.dropbox.com/s/a/x.zip",
        "www.dropbox.com/s/a/x.zip",
        "file:///home/x.zip",
        "https://127.0.0.1/x.zip",
        "https://[::1]/x.zip",
        "https://169.254.169.254/latest/meta-data/x.zip",
        "https://2130706433/x.zip",
        "https://localhost/x.zip",
    ],
)
def test_anything_that_only_looks_like_dropbox_is_refused(url: str) -> None:
    action, reason = one(new(url))
    assert action == "refused"
    assert reason.endswith(".")


@pytest.mark.parametrize(
    "url",
    ["https://fromsmash.com/abc-ct", "https://www.swisstransfer.com/d/1-2-3", "https://wetransfer.example/x.zip"],
)
def test_other_services_are_for_a_person(url: str) -> None:
    for record in (new(url, provider="fromsmash"), {"url": url, "timestamp": "2025-10-17T10:00:00Z"}):
        assert one(record)[0] == "by hand"


@pytest.mark.parametrize("proxy", [PROXY, "https://proxy.example/a.zip"])
def test_a_link_for_a_person_is_shown_whatever_stands_before_it(proxy: str) -> None:
    smash = "https://fromsmash.com/abc-ct"
    (decision,) = decisions({"r2_url": proxy, "source_url": smash})
    assert (decision.action, decision.link) == ("by hand", smash)


def test_a_proxy_is_fetched_from_only_when_a_setting_names_it() -> None:
    record = {"r2_url": PROXY, "source_url": FILE, "original_filename": "13_Camille.zip"}
    (refused,) = decisions(record)
    assert [url.partition("?")[0] for url in refused.urls] == [FILE.partition("?")[0]]
    assert "other link" in refused.reason
    (allowed,) = decisions(record, proxy_hosts="media.example.workers.dev")
    assert [url.partition("?")[0] for url in allowed.urls] == [PROXY, FILE.partition("?")[0]]
    assert one({"r2_url": PROXY}, proxy_hosts="workers.dev")[0] == "refused"


def test_plain_http_only_for_hosts_that_a_setting_names() -> None:
    assert one(new("http://lan.example/a.zip"), proxy_hosts="lan.example")[0] == "refused"
    assert one(new("http://lan.example/a.zip"), http_hosts="lan.example")[0] == "fetch"


def test_legacy_records_are_not_fetched_unless_a_setting_says_so() -> None:
    record = {"url": FILE, "timestamp": "2025-10-17T10:00:00Z", "source": "webhook"}
    action, reason = one(record)
    assert action == "ignored"
    assert "WEBHOOK_FETCH_LEGACY" in reason
    assert one(record, fetch_legacy=True)[0] == "fetch"


def test_what_is_no_archive_is_ignored() -> None:
    action, reason = one(new("https://www.dropbox.com/scl/fi/a/notes.pdf?rlkey=k", "notes.pdf"))
    assert action == "ignored"
    assert "notes.pdf" in reason


def test_the_keyword_decides_whatever_its_case() -> None:
    assert one(new(FILE), keyword="CAMILLE")[0] == "fetch"
    action, reason = one(new(FILE), keyword="Léa")
    assert action == "ignored"
    assert "PROJECT_KEYWORD" in reason
    assert "13_Camille.zip" in reason


def test_an_ineligible_row_never_hides_an_eligible_one() -> None:
    legacy = {"url": FILE, "timestamp": "2025-10-17T10:00:00Z"}
    actions = [decision.action for decision in decisions(legacy, new(FILE), new(FILE.replace("dl=0", "dl=1")))]
    assert actions == ["ignored", "fetch", "known"]


def test_a_link_is_known_by_either_of_its_urls() -> None:
    both = {"r2_url": PROXY, "source_url": FILE, "original_filename": "a.zip"}
    settings = {"proxy_hosts": "media.example.workers.dev"}
    actions = [decision.action for decision in decisions(both, new(FILE), {"r2_url": PROXY}, **settings)]
    assert actions == ["fetch", "known", "known"]


def test_what_the_history_knows() -> None:
    first = Upload("https://x.example/1", "p1", "failed", "It burned.", fallback="https://x.example/2")
    second = Upload("https://x.example/3", "p2", "received", fallback="https://x.example/4")
    manual = Upload("https://x.example/5", "", "by hand")
    past = Upload("https://x.example/6", "", "past")
    known = known_links([first, second, manual, past])
    assert sorted(url[-1] for url in known) == ["1", "3", "4", "6"]
    assert "It burned." in known["https://x.example/1"]
    assert "mediaflow history retry p1" in known["https://x.example/1"]


@pytest.mark.parametrize(
    ("url", "filename"),
    [(FILE, "13_Camille.zip"), (FOLDER, "Dropbox abc.zip"), ("https://dropbox.com", "download.zip")],
)
def test_a_person_may_have_any_allowed_link_fetched(url: str, filename: str) -> None:
    arrival = arrival_of_link(url, IntakeSettings())
    assert (arrival.filename, arrival.name_is_guessed, arrival.urls) == (filename, True, (arrival.identity,))
    with pytest.raises(BadInput):
        arrival_of_link("https://evil.example/a.zip", IntakeSettings())


def test_every_record_gets_one_decision_with_a_reason() -> None:
    records = [new(FILE), new("nonsense"), {"url": "x"}, new(FOLDER)]
    assert [bool(decision.reason) for decision in decisions(*records)] == [True] * 4
