"""An operator draws around stations, schedules their sleep, and inspects the result."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.ui.operate.panel import MAP_PX
from netspatial.viz.schedule_map import bounds_of, schedule_view
from tests.browser.conftest import Watched
from tests.browser.visitor import (
    choose,
    click_on,
    draw_rectangle,
    go_to,
    number,
    place_on,
    press_another_hour,
    take,
    the_map,
)

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")

EAST = (70, -230), (240, 230)
"""Corners of a rectangle around the two eastern stations, in pixels from the map's middle."""


def click_a_station(page: Page, run: OperateRun) -> str:
    """Click the last station on the map, and return its id."""
    canvas = the_map(page)
    canvas.scroll_into_view_if_needed()
    places = OperateRun(run.run).places
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
    go_to(page, address, "Operate", "Network operation")
    choose(page, "Forecast method", "^Mean week$")
    expect(number(page, "Stations")).to_have_text("6")
    draw_rectangle(page, *EAST, changes=number(page, "Stations"))
    expect(number(page, "Stations")).to_have_text("2")
    page.get_by_role("button", name="Schedule").click()
    expect(page).to_have_url(re.compile("run=operate-tinytown"))
    expect(number(page, "Traffic served")).to_be_visible()

    found = re.search(r"run=([^&]+)", page.url)
    assert found
    run = OperateRun.open(runs / found.group(1))
    assert run.request.stations == ("s2", "s5")
    served = f"{100 * run.summary['qoe']:.2f} %"
    expect(number(page, "Traffic served")).to_have_text(served)

    # The slider changes the hour, and a click on the map selects a station.
    press_another_hour(page)
    station = click_a_station(page, run)
    expect(page).to_have_url(re.compile(f"station={station}"))

    file = take(page, "Schedule (CSV)", tmp_path / "schedule.csv")
    table = pd.read_csv(file)
    assert len(table) == 24 * len(run.request.stations)
    assert watched.strangers == set()
    assert watched.complaints == []
