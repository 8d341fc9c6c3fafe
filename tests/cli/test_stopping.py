"""A stop is said once, whatever Python was doing when it came."""

from __future__ import annotations

import signal
import threading
from typing import NoReturn

import pytest

from mediaflow_assets.cli.stopping import Stopping


class _Disturbed:
    def __del__(self) -> NoReturn:
        raise KeyboardInterrupt  # as a signal would that comes while an object is destroyed


def test_an_interrupt_that_python_would_ignore_still_stops(capfd: pytest.CaptureFixture[str]) -> None:
    with Stopping() as stopping, pytest.raises(KeyboardInterrupt):
        disturbed = _Disturbed()
        del disturbed
        threading.Event().wait(600)
    assert stopping.signal == signal.SIGINT
    assert stopping.code == 130
    assert "Traceback" not in capfd.readouterr().err
