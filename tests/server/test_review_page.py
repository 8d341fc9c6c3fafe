"""The review page as an editor uses it: in Chromium, by keyboard, on films of which everything is known."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from support.servers import wait_for
from tests.server.conftest import Serve, Served
from tests.server.films import KEY, PEOPLE, VIDEO, Film, draw, place, speaker

pytestmark = pytest.mark.browser

PAGE = f"p/{KEY}/review/{VIDEO}"
SHORT, LONG = 900, 15000


@pytest.fixture(scope="session")
def short_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("short") / "film.mp4", SHORT)


@pytest.fixture(scope="session")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten minutes."""
    return draw(tmp_path_factory.mktemp("long") / "film.mp4", LONG)


@dataclass
class Editor:
    """Somebody at the keyboard; every key and every name that is typed counts as one action."""

    browser: Chrome
    served: Served
    film: Film
    actions: int = field(default=0)

    def open(self, query: str = "") -> None:
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        self.browser.get(f"{self.served.url}{PAGE}{query}")
        wait_for("the page", lambda: self.attribute("ready") == "true", 120)

    def attribute(self, name: str) -> str:
        value: str = self.browser.execute_script("return document.body.dataset[arguments[0]] ?? ''", name)
        return value

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()
            self.actions += 1

    def chord(self, *keys: str) -> None:
        chain = ActionChains(self.browser)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()
        self.actions += 1

    def name(self, name: str) -> None:
        """Enter, the name, Enter."""
        self.press(Keys.ENTER)
        wait_for("the question", lambda: self.browser.find_element(By.ID, "name-dialog").get_attribute("open"), 60)
        self.press(name)
        self.press(Keys.ENTER)
        # A dialog closes after its key: only then is there anything to save.
        wait_for("the name", lambda: name in self.people, 60)
        self.saved()

    def saved(self, versions: int = 0) -> None:
        """Wait until everything is written: nothing is on its way, and so many versions are in the journal."""
        wait_for("saving", lambda: self.attribute("pending") == "0", 120)
        wait_for(f"{versions} versions", lambda: len(self.document()["versions"]) >= versions, 120)

    @property
    def frame(self) -> int:
        return int(self.browser.find_element(By.ID, "lanes").get_attribute("aria-valuenow") or 0)

    def at(self, frame: int) -> None:
        """Wait until a frame is shown."""
        wait_for(f"frame {frame}", lambda: self.frame == frame, 60)

    def text(self, selector: str) -> str:
        return self.browser.find_element(By.CSS_SELECTOR, selector).text

    @property
    def people(self) -> list[str]:
        script = "return [...document.querySelectorAll('#people .name')].map((name) => name.textContent)"
        names: list[str] = self.browser.execute_script(script)
        return names

    def document(self) -> Any:
        return self.served.ask(f"/api/review/{self.film.sha256}?project={KEY}").json

    @property
    def console(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]


Sit = Callable[..., Editor]


@pytest.fixture
def sit(tmp_path: Path, browser: Chrome, serve: Serve) -> Sit:
    """An editor before the page of a film."""

    def start(video: Path, frames: int, query: str = "", **environ: str) -> Editor:
        film = Film(tmp_path / "home", frames, video)
        editor = Editor(browser, serve(film.home, **environ), film)
        editor.open(query)
        return editor

    return start


def holds(runs: list[list[int]], frame: int) -> bool:
    return any(first <= frame <= last for first, last in runs)


