"""Every folder that this installation writes, the deliveries first: their disk fills soonest."""

from __future__ import annotations

from pathlib import Path

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.delivery.settings import DeliverySettings
from mediaflow_assets.intake.settings import IntakeSettings

_OWN = ("home", "inbox", "downloads", "work", "archives", "reports", "state", "dagster")


def written_folders(layout: Layout, delivery: DeliverySettings, intake: IntakeSettings) -> dict[str, Path]:
    """Name (of the setting, or of the folder in ``MEDIAFLOW_HOME``) to absolute path; none need exist yet."""
    found = {"OUTPUT_DIR" if delivery.output else "output": delivery.output or layout.home / "output"}
    if delivery.fallback_output:
        found["FALLBACK_OUTPUT_DIR"] = delivery.fallback_output
    found |= {name: getattr(layout, name) for name in _OWN}
    if intake.history_path:
        found["UPLOAD_HISTORY_PATH"] = intake.history_path.parent
    return {name: folder.expanduser().resolve() for name, folder in found.items()}
