"""A planner draws an area, generates, reads the ranked map, and takes the result away."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from netspatial.runs.result import PlanRun
from netspatial.ui.plan_map import plan_view, short_id
from netspatial.ui.plan_panel import STEP_S
from netspatial.ui.ranking import ROW_PX
from netspatial.ui.shown_plan import outlines, stamp
from tests.browser.conftest import (
    PATIENCE_MS,
    Watched,
    click_on,
    picture,
    picture_once_drawn,
    place_on,
    the_map,
)

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def opened(page: Page, address: str, view: str = "") -> None:
    page.goto(f"{address}/{view}")
    expect(page.get_by_role("heading", name="Where to build")).to_be_visible(timeout=PATIENCE_MS)


def board(page: Page) -> FrameLocator:
    """The map to draw on, in its frame."""
    frame = page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    expect(frame.locator(".leaflet-draw-draw-rectangle")).to_be_visible(timeout=PATIENCE_MS)
    return frame


def switch_to(page: Page, name: str, shown: Locator) -> None:
    """Press a switch until what it leads to is there: a page still drawing itself may miss one."""
    for _ in range(20):
        page.get_by_text(name, exact=True).first.click()
        try:
            expect(shown).to_be_visible(timeout=15_000)
        except AssertionError:
            continue
        return
    pytest.fail(f"'{name}' led nowhere.")


def number(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def draw_rectangle(page: Page) -> None:
    """Draw a rectangle over the middle quarter of the map with the mouse."""
    frame = board(page)
    frame.locator(".leaflet-draw-draw-rectangle").click()
    box = page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] - 60, middle[1] - 60)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1], steps=3)
    page.mouse.move(middle[0] + 60, middle[1] + 60, steps=3)
    page.mouse.up()


def run_of(page: Page) -> str:
    found = re.search(r"run=([^&]+)", page.url)
    assert found, page.url
    return found.group(1)


def generate_from_a_drawing(page: Page) -> None:
    switch_to(page, "Area", number(page, "Cells"))
    before = number(page, "Cells").inner_text()
    draw_rectangle(page)
    expect(number(page, "Cells")).not_to_have_text(before, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(re.compile("run=plan-tinytown"), timeout=PATIENCE_MS)


def click_a_cell(page: Page, run: PlanRun) -> str:
    """Click one of the cells that were not chosen, and return its id."""
    canvas = the_map(page)
    canvas.scroll_into_view_if_needed()
    corners = np.array(outlines(run.folder, stamp(run.run))).reshape(-1, 2)
    view = plan_view((*corners.min(axis=0), *corners.max(axis=0)), "flat", None)
    row = run.cells.loc[run.cells["rank"].isna()].iloc[0]
    place = place_on(canvas, view, row["lon"], row["lat"])
    click_on(page, canvas, place, short_id(row["cell_id"]), f"cell={row['cell_id']}")
    return str(row["cell_id"])


def choose_utility(page: Page, title: str) -> None:
    chooser = page.get_by_test_id("stSelectbox").filter(has_text="What makes a cell good")
    chooser.get_by_role("combobox").click()
    page.get_by_role("option", name=title).click()


def take_geoparquet(page: Page, path: Path) -> gpd.GeoDataFrame:
    page.get_by_test_id("stPopoverButton").click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="GeoParquet").click()
    download.value.save_as(path)
    return gpd.read_parquet(path)


def wait_for_another_picture(page: Page, before: np.ndarray) -> None:
    """Wait until a tenth of the map's pixels have changed."""
    for _ in range(120):
        now = picture_once_drawn(page, the_map(page))
        if now.shape == before.shape:
            changed = (np.abs(now.astype(int) - before).max(axis=0) > 20).mean()
            if changed > 0.1:
                return
        page.wait_for_timeout(500)
    pytest.fail("The map stayed as it was.")


