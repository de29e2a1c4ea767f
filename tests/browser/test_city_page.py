"""A visitor opens the city page, clicks a station on the map and switches to 3D."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from netspatial.city.city import City
from netspatial.viz.city_map import viewpoint
from netspatial.viz.city_queries import station_table
from netspatial.viz.colours import Scale
from tests.browser.conftest import Watched
from tests.browser.visitor import (
    box_of,
    click_on,
    go_to,
    not_empty,
    place_on,
    point_at,
    settled,
    share_changed,
    switch_to,
    the_map,
    wait_for_a_picture,
)

STATION = "s4"

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def place_of(city: City, station_id: str, canvas: Locator) -> tuple[float, float]:
    """Position of a station in the initial view, pixels from the canvas's upper left corner."""
    table = station_table(city.folder, "total").set_index("station_id")
    lon, lat = table.loc[station_id, ["lon", "lat"]].astype(float)
    return place_on(canvas, viewpoint(city.record.bounds), lon, lat)


def test_a_visitor_explores_the_city(watched: Watched, address: str, cities: Path) -> None:
    page, city = watched.page, City.open(cities / "tinytown")
    go_to(page, address, "City", "Tinytown")
    expect(page.get_by_text("simulated").first).to_be_visible()
    canvas = the_map(page)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)

    place = place_of(city, STATION, canvas)
    settled(page)
    together = page.get_by_test_id("stMetricValue").first.inner_text()

    # A click shows the station's traffic and writes it into the address.
    click_on(page, canvas, place, STATION, f"station={STATION}")
    expect(page.get_by_test_id("stMetricValue").first).not_to_have_text(together)
    expect(page).to_have_url(f"{address}/city?station={STATION}")
    expect(page.locator(".js-plotly-plot")).to_have_count(3)

    # In 3D the stations are columns on the same image.
    flat = wait_for_a_picture(page, not_empty)
    switch_to(page, "3D", page.locator(".st-key-map-tinytown-raised canvas").first)
    expect(page.locator(".st-key-map-tinytown-flat")).to_have_count(0)
    wait_for_a_picture(page, lambda raised: share_changed(raised, flat) > 0.2)

    assert watched.strangers == set()
    assert watched.complaints == []


def test_the_map_shows_the_image_and_the_legends_colours(
    watched: Watched, address: str, cities: Path
) -> None:
    page, city = watched.page, City.open(cities / "tinytown")
    go_to(page, address, "City", "Tinytown")
    canvas = the_map(page)
    table = station_table(city.folder, "total")
    place = place_of(city, STATION, canvas)
    point_at(page, canvas, place, says=STATION)
    expected = Scale.over(table["mean"], "MB").colours(
        table.loc[table["station_id"] == STATION, "mean"]
    )[0]
    box = box_of(canvas)
    page.mouse.move(box["x"] + 4, box["y"] + 4)  # a mark under the pointer is highlighted
    expect(page.locator(".deck-tooltip")).to_be_hidden()

    def painted(pixels: np.ndarray) -> bool:
        drawn = pixels[:, round(place[1]), round(place[0])].astype(int)
        return bool(np.abs(drawn - expected).max() <= 24)

    wait_for_a_picture(page, painted)


def test_a_shared_address_opens_its_station(watched: Watched, address: str) -> None:
    page = watched.page
    go_to(page, address, "City", "Tinytown")
    page.goto(f"{address}/city?city=tinytown&station=s2")
    the_map(page)
    expect(page.get_by_role("combobox").nth(1)).to_have_value("s2")
