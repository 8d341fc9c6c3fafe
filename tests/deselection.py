"""Taking out tests that this machine cannot run, visibly: they are counted, named, and never passed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_NAMED = pytest.StashKey[list[str]]()


def deselect(config: pytest.Config, items: list[pytest.Item], why_not: Callable[[pytest.Item], str]) -> None:
    """Take out the items for which ``why_not`` gives a reason; called when tests are collected."""
    reasons = {item: why_not(item) for item in items}
    impossible = [item for item, reason in reasons.items() if reason]
    if impossible:
        items[:] = [item for item in items if not reasons[item]]
        config.hook.pytest_deselected(items=impossible)
        named = config.stash.setdefault(_NAMED, [])
        named += [f"{item.nodeid} ({reasons[item]})" for item in impossible]


def report_deselected(config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
    """Name at the end of the run what was taken out, and why."""
    named = config.stash.get(_NAMED, [])
    if named:
        terminal.section("deselected: this machine cannot run them")
        for line in named:
            terminal.line(line)
