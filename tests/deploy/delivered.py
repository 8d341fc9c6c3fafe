"""What is in a delivery."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.files import sha256_of


def documents(delivered: Path) -> dict[str, str]:
    """SHA-256 of every file below a delivered ``docs`` folder, by its path there."""
    return {str(path.relative_to(delivered)): sha256_of(path) for path in delivered.rglob("*") if path.is_file()}