@pytest.mark.slow
def test_an_editors_task_in_few_keys(sit: Sit, long_video: Path) -> None:
    """Name three people, fix a wrong speaker, mend swapped ids, remove a false cut, in ten minutes of film."""
    editor = sit(long_video, LONG)
    film = editor.film
    for number, name in enumerate(PEOPLE, start=1):
        editor.press(str(number))
        editor.name(name)

    editor.press(Keys.ARROW_DOWN)
    editor.at(film.wrong_turn[0])
    editor.press("1", "v")
    editor.saved()

    editor.press("n")
    assert "obj_4" in editor.text("#doubt-text")
    editor.press("n")
    editor.at(film.swapped_at)
    editor.press("w")
    wait_for("both steps", lambda: len(editor.document()["versions"]) >= 6, 60)
    editor.saved()

    editor.press("n")
    editor.at(film.false_cut)
    editor.press("c")
    editor.saved()
    assert editor.actions < 25
    assert editor.console == []

    known = editor.document()
    assert [first for first, _ in known["scenes"]] == [first for first in film.cuts if first != film.false_cut]
    faces = {person["name"]: person["faces"] for person in known["review"]["people"]}
    lanes = {lane["id"]: lane for lane in known["lanes"]}
    assert set(faces) == set(PEOPLE)
    given = known["review"]["ids"]
    wrong = 0
    for frame in range(1, LONG + 1, 7):
        for person, name in enumerate(PEOPLE):
            machine = film.id_of(person, frame)
            shown = next((run[2] for run in given.get(machine, ()) if run[0] <= frame <= run[1]), machine)
            wrong += shown not in faces[name]
    assert wrong == 0
    for frame in range(1, LONG + 1, 7):
        speaking = {name for name in PEOPLE if any(holds(lanes[face]["speaking"], frame) for face in faces[name])}
        assert speaking == said(frame), frame


def said(frame: int) -> set[str]:
    """Who really speaks."""
    person = speaker(frame)
    return set() if person is None else {PEOPLE[person]}


def test_every_seek_shows_its_frame(sit: Sit, short_video: Path) -> None:
    """The blocks at the top of the picture are the number of the frame in binary."""
    editor = sit(short_video, SHORT)
    lanes = editor.browser.find_element(By.ID, "lanes-canvas")
    for step in range(1, 12):
        offset = lanes.size["width"] // 12 * step - lanes.size["width"] // 2
        ActionChains(editor.browser).move_to_element_with_offset(lanes, offset, 0).click().perform()
        wanted = editor.frame
        wait_for("the picture", lambda: not editor.browser.execute_script("return video.seeking"), 60)
        assert read_blocks(editor.browser) == wanted
    editor.press(Keys.HOME, Keys.ARROW_RIGHT)


def read_blocks(browser: Chrome) -> int:
    """The number that the picture of the video shows now."""
    taken = browser.execute_script(
        """const canvas = new OffscreenCanvas(320, 180);
        canvas.getContext("2d").drawImage(document.getElementById("video"), 0, 0, 320, 180);
        const pixels = canvas.getContext("2d").getImageData(0, 5, 320, 1).data;
        return Array.from({length: 16}, (_, bit) => pixels[(7 + bit * 8) * 4]);"""
    )
    return sum(1 << bit for bit, value in enumerate(taken) if value > 127)


def test_boxes_lie_on_the_faces(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT, "#t=8.00")
    editor.at(201)
    box = editor.browser.find_element(By.ID, "overlay")
    scale = min(box.size["width"] / 320, box.size["height"] / 180)
    x, y = place(1, 201)
    ActionChains(editor.browser).move_to_element_with_offset(
        box, round((x - 160) * scale), round((y - 90) * scale)
    ).click().perform()
    assert editor.text("#people li.selected .name") == "obj_2"


