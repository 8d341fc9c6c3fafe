"""The upload history, from several processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from mediaflow_assets.intake.history import History


def claim(path: Path, identity: str, project: str) -> tuple[str, bool]:
    upload, new = History(path).claim(identity, lambda attempt: f"{project}-{attempt}")
    return upload.project, new


def test_one_identity_is_one_project_whoever_asks(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(claim, [path] * 24, ["same"] * 24, [f"p{number}" for number in range(24)]))
    assert len({project for project, _ in results}) == 1
    assert sum(new for _, new in results) == 1


def test_projects_never_share_a_key(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    assert claim(path, "one", "p") == ("p-1", True)
    assert claim(path, "two", "p") == ("p-2", True)
    assert claim(path, "one", "p") == ("p-1", False)


def test_state_reason_and_content(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite")
    history.claim("one", lambda attempt: "p", sent_at="2026-11-21T09:00:00+00:00")
    history.mark("p", "received", sha256="ab")
    history.mark("p", "failed", reason="it burned")
    upload = history.get("one")
    assert upload is not None
    assert (upload.state, upload.reason, upload.sha256) == ("failed", "it burned", "ab")
    assert [found.project for found in history.with_content("ab")] == ["p"]
    assert history.forget("one")
    assert not history.forget("one")
    assert history.all() == []
