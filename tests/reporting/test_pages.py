"""Reports as a person meets them: opened in Chromium, looked at, clicked, used by keyboard."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from mediaflow_assets.reporting.month import write_month_report
from mediaflow_assets.reporting.settings import ReportSettings
from mediaflow_assets.server.app import web_server
from mediaflow_assets.server.site import Site
from mediaflow_assets.settings import Settings
from support.servers import wait_for
from tests.reporting.conftest import HOSTILE, Reported

pytestmark = pytest.mark.browser


def visit(browser: Chrome, page: Path) -> None:
    """Open a page; what the console and the network said before is forgotten."""
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())


def requests(browser: Chrome) -> set[str]:
    """URLs that the page asked for, but pictures inside the page."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {item["params"]["request"]["url"] for item in messages if item["method"] == "Network.requestWillBeSent"}
    return {url for url in urls if not url.startswith("data:")}


def text(browser: Chrome, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def lanes(browser: Chrome) -> WebElement:
    return browser.find_element(By.ID, "timeline")


def position(browser: Chrome) -> int:
    return int(lanes(browser).get_attribute("aria-valuenow") or 0)


@pytest.mark.parametrize("page", ["report.html", "v0.html", "v1.html", "month.html"])
def test_a_page_says_nothing_on_the_console_and_asks_for_nothing(
    reported: Reported, browser: Chrome, page: str
) -> None:
    path = reported.folder / page
    if page == "month.html":
        write_month_report(path, "2026-11", reported.project.store, ReportSettings())
    visit(browser, path)
    assert browser.get_log("browser") == []
    assert requests(browser) == {path.as_uri()}
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr"
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"


def test_names_are_text_and_never_markup(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "report.html")
    assert text(browser, "h1") == "13 <i>Camille</i>"
    names = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "tbody th")]
    assert names == ["interview.mov", f"sub/{HOSTILE}"]
    browser.find_element(By.LINK_TEXT, f"sub/{HOSTILE}").click()
    assert text(browser, "h1") == HOSTILE
    browser.find_element(By.CSS_SELECTOR, "header a").click()
    assert text(browser, "h1") == "13 <i>Camille</i>"


