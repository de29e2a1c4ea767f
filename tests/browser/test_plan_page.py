"""A planner draws an area, generates traffic, reads the ranked map, and downloads the result."""

import re
import time
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.ui.plan.panel import STEP_S
from netspatial.ui.plan.plan_view import outlines, stamp
from netspatial.ui.plan.ranking import ROW_PX
from netspatial.viz.plan_map import plan_view, short_id
from tests.browser.conftest import Watched
from tests.browser.visitor import (
    AGAIN_MS,
    act_until,
    choose,
    click_on,
    draw_rectangle,
    not_empty,
    number,
    place_on,
    press_another_hour,
    press_until,
    settled,
    share_changed,
    standing,
    switch_to,
    take,
    the_map,
    wait_for_a_picture,
)

THEMES = Path(__file__).parents[2] / ".streamlit/config.toml"
MIDDLE = (-60, -60), (60, 60)
"""Corners of a rectangle, in pixels from the middle of the map."""

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def opened(page: Page, address: str, view: str = "") -> None:
    page.goto(f"{address}/{view}")
    expect(page.get_by_role("heading", name="Site planning (what-if)")).to_be_visible()


def run_of(page: Page) -> str:
    found = re.search(r"run=([^&]+)", page.url)
    assert found, page.url
    return found.group(1)


def generate_from_a_drawing(page: Page) -> None:
    switch_to(page, "Area", number(page, "Cells"))
    draw_rectangle(page, *MIDDLE, changes=number(page, "Cells"))
    settled(page)
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(re.compile("run=plan-tinytown"))


def click_a_cell(page: Page, run: PlanRun) -> str:
    """Click one of the cells that are no sites, and return its id."""
    canvas = the_map(page)
    canvas.scroll_into_view_if_needed()
    corners = np.array(outlines(run.folder, stamp(run.run))).reshape(-1, 2)
    view = plan_view((*corners.min(axis=0), *corners.max(axis=0)), "flat", None)
    row = run.cells.loc[run.cells["rank"].isna()].iloc[0]
    place = place_on(canvas, view, row["lon"], row["lat"])
    click_on(page, canvas, place, short_id(row["cell_id"]), f"cell={row['cell_id']}")
    return str(row["cell_id"])


def test_a_planner_goes_from_a_drawing_to_a_file(
    watched: Watched, address: str, runs: Path, tmp_path: Path
) -> None:
    page = watched.page
    opened(page, address, "?samples=2&masks=none")
    generate_from_a_drawing(page)

    # A reload during the run returns to it by its address.
    page.reload()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    run = PlanRun.open(runs / run_of(page))
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible()

    # A click on the map selects a cell and writes it into the address.
    cell = click_a_cell(page, run)
    expect(page.get_by_role("heading", name=f"Cell {short_id(cell)}")).to_be_visible()

    # Another utility changes the ranking without another run.
    settled(page)
    before = number(page, "Utility").inner_text()
    choose(page, "Utility", "^Mean demand$")
    expect(page).to_have_url(re.compile("utility=demand"))
    expect(number(page, "Utility")).not_to_have_text(before)

    # The map switches to 3D, and shows any hour of the week.
    flat = wait_for_a_picture(page, not_empty)
    press_until(page.get_by_text("3D", exact=True), lambda: "look=raised" in page.url)
    wait_for_a_picture(page, lambda raised: not_empty(raised) and share_changed(raised, flat) > 0.1)
    switch_to(page, "Week", page.get_by_role("slider"))
    title = page.locator(".ns-legend b")
    expect(title).to_contain_text("Demand, ")
    settled(page)
    hour = title.inner_text()
    press_another_hour(page)
    expect(title).not_to_have_text(hour)

    # The plan on screen can be downloaded.
    table = gpd.read_parquet(take(page, "GeoParquet", tmp_path / "plan.parquet"))
    assert set(table["cell_id"]) == set(run.cells["cell_id"])
    best = table.loc[table["rank"] == 1, "demand_mean"].iloc[0]
    assert best == table.loc[table["status"] == "candidate", "demand_mean"].max()

    assert watched.strangers == set()
    assert watched.complaints == []


def test_the_week_plays_until_it_is_paused(watched: Watched, address: str) -> None:
    page = watched.page
    opened(page, address, "?paint=week")
    title = page.locator(".ns-legend b")
    expect(title).to_contain_text("Demand, ")
    play, pause = (page.get_by_role("button", name=name) for name in ("Play", "Pause"))
    press_until(play, pause.is_visible)
    steps_s = []
    for _ in range(3):
        hour, began = title.inner_text(), time.monotonic()
        expect(title).not_to_have_text(hour)
        steps_s.append(time.monotonic() - began)
    press_until(pause, play.is_visible)
    standing(page, title.inner_text, for_ms=5000 * max(*steps_s, STEP_S))
    expect(play).to_be_visible()
    assert watched.complaints == []


def test_a_row_of_the_ranking_selects_its_cell(watched: Watched, address: str, runs: Path) -> None:
    page = watched.page
    opened(page, address)
    sites = PlanRun.open(runs / "example-tinytown").sites
    table = page.get_by_test_id("stDataFrame")
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible()
    expect(page.get_by_role("button", name="All cells")).not_to_be_visible()
    act_until(
        page,
        lambda: table.click(position={"x": 18, "y": ROW_PX * 2.5}, timeout=AGAIN_MS),
        lambda: f"cell={sites['cell_id'].iloc[1]}" in page.url,
    )
    expect(page.get_by_role("heading", name="Site 2")).to_be_visible()

    # The map zooms to it; a button returns to all cells.
    everything = page.get_by_role("button", name="All cells")
    press_until(everything, everything.is_hidden)
    assert watched.complaints == []


def test_a_run_can_be_cancelled_and_closed(watched: Watched, address: str) -> None:
    page = watched.page
    opened(page, address, "?samples=64&cell_m=25&weeks=12&masks=none")
    switch_to(page, "Area", page.get_by_role("button", name="Generate"))
    settled(page)
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible()
    expect(page).not_to_have_url(re.compile("run="))


def test_an_invalid_upload_is_reported(watched: Watched, address: str, tmp_path: Path) -> None:
    page = watched.page
    bad = tmp_path / "area.geojson"
    bad.write_text('{"type": "Point", "coordinates": [0, 0]}')
    opened(page, address)
    switch_to(page, "Area", page.get_by_text("Upload a file"))
    given = page.locator('input[type="file"]')
    press_until(page.get_by_text("Upload a file"), lambda: given.count() > 0)
    settled(page)
    given.set_input_files(bad)
    box = page.get_by_test_id("stAlert").filter(has_text="a Polygon or MultiPolygon is needed")
    expect(box).to_be_visible()
    assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_show_the_map(watched: Watched, address: str, scheme: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    opened(page, address)
    wait_for_a_picture(page, not_empty)
    colour = tomllib.loads(THEMES.read_text())["theme"][scheme]["backgroundColor"]
    bands = ", ".join(str(band) for band in bytes.fromhex(colour.removeprefix("#")))
    expect(page.locator(".stApp")).to_have_css("background-color", f"rgb({bands})")
