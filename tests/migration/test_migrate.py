"""Moving in: beside the replaced installation, without touching it, and without doing anything twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mediaflow_assets.cli import app
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.core.layout import FolderSettings, Layout
from mediaflow_assets.delivery.analysis_store import AnalysisStore, parse_folder
from mediaflow_assets.intake.foreign import refuse_foreign_projects
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.url_identity import identity
from mediaflow_assets.migration.migrate import read_installation
from mediaflow_assets.migration.names import LEGACY
from mediaflow_assets.migration.report import report
from mediaflow_assets.settings import Settings, table
from tests.intake import servers
from tests.intake.poller import poll
from tests.intake.servers import Server, package
from tests.migration import replaced
from tests.migration.replaced import NEW_LINK, Replaced

Golden = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def server() -> Iterator[Server]:
    with servers.misbehaving() as running:
        for name in ("old.zip", "new.zip"):
            running.serve(f"/{name}", servers.whole(package()))
        yield running


@pytest.fixture
def old(tmp_path: Path, golden: Golden, server: Server) -> Replaced:
    return replaced.build(tmp_path, golden, f"{server.url}/old.zip")


@pytest.fixture
def store(tmp_path: Path) -> AnalysisStore:
    return AnalysisStore(tmp_path / "home" / "archives", tmp_path / "home" / "state")


def migrate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["migrate", *map(str, arguments)])


def written(old: Replaced, *arguments: object) -> Result:
    result = migrate(old.folder, "--write", "--timezone", "Europe/Paris", *arguments)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result


def test_without_write_nothing_is_written(old: Replaced, tmp_path: Path) -> None:
    before = old.digest()
    said = migrate(old.folder).output
    assert "Nothing was written" in said
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / ".env").exists()
    assert old.digest() == before


def test_the_old_installation_is_not_touched(old: Replaced) -> None:
    before = old.digest()
    written(old)
    written(old)
    assert old.digest() == before
    home = Path("home")
    assert not [path for path in home.rglob("*") if path.is_symlink()]
    inodes = {path.stat().st_ino for path in old.folder.rglob("*") if path.is_file()}
    assert not inodes & {path.stat().st_ino for path in home.rglob("*") if path.is_file()}


def test_every_past_analysis_is_found_by_the_content_of_its_video(old: Replaced, store: AnalysisStore) -> None:
    written(old)
    assert old.analyses
    for sha256, documents in old.analyses.items():
        (video,) = store.find(sha256)
        assert {kind: path.read_bytes() for kind, path in video.documents.items()} == documents
    assert all(parse_folder(folder.name) for folder in store.root.iterdir())
    stamps = {folder.name for folder in store.folders()}
    assert "1 Camille 2025-09-02_08-00-00" in stamps, "the time of its metadata"
    assert "0 Camille 2025-10-01_07-51-55" in stamps, "the time of its folder"


def test_what_an_earlier_migration_copied_is_not_copied_again(old: Replaced, store: AnalysisStore) -> None:
    written(old)
    first = sorted((path, path.stat().st_mtime_ns) for path in store.root.rglob("*") if path.is_file())
    said = written(old).output
    assert f"0 files into {store.root}, " in said
    assert sorted((path, path.stat().st_mtime_ns) for path in store.root.rglob("*") if path.is_file()) == first


def test_an_interrupted_migration_is_gone_on_with(old: Replaced, store: AnalysisStore) -> None:
    written(old)
    (gone,) = store.find(next(iter(old.analyses)))
    for path in gone.documents.values():
        path.unlink()
    written(old)
    (video,) = store.find(gone.sha256)
    assert len(video.documents) == 3


def test_an_analysis_that_was_made_here_stays(old: Replaced, store: AnalysisStore) -> None:
    written(old)
    (video,) = store.find(next(iter(old.analyses)))
    video.documents["scenes"].write_bytes(b"another")
    result = written(old)
    assert video.documents["scenes"].read_bytes() == b"another"
    assert "the store has another v_scenes.csv of it, which stays" in result.stderr


def test_nothing_that_was_fetched_is_fetched_again(
    old: Replaced, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every form of every link is on the webhook of a real server; one of them is new, and only that is fetched."""
    monkeypatch.setenv("DOWNLOAD_HTTP_HOSTS", "127.0.0.1")
    monkeypatch.setenv("MIN_FREE_BYTES", "0")
    links = [*old.links, f"{server.url}/new.zip"]
    records = [{"source_url": link, "original_filename": "13_Camille.zip"} for link in links]
    url = server.serve("/links.json", servers.whole(json.dumps(records).encode()))
    monkeypatch.setenv("WEBHOOK_JSON_URL", url)
    written(old)
    history = History(tmp_path / "home" / "state" / "history.sqlite")
    before = {upload.identity for upload in history.all()}
    assert poll()
    assert len(server.asked("/links.json")) >= 1
    assert server.asked("/old.zip") == []
    assert len(server.asked("/new.zip")) == 1
    (new,) = [upload for upload in history.all() if upload.identity not in before]
    assert new.identity == f"{server.url}/new.zip"


