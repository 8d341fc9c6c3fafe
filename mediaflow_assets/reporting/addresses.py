"""Where the web application has the reports, for whoever links to them."""

from __future__ import annotations

from urllib.parse import quote

HOST = "127.0.0.1"


def address(port: int, path: str = "") -> str:
    """URL of a file of the reports folder, or of another page of the web application."""
    return f"http://{HOST}:{port}/{quote(path)}"
