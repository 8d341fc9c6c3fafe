"""A stop is said once, whatever Python was doing when it came."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

from mediaflow_assets.cli.stopping import Stopping


class _Disturbed:
    def __del__(self) -> NoReturn:
        raise KeyboardInterrupt  # as a signal would that comes while an object is destroyed


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN], ids=["terminal", "background"])
def expected(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """What a stop is said to be: a shell starts programs in the background with SIGINT ignored."""
    former = signal.signal(signal.SIGINT, request.param)
    yield signal.SIGTERM if request.param == signal.SIG_IGN else signal.SIGINT
    signal.signal(signal.SIGINT, former)


def test_an_interrupt_that_python_would_ignore_still_stops(
    expected: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    with Stopping() as stopping, pytest.raises(KeyboardInterrupt):
        disturbed = _Disturbed()
        del disturbed
        threading.Event().wait(600)
    assert stopping.signal == expected
    assert stopping.code == 128 + expected
    assert "Traceback" not in capfd.readouterr().err