def test_a_link_that_was_never_fetched_is_still_eligible(
    old: Replaced, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written(old)
    known = {upload.identity for upload in History(tmp_path / "home" / "state" / "history.sqlite").all()}
    assert identity(NEW_LINK) not in known
    assert {identity(link) for link in old.links if "rlkey=a%26" not in link and "%2F" not in link} <= known


def test_times_are_of_the_old_machines_zone(old: Replaced, tmp_path: Path) -> None:
    written(old)
    times = {upload.sent_at for upload in History(tmp_path / "home" / "state" / "history.sqlite").all()}
    assert "2025-10-17T10:34:13+00:00" in times


def test_our_env_has_todays_names_and_no_path_of_the_old_installation(old: Replaced, tmp_path: Path) -> None:
    written(old)
    text = (tmp_path / ".env").read_text(encoding="utf-8")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert str(old.folder) not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    settings = Settings.load(tmp_path / ".env", {})
    assert settings.delivery.output == old.output
    assert settings.delivery.fallback_output is None, "it was a folder of the old installation"
    assert settings.delivery.finalize_mode == "videos"
    assert settings.intake.keyword == "Camille"
    assert settings.intake.webhook_interval == 15, "5 s is not allowed any more"
    assert settings.speech.engine == "lemonfox"
    assert settings.speech.lemonfox_prompt == 'Camille et Léa, "plateau"'
    assert settings.speech.min_duration_off == 0.2
    assert settings.speech.min_cluster_size == 4
    assert settings.scenes.threshold == 0.45
    assert settings.faces.engine == "opencv_yunet_facemesh"
    assert settings.faces.max_width == 960
    assert settings.faces.max_faces == 20, "that of another engine does not count"
    assert settings.faces.haar_cascade is None
    assert settings.folders == FolderSettings()


def test_an_env_that_is_there_stays(old: Replaced, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REPORT_LANGUAGE=en\n")
    assert "is there and stays" in written(old).output.replace("\n", " ")
    assert (tmp_path / ".env").read_text() == "REPORT_LANGUAGE=en\n"
    written(old, "--env-file", "other.env")
    assert Settings.load(tmp_path / "other.env", {}).speech.engine == "lemonfox"


def test_the_report_has_each_name_in_exactly_one_list_and_no_secret(old: Replaced, tmp_path: Path) -> None:
    written(old)
    text = (tmp_path / "home" / "migration.md").read_text(encoding="utf-8")
    assert "secret-value" not in text
    headings = ("## Settings taken over", "## Settings whose meaning changed", "## Settings without a meaning")
    parts = [text.partition(heading)[2].partition("\n## ")[0] for heading in headings]
    for name, row in LEGACY.items():
        holding = [heading for heading, part in zip(headings, parts, strict=True) if f"| `{name}` |" in part]
        holding += [
            heading
            for heading, part in zip(headings, parts, strict=True)
            if f"`{name}`" in part.partition("Not in the old `.env`: ")[2].partition("\n")[0]
        ]
        family = "*" in name
        assert len(holding) == 1 or family, name
        assert row.fate in ("taken over", "changed meaning", "without meaning")
    assert "`EDITOR_OF_CHOICE`" in text
    assert "| `FOLDER_KEYWORD` | `Camille` | `PROJECT_KEYWORD`: " in text
    assert "| `STEP4_USE_LEMONFOX` | `1` | `SPEECH_ENGINE`: " in text
    assert "| `LEMONFOX_API_KEY` | `set` | `LEMONFOX_API_KEY` |" in text
    assert "| `MYSQL_HOST` | `db.example` | not written: " in text
    assert "| `STEP5_INSIGHTFACE_MAX_FACES` | `7` | not written: belongs to an engine that is not chosen" in text
    assert "| `WEBHOOK_MONITOR_INTERVAL` | `5` | not written: is not allowed for" in text
    assert "config/step3_transnet.json: torchscript has no meaning any more" in text
    assert "config/optimal_tv_config.json: clustering.threshold has no meaning any more" in text
    assert "5 Camille/notes.txt: is no analysis" in text
    assert "Register its 3 projects: `mediaflow import " in text


def test_there_are_156_names_each_in_one_list() -> None:
    assert len(LEGACY) == 156
    settings = {name for row in table() for name in row.names}
    for name, row in LEGACY.items():
        assert bool(row.note) == (row.fate != "taken over")
        if row.carried:
            assert name in settings, name


def test_a_name_of_todays_that_is_not_carried_is_another_thing() -> None:
    both = {name for name, row in LEGACY.items() if not row.carried} & {n for row in table() for n in row.names}
    assert both == {"ARCHIVES_DIR", "REMOTE_TRIGGER_URL"}


@pytest.mark.parametrize("name", ["PROJECTS_DIR", "BASE_PATH_SCRIPTS_ENV", "DOWNLOAD_HISTORY_DB_PATH"])
def test_a_copied_env_is_refused_and_a_variable_of_the_environment_is_not_obeyed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"{name}={tmp_path}/old\n")
    with pytest.raises(BadInput, match="mediaflow migrate FOLDER"):
        Settings.load()
    (tmp_path / ".env").unlink()
    monkeypatch.setenv(name, str(tmp_path / "old"))
    settings = Settings.load()
    layout = Layout(settings.folders)
    assert tmp_path / "old" not in {layout.home, layout.work, settings.intake.history_path}


def test_a_home_that_overlaps_the_old_installation_is_refused(old: Replaced, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.digest()
    for home in (old.folder, old.folder / "new", old.folder.parent):
        monkeypatch.setenv("MEDIAFLOW_HOME", str(home))
        result = migrate(old.folder, "--write")
        assert isinstance(result.exception, BadInput)
        assert "overlap" in result.exception.sentence
    assert old.digest() == before


def test_a_folder_that_is_no_installation_is_said(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(BadInput, match="is no installation"):
        read_installation(tmp_path / "photos")


def test_a_small_installation_has_a_report_too(tmp_path: Path) -> None:
    (tmp_path / "old" / "archives").mkdir(parents=True)
    text = report(read_installation(tmp_path / "old"))
    assert "None was found: links that were fetched before would be fetched again." in text
    assert "WEBHOOK_JSON_URL" in text


@pytest.mark.parametrize("command", [["import", "old/projets_extraits"], ["prepare"]])
def test_a_work_folder_of_the_old_application_is_refused(
    old: Replaced, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    before = old.digest()
    monkeypatch.setenv("WORK_DIR", str(old.folder / "projets_extraits"))
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, BadInput)
    assert "holds projects of another application (20 Camille, 21 Camille, 22 Camille)" in result.exception.sentence
    assert old.digest() == before


def test_our_own_work_folder_is_not_foreign(tmp_path: Path) -> None:
    layout = Layout(FolderSettings(home=tmp_path / "home"))
    (layout.work / "13_Camille_2026-11-21_10-00-00" / "extracted" / "docs").mkdir(parents=True)
    refuse_foreign_projects(layout)
