import json

import numpy as np
import pandas as pd
import pytest

from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.ui.plan.plan_view import measured_stations, outlines, shown, stamp, week_of
from netspatial.viz import city_map
from netspatial.viz.colours import UNKNOWN, Scale
from netspatial.viz.plan_map import (
    CLOSED,
    FAINT,
    OPAQUE,
    cells_layer,
    clicked_cell,
    heights,
    measured_layer,
    plan_view,
    short_id,
    site_layers,
)

SETTINGS = PlanSettings(sites=3, spacing_m=150.0)


@pytest.fixture
def plan(planned: Run):
    return shown(planned.folder, stamp(planned), SETTINGS.model_dump_json())


@pytest.fixture
def painted(plan, planned: Run):
    cells = plan.plan.cells
    values = cells["utility_mean"].to_numpy()
    scale = Scale.over(values, "1/MB")
    rings = outlines(planned.folder, stamp(planned))
    layer = cells_layer(cells, rings, values, scale, "Load <Index>", look="raised")
    return cells, values, scale, pd.DataFrame(layer.data)


def test_cells_have_the_colours_of_the_scale(painted) -> None:
    cells, values, scale, data = painted
    candidates = (cells["status"] == "candidate").to_numpy()
    colours = np.array(data["colour"].tolist())
    np.testing.assert_array_equal(colours[candidates, :3], scale.colours(values)[candidates])
    assert set(colours[candidates, 3]) == {OPAQUE}
    assert set(colours[(cells["status"] == "below minimum demand").to_numpy(), 3]) == {FAINT}


def test_infeasible_cells_are_grey_and_flat(painted) -> None:
    cells, _, _, data = painted
    closed = (cells["status"] == "not feasible").to_numpy()
    assert closed.any()
    assert set(map(tuple, data["colour"][closed])) == {(*UNKNOWN, CLOSED)}
    assert (data["height"][closed] == 0).all()
    assert (data["height"][~closed] > 0).all()


def test_heights_are_linear_up_to_the_end_of_the_scale(painted) -> None:
    cells, values, scale, _ = painted
    tops = heights(values, scale, cells)
    within = values < scale.high
    ratio = tops[within] / values[within]
    np.testing.assert_allclose(ratio, ratio[0])
    assert heights(np.array([10 * scale.high]), scale, cells)[0] == tops.max()


def test_tooltips_contain_title_and_unit_as_text(painted) -> None:
    *_, data = painted
    assert data["detail"].str.contains("Load <Index>", regex=False).all()
    assert data["detail"].str.contains("1/MB").all()
    assert data["title"].str.startswith("Site ").sum() == 3


def test_a_sign_is_put_before_each_value(plan, planned: Run) -> None:
    cells, rings = plan.plan.cells, outlines(planned.folder, stamp(planned))
    percent = np.full(len(cells), 68.0)
    layer = cells_layer(cells, rings, percent, Scale(10, 100, "%"), "Range", sign="± ")
    assert pd.DataFrame(layer.data)["detail"].str.startswith("Range: ± 68.0 %").all()


def test_measured_stations_are_dots_of_one_size(planned: Run) -> None:
    stations = measured_stations(planned.folder, stamp(planned))
    assert set(stations["station_id"]) == {"s0", "s1"}
    layer = json.loads(measured_layer(stations).to_json())
    assert len(layer["data"]) == 2
    assert layer["radiusMinPixels"] == layer["radiusMaxPixels"]


def test_outlines_are_the_cells(plan, planned: Run) -> None:
    rings = outlines(planned.folder, stamp(planned))
    middle = np.array([np.mean(ring, axis=0) for ring in rings])
    np.testing.assert_allclose(middle, plan.plan.cells[["lon", "lat"]], atol=2e-6)
    assert all(len(ring) == 4 for ring in rings)


def test_sites_are_numbered(plan) -> None:
    sites = plan.plan.sites.assign(height=0.0)[["lon", "lat", "rank", "height"]]
    _, labels = site_layers(pd.DataFrame(sites))
    assert [row["label"] for row in json.loads(labels.to_json())["data"]] == ["1", "2", "3"]


def test_clicked_cell_returns_the_id_of_the_current_layer_only() -> None:
    selection = {"indices": {"cells-4": [1]}}
    assert clicked_cell(selection, ["a", "b"], map_version=4) == "b"
    assert clicked_cell(selection, ["a", "b"], map_version=3) is None
    assert clicked_cell({"indices": {"cells-4": [7]}}, ["a"], map_version=4) is None


def test_the_map_zooms_to_a_cell_and_requests_no_tiles(plan) -> None:
    view = plan_view((9.18, 45.44, 9.19, 45.45), "flat", (9.185, 45.449))
    assert (view.longitude, view.latitude) == (9.185, 45.449)
    deck = city_map.city_map(site_layers(plan.plan.sites.assign(height=0.0)), view)
    assert "http" not in deck.to_json()


def test_the_week_is_the_runs_mean_week(plan, planned: Run) -> None:
    week = week_of(planned.folder, stamp(planned))
    assert week.shape == (len(plan.plan.cells), 168)
    np.testing.assert_allclose(week.mean(axis=1), plan.plan.cells["demand_mean"], rtol=1e-4)


def test_the_plan_on_screen_is_exported(planned: Run) -> None:
    other = shown(
        planned.folder, stamp(planned), PlanSettings(utility="demand", sites=2).model_dump_json()
    )
    assert len(other.sites) == 2
    assert (
        other.metadata["utility"]["title"]
        != PlanRun.open(planned.folder).metadata["utility"]["title"]
    )
    assert other.request.settings.utility == "demand"
    assert other.cells.crs == "EPSG:4326"
    assert len(PlanRun.open(planned.folder).sites) == 3


def test_the_short_id_of_a_cell_is_column_and_row() -> None:
    assert short_id("32632-100-5150-50336") == "5150-50336"
