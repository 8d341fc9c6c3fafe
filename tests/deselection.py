"""Taking out tests that this machine cannot run, visibly: they are counted, named, and never passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

_NAMED = pytest.StashKey[dict[str, str]]()
_SENT = "mediaflow_deselected"


def deselect(config: pytest.Config, items: list[pytest.Item], why_not: Callable[[pytest.Item], str]) -> None:
    """Take out the items for which ``why_not`` gives a reason; called when tests are collected."""
    reasons = {item: why_not(item) for item in items}
    impossible = [item for item, reason in reasons.items() if reason]
    if impossible:
        items[:] = [item for item in items if not reasons[item]]
        config.hook.pytest_deselected(items=impossible)
        config.stash.setdefault(_NAMED, {}).update({item.nodeid: reasons[item] for item in impossible})


def send_deselected(config: pytest.Config) -> None:
    """A worker of pytest-xdist tells what it took out: only who started it has a summary."""
    if hasattr(config, "workeroutput"):
        config.workeroutput[_SENT] = config.stash.get(_NAMED, {})


def receive_deselected(config: pytest.Config, output: Mapping[str, dict[str, str]]) -> None:
    """What a worker took out; every worker takes out the same."""
    config.stash.setdefault(_NAMED, {}).update(output.get(_SENT, {}))


def report_deselected(config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
    """Name at the end of the run what was taken out, and why."""
    named = config.stash.get(_NAMED, {})
    if named:
        terminal.section(f"{len(named)} deselected: this machine cannot run them")
        for test, reason in named.items():
            terminal.line(f"{test} ({reason})")