def test_the_links_to_exports_lead_to_files(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v1.html")
    links = browser.find_elements(By.CSS_SELECTOR, "[aria-labelledby=exports-title] a")
    assert len(links) == 10
    for link in links:
        target = browser.execute_script("return decodeURIComponent(new URL(arguments[0].href).pathname)", link)
        assert Path(target).is_file()


def test_the_timeline_follows_a_click(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v0.html")
    assert (position(browser), text(browser, "#now"), text(browser, "#heard")) == (1, "00:00:00.000", "personne")
    lane = browser.find_element(By.CSS_SELECTOR, ".lane.speech svg")
    # The offset is from the middle: one half of 50 frames.
    ActionChains(browser).move_to_element_with_offset(lane, 0, 0).click().perform()
    assert position(browser) in (25, 26)
    assert text(browser, "#heard") == "SPEAKER_00"
    assert text(browser, "#visible") == "obj_1 (parle)"
    assert text(browser, "#shot-text").endswith("Plan 2")
    ActionChains(browser).move_to_element_with_offset(lane, lane.size["width"] // 2 - 2, 0).click().perform()
    assert position(browser) == 50
    assert text(browser, "#visible") == "personne"


def test_the_page_plays_its_video_with_the_timeline_as_scrubber(reported: Reported, browser: Chrome) -> None:
    """From the disk it plays the delivered video; the web application gives it the one that is at hand."""
    visit(browser, reported.folder / "v0.html")
    assert not browser.find_element(By.ID, "review").is_displayed(), "a page on a disk has no review"
    browser.find_element(By.ID, "play").click()
    wait_for("the video", lambda: browser.execute_script("return film.readyState >= 2"), 60)
    browser.execute_script("film.pause()")
    lanes(browser).send_keys(Keys.PAGE_DOWN, Keys.HOME, Keys.PAGE_DOWN)
    wait_for("the frame", lambda: not browser.execute_script("return film.seeking"), 60)
    assert browser.execute_script("return [Math.floor(film.currentTime * 25) + 1, film.error]") == [21, None]
    assert position(browser) == 21


def test_a_link_leads_to_a_moment(reported: Reported, browser: Chrome) -> None:
    browser.get("about:blank")
    browser.get((reported.folder / "v0.html").as_uri() + "#t=1.20")
    assert position(browser) == 31
    browser.execute_script("location.hash = '#t=0.04'")
    wait_for("the moment", lambda: position(browser) == 2, 60)
    assert browser.find_element(By.ID, "now").get_attribute("href").endswith("#t=0.04")


def test_served_it_leads_to_the_review_and_plays(reported: Reported, browser: Chrome) -> None:
    environ = {"MEDIAFLOW_HOME": str(reported.project.home)}
    with web_server(Site.of(Settings.load(None, environ)), 0) as url:
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(f"{url}{reported.project.key}/v0.html")
        browser.find_element(By.ID, "play").click()
        wait_for("the video", lambda: browser.execute_script("return film.readyState >= 2"), 60)
        assert (
            browser.execute_script("return new URL(film.currentSrc).pathname")
            == f"/media/{reported.project.key}/v0.mp4"
        )
        browser.find_element(By.ID, "review").click()
        wait_for("the review", lambda: browser.execute_script("return document.body.dataset.ready") == "true", 60)
        assert browser.get_log("browser") == []


def test_the_timeline_follows_a_drag(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v0.html")
    lane = browser.find_element(By.CSS_SELECTOR, ".lane.scenes svg")
    quarter = lane.size["width"] // 4
    ActionChains(browser).move_to_element_with_offset(lane, -quarter, 0).click_and_hold().move_by_offset(
        2 * quarter, 200
    ).release().perform()
    assert 37 <= position(browser) <= 39


@pytest.mark.parametrize(
    ("keys", "frame"),
    [
        ([Keys.ARROW_RIGHT] * 3, 4),
        ([Keys.END, Keys.ARROW_RIGHT], 50),
        ([Keys.END, Keys.HOME, Keys.ARROW_LEFT], 1),
        ([Keys.PAGE_DOWN], 21),
        ([Keys.PAGE_DOWN, Keys.ARROW_RIGHT, Keys.PAGE_UP, Keys.PAGE_UP], 1),
        ([Keys.SHIFT, Keys.ARROW_RIGHT], 26),
    ],
)
def test_the_timeline_follows_the_keyboard(reported: Reported, browser: Chrome, keys: list[str], frame: int) -> None:
    visit(browser, reported.folder / "v0.html")
    lanes(browser).send_keys(*keys)
    assert position(browser) == frame
    milliseconds = (frame - 1) * 40
    assert text(browser, "#now") == f"00:00:0{milliseconds // 1000}.{milliseconds % 1000:03d}"


def test_the_keyboard_reaches_the_timeline_and_every_scene(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v0.html")
    reached = []
    for _ in range(16):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        focused = browser.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.get_attribute("data-scene"))
    assert [
        name for name in ("play", "previous", "next", "zoom-out", "zoom-in", "timeline", "1", "2") if name in reached
    ] == [
        "play",
        "previous",
        "next",
        "zoom-out",
        "zoom-in",
        "timeline",
        "1",
        "2",
    ]
    browser.find_element(By.CSS_SELECTOR, "[data-scene='2']").send_keys(Keys.ENTER)
    assert position(browser) == 21


def test_zoom_keeps_the_position_in_sight(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v0.html")
    lanes(browser).send_keys(Keys.END, "+", "+", "+")
    box = lanes(browser).rect
    playhead = browser.find_element(By.ID, "playhead").rect["x"]
    assert browser.execute_script("return arguments[0].scrollWidth > 5 * arguments[0].clientWidth", lanes(browser))
    assert box["x"] < playhead < box["x"] + box["width"]


def test_every_scene_shows_its_picture(reported: Reported, browser: Chrome) -> None:
    visit(browser, reported.folder / "v0.html")
    red, blue = (
        Image.open(io.BytesIO(picture.screenshot_as_png)).convert("RGB")
        for picture in browser.find_elements(By.CSS_SELECTOR, ".shots img")
    )
    for picture, colour in ((red, 0), (blue, 2)):
        pixel = picture.getpixel((picture.width // 2, picture.height // 2))
        assert isinstance(pixel, tuple)
        assert pixel[colour] > 150 > max(value for index, value in enumerate(pixel) if index != colour)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["report.html", "v0.html"])
def test_contrast_is_enough_to_read(reported: Reported, browser: Chrome, page: str, scheme: str) -> None:
    """WCAG 2.2, criterion 1.4.3: at least 4.5 to 1 for every piece of text."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    visit(browser, reported.folder / page)
    assert browser.execute_script(CONTRAST) == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


CONTRAST = """
const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (rgb) => rgb.slice(0, 3).map((value) => value / 255)
  .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) { return colour; }
  }
  return [255, 255, 255];
};
const poor = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || ["SCRIPT", "STYLE"].includes(node.tagName)) { continue; }
  const [one, other] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
  if ((one + 0.05) / (other + 0.05) < 4.5) { poor.push([node.textContent.trim(), (one + 0.05) / (other + 0.05)]); }
}
return poor;
"""


@pytest.mark.parametrize("page", ["report.html", "v0.html", "month.html"])
def test_headings_go_down_one_level_at_a_time(reported: Reported, browser: Chrome, page: str) -> None:
    path = reported.folder / page
    write_month_report(reported.folder / "month.html", "2026-11", reported.project.store, ReportSettings())
    visit(browser, path)
    levels = [int(heading.tag_name[1]) for heading in browser.find_elements(By.CSS_SELECTOR, "h1,h2,h3,h4,h5")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - above <= 1 for above, deeper in itertools.pairwise(levels))
