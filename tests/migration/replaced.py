"""An installation of the replaced application, built from the golden cases: settings, history, archives, projects."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.intake.test_legacy_keys import LEGACY_KEYS

Golden = Callable[[str], list[dict[str, Any]]]

ENV = """\
# the replaced application
FLASK_SECRET_KEY=flask-secret-value
FLASK_PORT=5000
BASE_PATH_SCRIPTS_ENV={base}
PROJECTS_DIR={base}/projets_extraits
ARCHIVES_DIR={base}/archives
OUTPUT_DIR={output}
FALLBACK_OUTPUT_DIR=_finalized_output
LOCAL_DOWNLOADS_DIR={base}/downloads
DOWNLOAD_HISTORY_DB_PATH=download_history.sqlite3
WEBHOOK_TIMEOUT=20
WEBHOOK_MONITOR_INTERVAL=5
FOLDER_KEYWORD=Camille
STEP4_USE_LEMONFOX=1
LEMONFOX_API_KEY=lemonfox-secret-value
LEMONFOX_DEFAULT_PROMPT='Camille et Léa, "plateau"'
AUDIO_PARTIAL_SUCCESS_OK=1
STEP5_TRACKING_ENGINE=opencv_yunet_pyfeat
STEP5_YUNET_MAX_WIDTH=960
STEP5_INSIGHTFACE_MAX_FACES=7
STEP5_OPENCV_HAAR_CASCADE_PATH={base}/assets/haar.xml
STEP5_EXPORT_VERBOSE_FIELDS=
MYSQL_HOST=db.example
FINALIZE_MODE=videos
EDITOR_OF_CHOICE=vim
"""
NEW_LINK = "https://www.dropbox.com/scl/fo/new/one?rlkey=n&dl=0"


@dataclass
class Replaced:
    """The installation and what is known to be in it."""

    folder: Path
    output: Path
    links: list[str] = field(default_factory=list)
    """Links as the webhook has them, all of them fetched."""
    analyses: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """SHA-256 of a video to the documents of it by kind."""

    def digest(self) -> dict[str, tuple[str, int]]:
        """Content and time of every file, and the folders, for comparing."""
        return {
            str(path.relative_to(self.folder)): (
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
                path.stat().st_mtime_ns,
            )
            for path in sorted(self.folder.rglob("*"))
        }


def build(root: Path, golden: Golden, own_link: str = "") -> Replaced:
    """Make the installation in ``root/old``.

    Args:
        own_link: one more link that was fetched, of a server of the test.
    """
    base, output = root / "old", root / "cache"
    base.mkdir(parents=True)
    replaced = Replaced(base, output)
    (base / ".env").write_text(ENV.format(base=base, output=output), encoding="utf-8")
    _history(replaced, golden, own_link)
    _archives(replaced, golden)
    _projects(replaced, golden)
    (base / "config").mkdir()
    (base / "config/step3_transnet.json").write_text(
        json.dumps({"threshold": 0.45, "window": 100, "stride": 50, "padding": 25, "torchscript": True, "device": None})
    )
    (base / "config/optimal_tv_config.json").write_text(
        json.dumps({"segmentation": {"min_duration_off": 0.2}, "clustering": {"min_cluster_size": 4, "threshold": 0.7}})
    )
    (base / "logs/step1").mkdir(parents=True)
    (base / "logs/step1/processed_archives.txt").write_text(f"{base}/downloads/13_Camille.zip\n")
    return replaced


def _history(replaced: Replaced, golden: Golden, own_link: str) -> None:
    """What it had fetched: SQLite in WAL mode, still in use, and the JSON list before that."""
    keys = [(link, key) for link, key in LEGACY_KEYS]
    for case in golden("webhook_validate_and_format"):
        for row in case["output"] if isinstance(case["output"], list) else ():
            if "dropbox" in str(row.get("url_type")):
                keys.append((row["url"], row["url"]))
    if own_link:
        keys.append((own_link, own_link))
    with closing(sqlite3.connect(replaced.folder / "download_history.sqlite3")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE download_history (url TEXT PRIMARY KEY, timestamp TEXT NOT NULL DEFAULT '')")
        db.executemany(
            "INSERT OR IGNORE INTO download_history VALUES (?, '2025-10-17 12:34:13')", [(key,) for _, key in keys]
        )
        db.commit()
    past = "https://www.dropbox.com/scl/fi/json/9_Camille.zip?rlkey=j&dl=0"
    (replaced.folder / "download_history.json").write_text(
        json.dumps([past.replace("dl=0", "dl=1"), {"url": "not a link", "timestamp": ""}])
    )
    replaced.links = [link for link, _ in keys] + [past]


def _documents(golden: Golden, number: int) -> dict[str, bytes]:
    """Scenes, audio and tracking of one video, from the golden cases where they have whole documents."""
    audio = golden("reduce_audio_json")
    tracking = golden("reduce_video_json")
    scenes = (
        f"No,Timecode In,Timecode Out,Frame In,Frame Out\r\n1,00:00:00.000,00:00:00.{number % 10}60,1,{number + 2}\r\n"
    )
    return {
        "scenes": scenes.encode(),
        "audio": json.dumps(audio[number % len(audio)]["input"]).encode(),
        "tracking": json.dumps(tracking[number % len(tracking)]["input"]).encode(),
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _archives(replaced: Replaced, golden: Golden) -> None:
    archives = replaced.folder / "archives"
    for number in range(6):
        stamped = number % 2 == 0
        name = f"{number} Camille"
        sha256 = _sha256(f"video {number}")
        folder = archives / (f"{name} 2025-10-0{number + 1}_07-51-55" if stamped else name) / sha256
        documents = _documents(golden, number)
        if number == 5:
            del documents["audio"]  # its .mov was skipped
        _write(folder, "v", documents)
        if number != 3:  # of which no metadata is left
            said = {"video_path": f"/old/{name}/docs/v.mp4", "video_stem": "v", "video_hash": sha256}
            (folder / "metadata.json").write_text(
                json.dumps({**said, "created_at": f"2025-09-0{number + 1}T08:00:00Z", "copied": {"scenes": True}})
            )
        replaced.analyses[sha256] = documents
    (archives / "5 Camille" / "notes.txt").write_text("by hand")


def _write(folder: Path, stem: str, documents: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True)
    endings = {"scenes": "_scenes.csv", "audio": "_audio.json", "tracking": "_tracking.json"}
    for kind, content in documents.items():
        (folder / f"{stem}{endings[kind]}").write_bytes(content)


def _projects(replaced: Replaced, golden: Golden) -> None:
    """Half-finished: one with all documents under its own names, one with scenes only, one that is archived."""
    projects = replaced.folder / "projets_extraits"
    for number, kinds in ((20, ("scenes", "audio", "tracking")), (21, ("scenes",)), (22, ())):
        docs = projects / f"{number} Camille" / "docs"
        docs.mkdir(parents=True)
        (docs / "plateau.mp4").write_bytes(f"not really a film {number}".encode())
        documents = {kind: content for kind, content in _documents(golden, number).items() if kind in kinds}
        names = {"scenes": "plateau.csv", "audio": "plateau_audio.json", "tracking": "plateau.json"}
        for kind, content in documents.items():
            (docs / names[kind]).write_bytes(content)
        if documents:
            replaced.analyses[_sha256(f"not really a film {number}")] = documents
    (projects / "_temp_23 Camille_1").mkdir()
