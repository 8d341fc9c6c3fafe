"""The page about intake says what the code does."""

from __future__ import annotations

import json
import re

from mediaflow_assets.intake.eligibility import decide
from mediaflow_assets.intake.records import read_records
from mediaflow_assets.intake.settings import IntakeSettings
from support.installation import REPOSITORY

PAGE = (REPOSITORY / "docs" / "intake.md").read_text(encoding="utf-8")


def test_the_example_is_decided_as_its_table_says() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    decisions = decide(read_records(json.loads(example)).records, IntakeSettings())
    table = re.findall(r"^\| \d \| ([a-z ]+) \|", PAGE, re.MULTILINE)
    assert [decision.action for decision in decisions] == table


def test_every_setting_that_it_names_exists() -> None:
    settings = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", PAGE)) | {"RETENTION"}
    assert len(named) > 15
    assert sorted(name for name in named if f"`{name}`" not in settings) == []
