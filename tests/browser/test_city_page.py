"""A visitor opens the city page, sees the map, clicks a station and looks at it in 3D."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from netspatial.city import City
from netspatial.ui.colours import Scale
from netspatial.ui.maps import viewpoint
from netspatial.ui.readings import station_table
from tests.browser.conftest import (
    PATIENCE_MS,
    Watched,
    click_on,
    picture,
    picture_once_drawn,
    place_on,
    point_at,
    the_map,
)

STATION = "s4"

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def open_city(page: Page, address: str) -> None:
    """Go to the city page as a visitor does, from the app's first page."""
    page.goto(address)
    expect(page.get_by_role("heading", name="Where to build")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="City", exact=True).click()
    expect(page.get_by_role("heading", name="Tinytown")).to_be_visible(timeout=PATIENCE_MS)


def place_of(city: City, station_id: str, canvas: Locator) -> tuple[float, float]:
    """Where on the canvas the first view puts a station, in pixels from its upper left corner."""
    table = station_table(city.folder, "total").set_index("station_id")
    lon, lat = table.loc[station_id, ["lon", "lat"]].astype(float)
    return place_on(canvas, viewpoint(city.record.bounds), lon, lat)


def test_a_visitor_explores_the_city(watched: Watched, address: str, cities: Path) -> None:
    page, city = watched.page, City.open(cities / "tinytown")
    open_city(page, address)
    expect(page.get_by_role("heading", name="Tinytown")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("simulated").first).to_be_visible()
    canvas = the_map(page)
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=PATIENCE_MS)

    # The map shows the image, and on it a station in the colour of its traffic.
    place = place_of(city, STATION, canvas)
    together = page.get_by_test_id("stMetricValue").first.inner_text()

    # A click shows what that station carries, and the address can be handed on.
    click_on(page, canvas, place, STATION, f"station={STATION}")
    expect(page.get_by_test_id("stMetricValue").first).not_to_have_text(
        together, timeout=PATIENCE_MS
    )
    expect(page).to_have_url(f"{address}/city?station={STATION}")
    expect(page.locator(".js-plotly-plot")).to_have_count(3)

    # In 3D the stations stand up from the same image.
    flat = picture(the_map(page))
    page.get_by_text("3D", exact=True).click()
    expect(page.locator(".st-key-map-tinytown-raised canvas").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    raised = picture_once_drawn(page, the_map(page))
    assert raised.shape == flat.shape
    assert (np.abs(raised.astype(int) - flat).max(axis=0) > 20).mean() > 0.2

    assert watched.hosts == {"127.0.0.1"}
    assert watched.complaints == []


def test_the_map_shows_the_image_and_the_legends_colours(
    watched: Watched, address: str, cities: Path
) -> None:
    page, city = watched.page, City.open(cities / "tinytown")
    open_city(page, address)
    canvas = the_map(page)
    table = station_table(city.folder, "total")
    place = place_of(city, STATION, canvas)
    point_at(page, canvas, place, says=STATION)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)  # a mark under the pointer is lit up
    expect(page.locator(".deck-tooltip")).to_be_hidden(timeout=PATIENCE_MS)
    pixels = picture_once_drawn(page, canvas)
    expected = Scale.over(table["mean"], "MB").colours(
        table.loc[table["station_id"] == STATION, "mean"]
    )[0]
    drawn = pixels[:, round(place[1]), round(place[0])]
    np.testing.assert_allclose(drawn.astype(int), expected.astype(int), atol=24)


def test_a_shared_address_opens_its_station(watched: Watched, address: str) -> None:
    page = watched.page
    open_city(page, address)
    page.goto(f"{address}/city?city=tinytown&station=s2")
    the_map(page)
    expect(page.get_by_role("combobox").nth(1)).to_have_value("s2", timeout=PATIENCE_MS)
