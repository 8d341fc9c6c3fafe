"""The timeline from one second to four hours: a ruler at every zoom, wheel zoom, a picture for every shot."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from mediaflow_assets.core.timebase import frame_timecode
from mediaflow_assets.reporting.thumbnails import form_for, scene_pictures
from tests.delivery.projects import Project, finalized
from tests.reporting.conftest import report
from tests.reporting.pages_of import HOURS_4, page_of

browsing = pytest.mark.browser
MARKS = """
return [...document.querySelectorAll("#ticks span")]
  .map((mark) => { const box = mark.getBoundingClientRect(); return [mark.textContent, box.left, box.right]; })
  .filter((mark) => mark[2] > document.getElementById("ticks").parentElement.children[0].getBoundingClientRect().right);
"""
FRAME_WIDTH = 'return document.querySelector(".playhead-area").getBoundingClientRect().width / arguments[0];'


def marks(browser: Chrome) -> list[tuple[str, float, float]]:
    """Text, left and right of each mark in sight, after the page has drawn."""
    browser.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done));")
    return [(text, left, right) for text, left, right in browser.execute_script(MARKS)]


def frame_of(text: str) -> int:
    parts = [int(part) for part in text.split(":")]
    hours, minutes, seconds, frame = [*parts, 0][:4]
    return ((hours * 60 + minutes) * 60 + seconds) * 25 + frame


@browsing
@pytest.mark.parametrize(("frames", "shot"), [(1, 1), (25, 10), (1500, 100), (HOURS_4, 120)])
def test_the_ruler_has_legible_marks_at_every_zoom(browser: Chrome, tmp_path: Path, frames: int, shot: int) -> None:
    browser.get(page_of(tmp_path, frames, shot, pictures=False).as_uri())
    timeline = browser.find_element(By.ID, "timeline")
    timeline.send_keys(*[Keys.ARROW_RIGHT] * 3)
    widths = []
    for _ in range(18 if frames > 1 else 1):
        found = marks(browser)
        assert found, "there is always a mark in sight"
        assert all(right <= left for (_, _, right), (_, left, _) in itertools.pairwise(found)), "none over another"
        assert all(re.fullmatch(r"\d\d:\d\d:\d\d(:\d\d)?", text) for text, _, _ in found)
        numbers = [frame_of(text) for text, _, _ in found]
        assert numbers == sorted(set(numbers))
        widths.append(browser.execute_script(FRAME_WIDTH, frames))
        timeline.send_keys("+")
    assert widths == sorted(widths)
    assert widths[-1] >= 12, "a single frame can be aimed at with a mouse"
    timeline.send_keys("+")
    timeline.send_keys("0")
    assert browser.execute_script(FRAME_WIDTH, frames) == pytest.approx(widths[0])


@browsing
def test_a_wheel_zooms_around_the_pointer(browser: Chrome, tmp_path: Path) -> None:
    browser.get(page_of(tmp_path, 1500, 100, pictures=False).as_uri())
    lane = browser.find_element(By.CSS_SELECTOR, ".lane.scenes svg")
    under = "const box = document.querySelector('.playhead-area').getBoundingClientRect();"
    under += "return (arguments[0] - box.left) / box.width;"
    box = lane.rect
    pointer = int(box["x"] + box["width"] / 2) + 100
    before = browser.execute_script(under, pointer)
    # Without a key and without focus, the wheel belongs to the page.
    origin = ScrollOrigin.from_element(lane, 100, 0)
    ActionChains(browser).scroll_from_origin(origin, 0, 40).perform()
    assert browser.execute_script("return document.querySelector('.lanes-inner').style.width") == ""
    browser.execute_script("scrollTo(0, 0)")
    browser.find_element(By.ID, "timeline").send_keys(Keys.HOME)
    ActionChains(browser).scroll_from_origin(origin, 0, -400).perform()
    WebDriverWait(browser, 60).until(
        lambda driver: "calc" in driver.execute_script("return document.querySelector('.lanes-inner').style.width")
    )
    wide = "const all = document.getElementById('timeline'); return all.scrollWidth > 2 * all.clientWidth;"
    assert browser.execute_script(wide)
    assert browser.execute_script(under, pointer) == pytest.approx(before, abs=0.01)


@browsing
def test_time_is_said_in_milliseconds_and_in_frames(browser: Chrome, tmp_path: Path) -> None:
    browser.get(page_of(tmp_path, HOURS_4, 120, pictures=False).as_uri())
    browser.find_element(By.ID, "timeline").send_keys(Keys.END)
    assert browser.find_element(By.ID, "now").text == "03:59:59.960"
    assert browser.find_element(By.ID, "now-frames").text == frame_timecode(HOURS_4 - 1) == "03:59:59:24"
    shot = browser.find_element(By.CSS_SELECTOR, ".shots [data-scene='2'] .text").text
    assert "00:00:04:20 – 00:00:09:14" in shot


@browsing
def test_every_shot_of_four_hours_has_a_picture(browser: Chrome, tmp_path: Path) -> None:
    page = page_of(tmp_path, HOURS_4, 120)
    browser.get(page.as_uri())
    count = "return [document.querySelectorAll('.shots img').length, document.querySelectorAll('.no-picture').length]"
    assert browser.execute_script(count) == [3000, 0]
    browser.find_element(By.ID, "timeline").send_keys(Keys.END)
    assert browser.find_element(By.ID, "shot-picture").is_displayed()


@browsing
def test_a_shot_without_a_picture_says_so(browser: Chrome, tmp_path: Path) -> None:
    browser.get(page_of(tmp_path, 250, 50, pictures=False).as_uri())
    boxes = browser.find_elements(By.CSS_SELECTOR, ".shots .no-picture")
    assert [box.text for box in boxes] == ["pas d’image"] * 5
    colour = browser.execute_script("return getComputedStyle(arguments[0]).backgroundColor", boxes[0])
    assert sum(map(int, re.findall(r"\d+", colour)[:3])) > 600, "not black, which would be a black shot"


@browsing
@pytest.mark.parametrize("frames", [25, HOURS_4])
def test_a_phone_shows_all_of_it(browser: Chrome, tmp_path: Path, frames: int) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(page_of(tmp_path, frames, max(10, frames // 50), pictures=False).as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        found = marks(browser)
        assert all(right <= left for (_, _, right), (_, left, _) in itertools.pairwise(found))
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("scenes", [1, 240, 241, 4000, 20_000])
def test_pictures_get_smaller_and_never_fewer(scenes: int) -> None:
    width, height = form_for(scenes).size
    assert width * 9 == height * 16
    assert scenes * width * height <= 110e6, "pixels of a page"


def test_many_shots_of_a_real_film(film: Path) -> None:
    pictures = scene_pictures(film, [(number, number) for number in range(1, 51)])
    assert list(pictures) == list(range(1, 51))
    assert len(set(pictures.values())) >= 2


@browsing
@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_a_project_in_lines_that_can_be_read(
    browser: Chrome, tmp_path: Path, film: Path, width: int
) -> None:
    """Names and paths are broken into words, not into letters."""
    project = Project(tmp_path / "home", videos=("b-roll de la soirée au théâtre municipal.mov",), film=film)
    finalized(project)
    page = report(project).folder / "report.html"
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(page.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        for selector, narrowest in (("tbody th .with-picture span", 100), ("dl.pairs dd", 200)):
            for part in browser.find_elements(By.CSS_SELECTOR, selector):
                assert part.size["width"] >= narrowest, (selector, part.text)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
