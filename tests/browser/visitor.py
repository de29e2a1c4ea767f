"""Actions of a visitor that wait and retry, because a busy machine draws a page late and in parts.

Speed is never asserted. A value is read once it is stable; an action without effect is repeated.
"""

import itertools
import math
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
import pydeck as pdk
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from playwright.sync_api import TimeoutError as LateError
from rasterio.io import MemoryFile

Seen = TypeVar("Seen")

PATIENCE_MS = 240_000
"""How long to wait for something to appear."""
LOOK_MS = 500
AGAIN_MS = 15_000
"""Time after which a click or a key press without effect is repeated."""
BOARD = 'iframe[title="streamlit_folium.st_folium"]'
"""Frame of the map to draw on."""


def until(page: Page, holds: Callable[[], bool], otherwise: str) -> None:
    """Wait until a condition holds that `expect` cannot express; else fail with `otherwise`."""
    for _ in range(PATIENCE_MS // LOOK_MS):
        if holds():
            return
        page.wait_for_timeout(LOOK_MS)
    pytest.fail(otherwise)


def settled(page: Page) -> None:
    """Wait until the app has finished drawing the page."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def standing(page: Page, look: Callable[[], Seen], for_ms: float = 2 * LOOK_MS) -> Seen:
    """Return a value as soon as it has not changed for `for_ms` milliseconds."""
    for _ in range(math.ceil(PATIENCE_MS / for_ms)):
        seen = look()
        page.wait_for_timeout(for_ms)
        if look() == seen:
            return seen
    pytest.fail("The value never became stable.")


def act_until(page: Page, act: Callable[[], object], arrived: Callable[[], bool]) -> None:
    """Repeat an action until it has an effect: a page that is still drawing may miss a click."""
    for _ in range(PATIENCE_MS // AGAIN_MS):
        settled(page)
        with suppress(LateError):
            act()
        for _ in range(AGAIN_MS // LOOK_MS):
            if arrived():
                return
            page.wait_for_timeout(LOOK_MS)
    pytest.fail("The action had no effect, however often it was repeated.")


def press_until(target: Locator, arrived: Callable[[], bool]) -> None:
    """Press a button or a switch until its effect is visible."""
    act_until(target.page, lambda: target.click(timeout=AGAIN_MS), arrived)


def switch_to(page: Page, name: str, shown: Locator) -> None:
    """Select an option by its name until its effect is visible."""
    press_until(page.get_by_text(name, exact=True).first, shown.is_visible)


def choose(page: Page, label: str, option: str) -> None:
    """Select an option of a list by a pattern that matches only this one."""
    wanted = re.compile(option)
    chooser = page.get_by_test_id("stSelectbox").filter(has_text=label).get_by_role("combobox")

    def pick() -> None:
        chooser.click(timeout=AGAIN_MS)
        page.get_by_role("option", name=wanted).click(timeout=AGAIN_MS)

    act_until(page, pick, lambda: bool(wanted.search(chooser.input_value())))


def go_to(page: Page, address: str, title: str, heading: str) -> None:
    """Open the app and go to a page by its link in the navigation."""
    page.goto(address)
    switch = page.get_by_role("link", name=title, exact=True)
    press_until(switch, page.get_by_role("heading", name=heading).is_visible)


def press_another_hour(page: Page) -> None:
    """Move the hour slider by one step with the keyboard."""
    slider = page.get_by_test_id("stMain").get_by_role("slider")
    settled(page)
    hour = slider.input_value()
    key = "ArrowLeft" if float(hour) > 0 else "ArrowRight"
    act_until(
        page,
        lambda: slider.press(key, timeout=AGAIN_MS),
        lambda: slider.input_value() != hour,
    )


def number(page: Page, label: str) -> Locator:
    """Return the value of a metric by its label."""
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def draw_rectangle(
    page: Page, corner: tuple[float, float], opposite: tuple[float, float], changes: Locator
) -> None:
    """Draw a rectangle with the mouse, between two points in pixels from the map's middle.

    changes : the metric that changes when the drawing is accepted
    """
    board = page.frame_locator(BOARD)
    expect(board.locator(".leaflet-draw-draw-rectangle")).to_be_visible()
    settled(page)
    before = changes.inner_text()

    def middle() -> tuple[float, float]:
        box = box_of(page.locator(BOARD))
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def draw() -> None:
        tool = board.locator(".leaflet-draw-draw-rectangle")
        tool.click()
        expect(board.locator(".leaflet-zoom-anim, .leaflet-pan-anim")).to_have_count(0)
        standing(page, lambda: board.locator(".leaflet-map-pane").bounding_box())
        x, y = standing(page, middle)
        page.mouse.move(x + corner[0], y + corner[1])
        page.mouse.down()
        for share in (0.5, 1.0):
            page.mouse.move(
                x + corner[0] + share * (opposite[0] - corner[0]),
                y + corner[1] + share * (opposite[1] - corner[1]),
                steps=3,
            )
        page.mouse.up()

    act_until(page, draw, lambda: changes.inner_text() != before)


def take(page: Page, name: str, path: Path) -> Path:
    """Download a file by its button in the list of downloads, and return its path."""
    button = page.get_by_role("button", name=name)
    opener = page.get_by_test_id("stPopoverButton").filter(has_text="Download")
    press_until(opener, button.is_visible)
    with page.expect_download() as download:
        button.click()
    download.value.save_as(path)
    return path


def the_map(page: Page) -> Locator:
    canvas = page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first
    expect(canvas).to_be_visible()
    return canvas


def box_of(shown: Locator) -> FloatRect:
    """Return the bounding box of an element on the page, pixels."""
    found: list[FloatRect] = []

    def seen() -> bool:
        box = shown.bounding_box()  # None while the page replaces the element
        found.extend([box] if box else [])
        return bool(found)

    until(shown.page, seen, "The element is not on the page.")
    return found[0]


def place_on(canvas: Locator, view: pdk.ViewState, lon: float, lat: float) -> tuple[float, float]:
    """Return the position of (lon, lat) in a flat view, pixels from the canvas's upper left."""
    world = 512 * 2**view.zoom / (2 * math.pi)
    north = math.asinh(math.tan(math.radians(lat))) - math.asinh(
        math.tan(math.radians(view.latitude))
    )
    box = box_of(canvas)
    return (
        box["width"] / 2 + world * math.radians(lon - view.longitude),
        box["height"] / 2 - world * north,
    )


def point_at(page: Page, canvas: Locator, place: tuple[float, float], says: str) -> None:
    """Point at a position until its tooltip appears."""
    tooltip = page.locator(".deck-tooltip").filter(has_text=says)
    nudge = itertools.cycle((0, 1))

    def said() -> bool:
        box = box_of(canvas)
        page.mouse.move(box["x"] + place[0] + next(nudge), box["y"] + place[1])
        page.wait_for_timeout(LOOK_MS)
        return tooltip.is_visible()

    until(page, said, f"No tooltip with '{says}' appeared at {place}.")


def click_on(
    page: Page, canvas: Locator, place: tuple[float, float], says: str, leads_to: str
) -> None:
    """Click the mark with the tooltip `says` until the address contains `leads_to`."""

    def click() -> None:
        point_at(page, canvas, place, says)
        box = box_of(canvas)
        page.mouse.click(box["x"] + place[0], box["y"] + place[1])

    act_until(page, click, lambda: leads_to in page.url)


def picture(canvas: Locator) -> np.ndarray:
    """Return a screenshot of the map, (band, row, column)."""
    with MemoryFile(canvas.screenshot()) as file, file.open() as shown:
        return np.asarray(shown.read([1, 2, 3]))


def wait_for_a_picture(page: Page, is_it: Callable[[np.ndarray], bool]) -> np.ndarray:
    """Return a screenshot of the map as soon as it meets a condition."""
    last: list[np.ndarray] = []

    def drawn() -> bool:
        last[:] = [picture(the_map(page))]
        return is_it(last[0])

    until(page, drawn, "The map never met the condition.")
    return last[0]


def not_empty(pixels: np.ndarray) -> bool:
    """Return whether a screenshot shows more than the map's empty background."""
    return float(pixels.std()) > 15


def share_changed(now: np.ndarray, before: np.ndarray) -> float:
    """Return the share of pixels that differ; 0 if the map has another size."""
    if now.shape != before.shape:
        return 0.0
    return float((np.abs(now.astype(int) - before).max(axis=0) > 20).mean())