def test_undo_redo_and_history(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    nothing = editor.document()["lanes"]
    editor.press("1")
    editor.name("Anna")
    assert editor.people[0] == "Anna"
    editor.chord(Keys.CONTROL, "z")
    wait_for("undo", lambda: editor.people[0] == "obj_1", 60)
    assert editor.document()["review"] is None
    assert editor.document()["lanes"] == nothing
    editor.chord(Keys.CONTROL, Keys.SHIFT, "z")
    wait_for("redo", lambda: editor.people[0] == "Anna", 60)
    editor.press("h")
    versions = [item.text for item in editor.browser.find_elements(By.CSS_SELECTOR, "#history-list .what")]
    assert len(versions) == 3
    assert "« Anna »" in versions[2]


def test_the_same_name_is_asked_about(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    editor.press("1")
    editor.name("Anna")
    editor.press("2", Keys.ENTER, "anna", Keys.ENTER)
    wait_for("the question", lambda: editor.browser.find_element(By.ID, "ask-dialog").get_attribute("open"), 60)
    assert "Anna" in editor.text("#ask-title")
    editor.press(Keys.ESCAPE)
    wait_for("the name again", lambda: editor.browser.find_element(By.ID, "name-dialog").get_attribute("open"), 60)
    editor.press(Keys.ESCAPE)
    assert len(editor.document()["versions"]) == 1


def test_speech_is_marked_while_it_plays(sit: Sit, short_video: Path) -> None:
    """Held keys are spans, less the time that a person needs to press."""
    editor = sit(short_video, SHORT)
    editor.press("3", " ")
    wait_for("it to play", lambda: editor.frame > 20, 60)
    ActionChains(editor.browser).key_down("v").perform()
    first = editor.frame
    wait_for("some words", lambda: editor.frame > first + 30, 60)
    ActionChains(editor.browser).key_up("v").perform()
    editor.press("k")
    editor.saved(1)
    (said,) = editor.document()["review"]["speaks"]
    assert said["value"] is True
    assert 0 < said["from"] <= first + 10
    assert said["to"] - said["from"] >= 20


def test_only_here_and_nobody(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT, "#t=1.00")
    editor.press("i")
    editor.press(*[Keys.ARROW_RIGHT] * 3)
    editor.press("o", "0")
    editor.saved(1)
    (said,) = editor.document()["review"]["speaks"]
    assert (said["from"], said["to"], said["value"], said["label"]) == (26, 29, False, None)


def test_merge_split_and_ignore(sit: Sit, short_video: Path) -> None:
    """Somebody is split off in the middle and put back; a poster is left out."""
    editor = sit(short_video, SHORT, "#t=8.00")
    editor.at(201)
    editor.press("3", "s")
    editor.saved()
    wait_for("somebody new", lambda: len(editor.people) == 5, 60)
    editor.press("5", "m", "3")
    wait_for("one less", lambda: len(editor.people) == 4, 60)
    editor.saved(2)
    lanes = {lane["id"]: lane["seen"] for lane in editor.document()["lanes"]}
    assert lanes["obj_3"] == [[1, SHORT]]
    editor.press("4", "x")
    wait_for("the poster to go", lambda: "obj_4" not in editor.people, 60)
    editor.saved(3)
    assert "obj_4" not in {lane["id"] for lane in editor.document()["lanes"]}


def test_only_in_this_shot(sit: Sit, short_video: Path) -> None:
    """F asks who a face is; Shift and a number answer for this shot alone. Two that are seen together stay two."""
    editor = sit(short_video, SHORT, "#t=13.00")
    editor.at(326)
    editor.press("4", "x")
    editor.saved()
    editor.press(Keys.ESCAPE, "f")
    editor.chord(Keys.SHIFT, "2")
    wait_for("the split", lambda: len(editor.document()["versions"]) == 2, 60)
    editor.saved()
    wait_for("both", lambda: "côte à côte" in editor.text("#status") or "side by side" in editor.text("#status"), 60)
    first, last = next(scene for scene in editor.document()["scenes"] if scene[0] <= 326 <= scene[1])
    (part,) = [lane for lane in editor.document()["lanes"] if lane["id"] == "obj_5"]
    assert part["seen"] == [[first, last]]


def test_words_are_shown_and_corrected(tmp_path: Path, browser: Chrome, serve: Serve, short_video: Path) -> None:
    film = Film(tmp_path / "home", SHORT, short_video)
    film.transcribe([(1.0, 1.4, "bonjour"), (1.5, 1.9, "camion"), (4.0, 4.3, "merci")])
    editor = Editor(browser, serve(film.home), film)
    editor.open("#t=1.60")
    editor.at(41)
    assert editor.text("#caption") == "bonjour camion merci"
    editor.press("t")
    wait_for("the question", lambda: browser.find_element(By.ID, "name-dialog").get_attribute("open"), 60)
    assert "camion" in editor.text("#name-title")
    editor.press("Camille", Keys.ENTER)
    editor.saved(1)
    wait_for("the word", lambda: editor.text("#caption") == "bonjour Camille merci", 60)
    assert [word[2] for word in editor.document()["words"]] == ["bonjour", "Camille", "merci"]


def test_what_somebody_else_said_is_seen(sit: Sit, short_video: Path) -> None:
    """Two browsers: the second is told, sees the change, and writes nothing."""
    editor = sit(short_video, SHORT)
    served, path = editor.served, f"/api/corrections/{editor.film.sha256}?project={KEY}"
    # The page asks for news every few seconds: here the other is faster than that.
    editor.browser.execute_script(
        "const ask = window.fetch;"
        "window.fetch = (url, ...rest) => String(url).includes('/api/news/') ? Promise.reject() : ask(url, ...rest);"
    )
    head = editor.attribute("head")
    edits = {"edits": [{"op": "name", "who": "obj_3", "name": "Cleo"}]}
    editor.press("1", Keys.ENTER, "Anna")
    assert served.post(path, edits, if_match=f'"{head}"').status == 201
    editor.press(Keys.ENTER)
    wait_for("the change of the other", lambda: "Cleo" in editor.people, 60)
    editor.saved()
    assert "entre-temps" in editor.text("#status")
    assert [version["edits"][0]["name"] for version in editor.document()["versions"]] == ["Cleo"]
    assert "Anna" not in editor.people
    editor.press("1")
    editor.name("Anna")
    assert editor.people == ["Anna", "obj_2", "Cleo", "obj_4"]


def test_news_of_somebody_else_comes_by_itself(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    edits = {"edits": [{"op": "name", "who": "obj_3", "name": "Cleo"}]}
    path = f"/api/corrections/{editor.film.sha256}?project={KEY}"
    assert editor.served.post(path, edits, if_match=f'"{editor.attribute("head")}"').status == 201
    wait_for("the name", lambda: "Cleo" in editor.people, 60)


def test_keys_can_be_changed(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    try:
        editor.press("?")
        editor.browser.find_element(By.CSS_SELECTOR, "[data-changes=next_frame]").click()
        editor.press("e", Keys.ESCAPE, "e")
        editor.at(2)
        editor.press(Keys.ARROW_RIGHT, "e")
        editor.at(3)
    finally:
        editor.browser.execute_script("localStorage.clear()")


def test_typing_is_no_command(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    editor.press("1")
    editor.name("xcn 0 Zoé </script><b>\"'")
    assert editor.people[0] == "xcn 0 Zoé </script><b>\"'"
    editor.saved(1)
    assert len(editor.document()["versions"]) == 1
    assert editor.console == []


def test_reading_only(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT, REVIEW="off")
    editor.press("1", "x", "c", "s")
    assert editor.text("#status") == "Lecture seule"
    assert not editor.browser.find_element(By.ID, "undo").is_displayed()
    assert editor.document()["versions"] == []


def test_without_a_video_the_lanes_are_there(tmp_path: Path, browser: Chrome, serve: Serve) -> None:
    film = Film(tmp_path / "home", SHORT)
    editor = Editor(browser, serve(film.home), film)
    editor.open()
    assert browser.find_element(By.ID, "no-video").is_displayed()
    editor.press("1")
    editor.name("Anna")
    assert editor.people[0] == "Anna"


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_window(sit: Sit, short_video: Path, width: int) -> None:
    editor = sit(short_video, SHORT)
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    editor.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        editor.open()
        assert editor.browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        picture = Image.open(io.BytesIO(editor.browser.find_element(By.ID, "picture").screenshot_as_png))
        assert picture.width > 300
    finally:
        editor.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_nothing_outside_is_asked_for(sit: Sit, short_video: Path) -> None:
    editor = sit(short_video, SHORT)
    messages = [json.loads(entry["message"])["message"] for entry in editor.browser.get_log("performance")]
    urls = {item["params"]["request"]["url"] for item in messages if item["method"] == "Network.requestWillBeSent"}
    assert urls
    assert all(url.startswith((editor.served.url, "data:")) for url in urls)
    assert editor.console == []
