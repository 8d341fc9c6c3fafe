"""Settings: one object, clear errors, legacy names, no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mediaflow_assets.cli.settings_page import settings_page
from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.faces.settings import FaceSettings
from mediaflow_assets.settings import Settings, current_values, secrets, table

REPOSITORY = Path(__file__).resolve().parent.parent


def load(**environ: str) -> Settings:
    return Settings.load(env_file=None, environ=environ)


def test_every_setting_has_a_default_and_a_description() -> None:
    assert load()
    for row in table():
        assert row.description.endswith("."), row.names


def test_names_are_unique() -> None:
    names = [name for row in table() for name in row.names]
    assert len(names) == len(set(names))


def test_a_wrong_value_names_the_variable_the_value_and_what_is_allowed() -> None:
    with pytest.raises(BadInput) as caught:
        load(VIDEO_QUALITY="best", SCENES_THRESHOLD="2")
    text = str(caught.value)
    assert "VIDEO_QUALITY='best'" in text
    assert "'compact'" in text
    assert "SCENES_THRESHOLD='2'" in text
    assert "less than 1" in text


def test_a_rule_of_ours_is_said_as_it_is_written() -> None:
    together = {"SCENES_WINDOW": "100", "SCENES_STRIDE": "200"}
    with pytest.raises(BadInput, match=r"scenes: SCENES_STRIDE must be .* 50 and not 200"):
        load(**together)
    with pytest.raises(BadInput, match=r"this run: SCENES_STRIDE must be .* 50 and not 200"):
        load().override("scenes", together)


def test_the_variable_that_counted_is_named() -> None:
    values = {"STEP5_MEDIAPIPE_MAX_FACES": "3", "STEP5_INSIGHTFACE_MAX_FACES": "many"}
    with pytest.raises(BadInput, match="STEP5_INSIGHTFACE_MAX_FACES='many'"):
        load(TRACKING_ENGINE="insightface", **values)


def test_a_group_alone_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACES_MAX", "9")
    assert FaceSettings().max_faces != 9


def test_an_engine_of_the_file_says_which_legacy_variables_of_the_environment_count(tmp_path: Path) -> None:
    """Why ``.env`` and the environment are put together before names are looked up."""
    file = tmp_path / ".env"
    file.write_text("TRACKING_ENGINE=insightface\nSTEP5_MEDIAPIPE_MAX_FACES=3\n")
    assert Settings.load(file, {"STEP5_INSIGHTFACE_MAX_FACES": "7"}).faces.max_faces == 7


def test_an_unknown_engine_lists_the_engines() -> None:
    with pytest.raises(BadInput, match="mediapipe_landmarker"):
        load(TRACKING_ENGINE="nothing")


def test_a_legacy_name_works_and_the_new_name_wins() -> None:
    assert load(FOLDER_KEYWORD="Camille").intake.keyword == "Camille"
    assert load(FOLDER_KEYWORD="old", PROJECT_KEYWORD="new").intake.keyword == "new"


def test_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROJECT_KEYWORD=file\nREPORT_LANGUAGE=en\nSPEECH_MAX_SPEAKERS=\n")
    settings = Settings.load(env_file=file, environ={"PROJECT_KEYWORD": "environment"})
    assert settings.intake.keyword == "environment"
    assert settings.reports.language == "en"
    assert settings.speech.max_speakers is None, "an empty value means not set"


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_leaves_the_value_of_the_env_file(tmp_path: Path, empty: str) -> None:
    file = tmp_path / ".env"
    file.write_text("VIDEO_QUALITY=high\n")
    assert Settings.load(env_file=file, environ={"VIDEO_QUALITY": empty}).video.quality == "high"


def test_what_compose_passes_on_unset_leaves_the_values_of_the_env_file(tmp_path: Path) -> None:
    """``NAME: ${NAME:-value}`` would hide a setting of ``/data/.env``; ``${NAME:-}`` does not."""
    passed = yaml.safe_load((REPOSITORY / "deploy/compose/compose.yaml").read_text())["x-service"]["environment"]
    names = {name for row in table() for name in row.names}
    file = tmp_path / ".env"
    file.write_text("MEDIAFLOW_EXECUTOR=celery\nCELERY_BROKER_URL=redis://redis:6379/0\n")
    unset = {name: "" for name, value in passed.items() if name in names and value == f"${{{name}:-}}"}
    settings = Settings.load(env_file=file, environ=unset)
    assert unset.keys() == {"MEDIAFLOW_EXECUTOR", "CELERY_BROKER_URL"}
    assert settings.cluster.executor == "celery"
    assert secrets(settings) >= {"redis://redis:6379/0"}


def test_secrets_are_never_shown() -> None:
    settings = load(LEMONFOX_API_KEY="planted-secret")
    assert "planted-secret" not in repr(settings)
    assert "planted-secret" not in "".join(shown for _, shown in current_values(settings))
    assert secrets(settings) == {"planted-secret"}
    with pytest.raises(BadInput) as caught:
        settings.override("speech", {"LEMONFOX_API_KEY": "other-secret"})
    assert "other-secret" not in str(caught.value)


def test_override_changes_one_run_and_refuses_other_groups() -> None:
    settings = load()
    assert settings.override("speech", {"SPEECH_NUM_SPEAKERS": "2"}).speech.num_speakers == 2
    assert settings.speech.num_speakers is None
    with pytest.raises(BadInput, match="SCENES_THRESHOLD"):
        settings.override("speech", {"SCENES_THRESHOLD": "0.4"})
    with pytest.raises(BadInput, match="greater than or equal to 1"):
        settings.override("speech", {"SPEECH_NUM_SPEAKERS": "0"})


def test_a_recipe_holds_what_changes_results_only() -> None:
    recipe = load().speech.recipe()
    assert "clustering_threshold" in recipe
    assert "lemonfox_api_key" not in recipe
    assert "engine" not in recipe
    assert "stall_seconds" not in load().video.recipe()


def test_the_settings_page_is_up_to_date() -> None:
    page = REPOSITORY / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_page(), "run: mediaflow settings --markdown > docs/settings.md"


@pytest.mark.parametrize(
    ("engine", "faces"), [("", 3), ("mediapipe_landmarker", 3), ("insightface", 7), ("py_feat", 3), ("opencv_haar", 4)]
)
def test_only_the_chosen_face_engines_legacy_variables_count(engine: str, faces: int) -> None:
    values = {"STEP5_MEDIAPIPE_MAX_FACES": "3", "STEP5_OPENCV_MAX_FACES": "4", "STEP5_INSIGHTFACE_MAX_FACES": "7"}
    chosen = {"STEP5_TRACKING_ENGINE": engine} if engine else {}
    assert Settings.load(None, {**values, **chosen}).faces.max_faces == faces
    assert Settings.load(None, {**values, **chosen, "FACES_MAX": "9"}).faces.max_faces == 9


def test_an_unknown_face_engine_is_named() -> None:
    with pytest.raises(BadInput, match="no face engine has this name"):
        Settings.load(None, {"TRACKING_ENGINE": "nobody", "STEP5_MEDIAPIPE_MAX_FACES": "3"})
