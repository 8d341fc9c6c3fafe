"""What must be true at the end: every project delivered once, whole, and nothing else."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from mediaflow_assets.core.layout import Layout
from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.history import History

DOCUMENTS = sorted(
    f"clip{end}" for end in (".csv", ".mp4", "_audio.json", "_reframe_9x16.json", "_tracking.json", "_transitions.json")
)


def problems(layout: Layout, archives: list[Path], instance: dg.DagsterInstance) -> list[str]:
    """A sentence for everything that is not as it should be."""
    found = []
    wanted = Counter(archive.name for archive in archives)
    origins = {path.parent.name: read_document(path, Origin) for path in layout.downloads.glob("*/origin.json")}
    registered = Counter(origin.filename for origin in origins.values())
    found += [f"{name}: registered {registered[name]} times" for name in wanted | registered if registered[name] != 1]
    output = layout.home / "output"
    delivered = {path.name for path in output.iterdir() if path.is_dir() and not path.name.startswith(".")}
    found += [f"{key}: not delivered" for key in sorted(set(origins) - delivered)]
    found += [f"{key}: delivered, but not registered" for key in sorted(delivered - set(origins))]
    by_name = {archive.name: archive for archive in archives}
    for key in sorted(delivered & set(origins)):
        found += [f"{key}: {problem}" for problem in _delivery(output / key)]
        received = layout.downloads / key / origins[key].filename
        if received.read_bytes() != by_name[received.name].read_bytes():
            found.append(f"{key}: the archive is not what was sent")
        if not zipfile.is_zipfile(received):
            found.append(f"{key}: the archive is damaged")
        made = _made(instance, key)
        if made != 1:
            found.append(f"{key}: delivered {made} times")
    states = Counter(upload.state for upload in History(layout.state / "history.sqlite").all())
    if states != {"delivered": len(archives)}:
        found.append(f"history: {dict(states)}")
    partitions = instance.get_dynamic_partitions("projects")
    if sorted(partitions) != sorted(origins):
        found.append(f"{len(partitions)} partitions, {len(origins)} projects")
    return found


def _delivery(folder: Path) -> list[str]:
    manifest = (folder / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in manifest)
    found = []
    if sorted(Path(path).name for path in listed) != DOCUMENTS:
        found.append(f"holds {sorted(listed)}")
    for path, digest in listed.items():
        if hashlib.sha256((folder / path).read_bytes()).hexdigest() != digest:
            found.append(f"{path} is not what was delivered")
    return found


def _made(instance: dg.DagsterInstance, key: str) -> int:
    """Times that a delivery was made; finding it already there does not count."""
    events = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("finalized_project"), asset_partitions=[key]), limit=10
    ).records
    statuses = [event.asset_materialization.metadata["status"].value for event in events if event.asset_materialization]
    # A run that was killed between the delivery and its event leaves it to the next one to say so.
    return max(statuses.count("made"), min(len(statuses), 1))


def told(lines: list[str], found: Sequence[str], page: Path | None) -> int:
    """Print a report with what was ``found`` wrong, append it to ``page``; the exit status."""
    lines = [*lines, "", *(f"- {problem}" for problem in found)]
    if not found:
        lines.append("Every project was delivered once and verified; nothing was left behind.")
    text = "\n".join(lines) + "\n"
    print(text)
    if page:
        with page.open("a", encoding="utf-8") as stream:
            stream.write(text)
    return 1 if found else 0
