"""The ``.env`` of the replaced application, read with today's names and written as today's ``.env``."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.migration.names import LEGACY, LegacyName, legacy_name
from mediaflow_assets.settings import Settings, now_called, table

_SHOTS = "config/step3_transnet.json"
_VOICES = "config/optimal_tv_config.json"
_OF_SHOTS = {
    "threshold": "SCENES_THRESHOLD",
    "window": "SCENES_WINDOW",
    "stride": "SCENES_STRIDE",
    "padding": "SCENES_PADDING",
    "mixed_precision": "SCENES_MIXED_PRECISION",
    "amp_dtype": "SCENES_AMP_DTYPE",
}
_OF_VOICES = {
    ("segmentation", "min_duration_off"): "SPEECH_MIN_DURATION_OFF",
    ("clustering", "min_cluster_size"): "SPEECH_MIN_CLUSTER_SIZE",
}
_TOGETHER = ("SCENES_WINDOW", "SCENES_STRIDE", "SCENES_PADDING")
"""Allowed only in certain combinations."""

_SECRET = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASS)(_|$)")
"""What the names of other people's secrets have in them."""
_LEMONFOX = "STEP4_USE_LEMONFOX"

DEFAULTS = (
    ("PROJECT_KEYWORD", "Camille", "only archives whose name has the word Camille were taken"),
    ("TRACKING_ENGINE", "mediapipe_landmarker", "faces were found by MediaPipe"),
    ("FACES_MAX", "5", "five faces at most in a frame"),
    ("SPEAKING_MODE", "fused", "every visible face spoke while anybody was heard"),
    ("TRACKING_NAME", "{stem}.json", "the tracking document was called after the video alone"),
    (
        "OBJECT_DETECTOR",
        "efficientdet_lite2",
        "objects were found by EfficientDet-Lite2, a model to supply",
    ),
    ("LEMONFOX_FALLBACK", "1", "when Lemonfox failed, speech was analysed on this machine"),
    ("ON_BAD_VIDEO", "leave_out", "a video that could not be read was passed over"),
    ("REPORT_EXCLUDED_FILENAMES", "M6+.mov,BOUCLE BUG 9-16.mov", "two file names were never in the monthly report"),
)
"""What the replaced application did of itself: setting, value that brings it back, what it did."""


@dataclass(frozen=True)
class Variable:
    """One line of the old ``.env`` that it had a meaning for."""

    name: str
    row: LegacyName
    """Its entry, or that of its family."""
    value: str
    """As it may be shown: of a secret only that it is set."""
    now: str = ""
    """Setting that it became; empty when its value is not written."""
    problem: str = ""
    """Why its value is not written although its name would be."""


@dataclass(frozen=True)
class Translation:
    """What of the old configuration goes into the new one."""

    values: dict[str, str]
    """Today's names to values; with secrets."""
    variables: tuple[Variable, ...]
    unknown: tuple[str, ...]
    """Names in the old ``.env`` that the replaced application did not read."""
    configs: tuple[str, ...]
    """A sentence for each value of a JSON configuration."""
    base: dict[str, str] = field(default_factory=dict)
    """The old values themselves, for finding its folders."""

    def text(self, origin: Path) -> str:
        """Content of the new ``.env``; what the replaced application did of itself is there to switch on."""
        lines = [f"# Taken over from {origin} by mediaflow migrate.", ""]
        lines += [f"{name}={_quoted(value)}" for name, value in sorted(self.values.items())]
        lines += ["", "# Defaults that changed. Take the # away to have it as it was:", ""]
        for name, value, what in DEFAULTS:
            if name not in self.values:
                lines += [f"# {what}", f"# {name}={_quoted(value)}", ""]
        return "\n".join(lines).rstrip("\n") + "\n"


