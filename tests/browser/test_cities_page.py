"""A user simulates a city and opens the lists of cities and models."""

from pathlib import Path

from playwright.sync_api import expect

from netspatial.city.city import City
from tests.browser.conftest import Watched
from tests.browser.visitor import go_to, settled, switch_to


def test_a_city_is_simulated_and_listed(watched: Watched, address: str, cities: Path) -> None:
    page = watched.page
    go_to(page, address, "Cities and models", "Cities and models")
    expect(page.get_by_text("Tinytown", exact=True)).to_be_visible()
    switch_to(page, "Simulate a city", page.get_by_label("Side, km", exact=True))
    settled(page)
    for label, value in (
        ("Name", "zz town"),
        ("Side, km", "2"),
        ("Stations", "5"),
        ("Points of interest", "20"),
        ("Metres per pixel", "20"),
        ("Weeks of traffic", "1"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(page.get_by_text("is ready.")).to_be_visible()
    assert len(City.open(cities / "zz-town").stations) == 5
    switch_to(page, "Models", page.get_by_text("Traffic generator").first)
    assert watched.strangers == set()
    assert watched.complaints == []
