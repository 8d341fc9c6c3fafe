"""``mediaflow web`` as somebody starts and ends it."""

from __future__ import annotations

import signal
import subprocess
import urllib.request
from pathlib import Path

from support.installation import Installation
from support.servers import free_port


def test_it_serves_until_it_is_ended(installation: Installation, tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        installation.command("web", "--ui", "http://127.0.0.1:3000/"),
        env={**installation.environment, "REPORTS_PORT": str(port)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Projects:   http://127.0.0.1:{port}/\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert 'data-ui="http://127.0.0.1:3000"' in page.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
