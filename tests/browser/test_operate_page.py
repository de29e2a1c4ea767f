"""An operator draws around stations, schedules their sleep, and looks at what comes of it."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from netspatial.runs.operating_result import OperateRun
from netspatial.ui.operate_map import bounds_of, schedule_view
from netspatial.ui.operate_panel import MAP_PX
from netspatial.ui.operate_shown import ShownSchedule
from tests.browser.conftest import PATIENCE_MS, Watched, click_on, place_on, the_map

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")

FRAME = 'iframe[title="streamlit_folium.st_folium"]'


def number(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def go_to(page: Page, address: str, title: str, heading: str) -> None:
    """Open the app and go to a page by its tab, as a visitor does."""
    page.goto(address)
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENCE_MS)


def choose(page: Page, label: str, option: str) -> None:
    chooser = page.get_by_test_id("stSelectbox").filter(has_text=label)
    chooser.get_by_role("combobox").click()
    page.get_by_role("option", name=option, exact=True).click()


def draw_around_the_east(page: Page) -> None:
    frame = page.frame_locator(FRAME)
    frame.locator(".leaflet-draw-draw-rectangle").click()
    box = page.locator(FRAME).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] + 70, middle[1] - 230)
    page.mouse.down()
    page.mouse.move(middle[0] + 150, middle[1], steps=3)
    page.mouse.move(middle[0] + 240, middle[1] + 230, steps=3)
    page.mouse.up()


def click_a_station(page: Page, run: OperateRun) -> str:
    """Click the last station on the map, and return its id."""
    canvas = the_map(page)
    canvas.scroll_into_view_if_needed()
    places = ShownSchedule(run.run).places
    row = places.iloc[-1]
    view = schedule_view(bounds_of(places), "flat", MAP_PX)
    place = place_on(canvas, view, row["lon"], row["lat"])
    station = str(row["station_id"])
    click_on(page, canvas, place, station, f"station={station}")
    return station


def test_an_operator_goes_from_a_drawing_to_a_schedule(
    watched: Watched, address: str, runs: Path, tmp_path: Path
) -> None:
    page = watched.page
    go_to(page, address, "Operate", "What to do")
    choose(page, "Made by", "Mean week")
    expect(number(page, "Stations")).to_have_text("6", timeout=PATIENCE_MS)
    draw_around_the_east(page)
    expect(number(page, "Stations")).to_have_text("2", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Schedule").click()
    expect(page).to_have_url(re.compile("run=operate-tinytown"), timeout=PATIENCE_MS)
    expect(number(page, "Traffic served")).to_be_visible(timeout=PATIENCE_MS)

    found = re.search(r"run=([^&]+)", page.url)
    assert found
    run = OperateRun.open(runs / found.group(1))
    assert run.request.stations == ("s2", "s5")
    told = f"{100 * run.summary['qoe']:.2f} %"
    expect(number(page, "Traffic served")).to_have_text(told)

    # The hours go by with the slider, and a click on the map shows that station.
    slider = page.get_by_test_id("stMain").get_by_role("slider")
    hour = slider.get_attribute("aria-valuenow")
    slider.press("ArrowRight" if hour == "0" else "ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuenow", hour or "", timeout=PATIENCE_MS)
    station = click_a_station(page, run)
    expect(page).to_have_url(re.compile(f"station={station}"), timeout=PATIENCE_MS)

    page.get_by_test_id("stPopoverButton").filter(has_text="Download").click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Schedule (CSV)").click()
    download.value.save_as(tmp_path / "schedule.csv")
    table = pd.read_csv(tmp_path / "schedule.csv")
    assert len(table) == 24 * len(run.request.stations)
    assert watched.hosts == {"127.0.0.1"}
    assert watched.complaints == []