def test_a_planner_goes_from_a_drawing_to_a_file(
    watched: Watched, address: str, runs: Path, tmp_path: Path
) -> None:
    page = watched.page
    opened(page, address, "?samples=2&masks=none")
    generate_from_a_drawing(page)

    # Leaving in the middle loses nothing: the address leads back to the work.
    page.reload()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE_MS)
    run = PlanRun.open(runs / run_of(page))
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible()

    # A click on the map chooses a cell, and the address says which.
    cell = click_a_cell(page, run)
    expect(page.get_by_role("heading", name=f"Cell {short_id(cell)}")).to_be_visible()

    # Another utility ranks anew, without another run.
    before = number(page, "Utility").inner_text()
    choose_utility(page, "Mean demand")
    expect(page).to_have_url(re.compile("utility=demand"), timeout=PATIENCE_MS)
    expect(number(page, "Utility")).not_to_have_text(before, timeout=PATIENCE_MS)

    # The map stands up in 3D, and shows any hour of the week.
    flat = picture_once_drawn(page, the_map(page))
    page.get_by_text("3D", exact=True).click()
    expect(page).to_have_url(re.compile("look=raised"), timeout=PATIENCE_MS)
    wait_for_another_picture(page, flat)
    switch_to(page, "Week", page.get_by_role("slider"))
    title = page.locator(".ns-legend b")
    expect(title).to_contain_text("Demand, ", timeout=PATIENCE_MS)
    hour = title.inner_text()
    page.get_by_role("slider").press("ArrowRight")
    expect(title).not_to_have_text(hour, timeout=PATIENCE_MS)

    # What is on screen can be taken away.
    table = take_geoparquet(page, tmp_path / "plan.parquet")
    assert set(table["cell_id"]) == set(run.cells["cell_id"])
    best = table.loc[table["rank"] == 1, "demand_mean"].iloc[0]
    assert best == table.loc[table["guard"] == "passes", "demand_mean"].max()

    assert watched.hosts <= {"127.0.0.1", ""}
    assert watched.complaints == []


def test_the_week_plays_by_itself_until_it_is_paused(watched: Watched, address: str) -> None:
    page = watched.page
    opened(page, address, "?paint=week")
    title = page.locator(".ns-legend b")
    expect(title).to_contain_text("Demand, ", timeout=PATIENCE_MS)
    for _ in range(2):
        hour = title.inner_text()
        if page.get_by_role("button", name="Play").is_visible():
            page.get_by_role("button", name="Play").click()
        expect(title).not_to_have_text(hour, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=PATIENCE_MS)
    hour = title.inner_text()
    page.wait_for_timeout(3 * 1000 * STEP_S)
    expect(title).to_have_text(hour)
    assert watched.complaints == []


def test_a_row_of_the_ranking_leads_to_its_cell(watched: Watched, address: str, runs: Path) -> None:
    page = watched.page
    opened(page, address)
    sites = PlanRun.open(runs / "example-tinytown").sites
    table = page.get_by_test_id("stDataFrame")
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="All cells")).not_to_be_visible()
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": ROW_PX * 2.5})
    expect(page).to_have_url(re.compile(f"cell={sites['cell_id'].iloc[1]}"), timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="Site 2")).to_be_visible(timeout=PATIENCE_MS)

    # The map flew to it; a button leads back to all of them.
    page.get_by_role("button", name="All cells").click()
    expect(page.get_by_role("button", name="All cells")).not_to_be_visible(timeout=PATIENCE_MS)
    assert watched.complaints == []


def test_a_run_can_be_cancelled_and_left(watched: Watched, address: str) -> None:
    page = watched.page
    opened(page, address, "?samples=64&cell_m=25&masks=none")
    switch_to(page, "Area", page.get_by_role("button", name="Generate"))
    board(page)
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_role("heading", name="Site 1")).to_be_visible(timeout=PATIENCE_MS)
    assert "run=" not in page.url


def test_a_bad_upload_is_one_sentence(watched: Watched, address: str, tmp_path: Path) -> None:
    page = watched.page
    bad = tmp_path / "area.geojson"
    bad.write_text('{"type": "Point", "coordinates": [0, 0]}')
    opened(page, address)
    switch_to(page, "Area", page.get_by_text("Upload a file"))
    page.get_by_text("Upload a file").click()
    page.locator('input[type="file"]').set_input_files(bad)
    box = page.get_by_test_id("stAlert").filter(has_text="a Polygon or MultiPolygon is needed")
    expect(box).to_be_visible(timeout=PATIENCE_MS)
    assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_show_the_same_map(watched: Watched, address: str, scheme: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    opened(page, address)
    shown = picture_once_drawn(page, the_map(page))
    assert shown.std() > 15
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    dark = np.mean([int(band) for band in re.findall(r"\d+", ground)[:3]]) < 128
    assert dark == (scheme == "dark")
    assert picture(the_map(page)).shape == shown.shape
