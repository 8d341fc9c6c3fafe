"""What has been delivered."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.core.files import sha256_of
from support.deployment.stack import Stack


def documents(delivered: Path) -> dict[str, str]:
    """SHA-256 of every file below a delivered ``docs`` folder, by its path there."""
    return {str(path.relative_to(delivered)): sha256_of(path) for path in delivered.rglob("*") if path.is_file()}


def assert_two_delivered_once(stack: Stack) -> None:
    """Two projects by three runs, the first of which was killed; nothing is waiting, nothing half-written."""
    with stack.instance() as instance:
        runs = instance.get_runs()
        assert sorted(run.status.value for run in runs) == ["FAILURE", "SUCCESS", "SUCCESS"]
    assert len(list((stack.data / "output").glob("*/docs"))) == 2
    assert list((stack.data / "inbox").iterdir()) == []
    assert [path for path in stack.data.rglob("*.part*") if path.is_file()] == []