def translate(folder: Path) -> Translation:
    """Read ``.env`` and the JSON configurations of the installation in ``folder``; nothing is changed.

    Raises:
        BadInput: one of them cannot be read.
    """
    old = _read_env(folder / ".env")
    mine = {name: value for name, value in old.items() if name in LEGACY and LEGACY[name].carried}
    if old.get(_LEMONFOX) == "1":
        mine["SPEECH_ENGINE"] = "lemonfox"
    source = now_called(mine)
    values, problems = {}, {}
    for name, written in source.items():
        value = mine[written]
        problem = _inside(folder, name, value) or _refused(name, value)
        if problem:
            problems[written] = problem
        else:
            values[name] = value
    variables = []
    for name, value in sorted(old.items()):
        row = legacy_name(name)
        if row is None:
            continue
        now = next((today for today, written in source.items() if written == name and today in values), "")
        if name == _LEMONFOX and source.get("SPEECH_ENGINE") == "SPEECH_ENGINE":
            now = "SPEECH_ENGINE"
        why = problems.get(name, "")
        if row.carried and not now and not why:
            why = "belongs to an engine that is not chosen, or another name of the same setting wins"
        variables.append(Variable(name, row, _shown(name, value), now, why))
    configs = _configs(folder, values)
    unknown = tuple(sorted(name for name in old if legacy_name(name) is None))
    return Translation(values, tuple(variables), unknown, tuple(configs), old)


def _read_env(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None and value.strip() != ""}


def _refused(name: str, value: str) -> str:
    """Why today's setting does not take a value; empty when it does."""
    try:
        Settings.load(None, {name: value})
    except BadInput as error:
        return f"is not allowed for {name} any more ({error.problem.partition(': ')[2] or error.problem})"
    return ""


def _inside(folder: Path, name: str, value: str) -> str:
    """A path of the replaced installation is never written into a new one; relative ones are its own."""
    row = next(row for row in table() if row.names[0] == name)
    if "Path" not in str(row.info.annotation):
        return ""
    lies = (folder / Path(value).expanduser()).resolve().is_relative_to(folder.resolve())
    return "lies in the replaced installation" if lies else ""


def _configs(folder: Path, values: dict[str, str]) -> list[str]:
    """Take over the JSON configurations; returns what to say about each of their values."""
    said = []
    found: dict[str, str] = {}
    document = _json(folder / _SHOTS)
    for key, value in document.items():
        if value is None:
            continue
        name = _OF_SHOTS.get(key)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if name is None:
            said.append(f"{_SHOTS}: {key} has no meaning any more")
        elif name in _TOGETHER:
            found[name] = text
        elif problem := _refused(name, text):
            said.append(f"{_SHOTS}: {key} {problem}")
        else:
            values[name] = text
            said.append(f"{_SHOTS}: {key} is {name}={text}")
    if found:
        try:
            Settings.load(None, found)
        except BadInput as error:
            said.append(f"{_SHOTS}: {', '.join(found)} are not taken over together ({error.problem})")
        else:
            values.update(found)
            said += [f"{_SHOTS}: {name}={text}" for name, text in found.items()]
    document = _json(folder / _VOICES)
    for part, content in document.items():
        for key, value in content.items() if isinstance(content, dict) else ():
            name = _OF_VOICES.get((part, key))
            if name is None:
                said.append(f"{_VOICES}: {part}.{key} has no meaning any more")
            elif problem := _refused(name, str(value)):
                said.append(f"{_VOICES}: {part}.{key} {problem}")
            else:
                values[name] = str(value)
                said.append(f"{_VOICES}: {part}.{key} is {name}={value}")
    return said


def _json(path: Path) -> Mapping[str, object]:
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadInput(path, f"is no JSON ({error})", "Correct it, or move it away") from None
    if not isinstance(document, dict):
        raise BadInput(path, "is no configuration", "Correct it, or move it away")
    return document


def _shown(name: str, value: str) -> str:
    secret = any(row.secret for row in table() if name in row.names)
    if secret or _SECRET.search(name):
        return "set"
    return value.partition("?")[0] + "?***" if "://" in value and "?" in value else value


def _quoted(value: str) -> str:
    return value if shlex.quote(value) == value else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
