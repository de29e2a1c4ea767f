"""Cells cover the area, do not overlap, and have ids that depend on their place alone."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from netspatial.area import Area
from netspatial.grid import GRIDS, crs_code, h3_grid, make_grid, project, share_inside, utm_zone

UTM32 = CRS.from_epsg(32632)
COLUMNS = ["cell_id", "x", "y", "lon", "lat", "inside", "geometry"]


@st.composite
def stars(draw: st.DrawFn, reach_deg: float = 0.02) -> Area:
    """Any star-shaped area: jagged, slim or round, somewhere on Earth."""
    lon, lat = draw(st.floats(-170, 170)), draw(st.floats(-65, 70))
    radii = np.array(draw(st.lists(st.floats(0.1, 1), min_size=3, max_size=15)))
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None] * reach_deg
    return Area.from_geometry(shapely.Polygon(ring + np.array([lon, lat])))


sizes = st.sampled_from([50.0, 100.0, 130.0, 400.0])


@given(stars(), sizes)
@settings(max_examples=30)
def test_squares_cover_the_area_and_are_disjoint(area, cell_m):
    cells = make_grid(area, cell_m)
    _assert_partition(cells, area)
    assert cells.area.to_numpy() == pytest.approx(cell_m**2)


@given(stars(), st.sampled_from([8, 9, 10]))
@settings(max_examples=30)
def test_hexagons_cover_the_area_and_are_disjoint(area, resolution):
    _assert_partition(h3_grid(area, resolution), area)


def _assert_partition(cells: gpd.GeoDataFrame, area: Area) -> None:
    shape = project(area, cells.crs)
    together = shapely.union_all(cells.geometry.to_numpy())
    assert shape.difference(together).area < 1e-6 * shape.area
    assert cells.area.sum() == pytest.approx(together.area, rel=1e-9)
    assert (cells["inside"] * cells.area).sum() == pytest.approx(shape.area, rel=1e-6)
    assert cells["inside"].between(0, 1, inclusive="right").all()
    assert cells["cell_id"].is_unique


@given(stars(), sizes)
@settings(max_examples=20)
def test_exactly_the_squares_that_overlap_the_area_are_kept(area, cell_m):
    crs = utm_zone(area)
    shape = project(area, crs)
    left, bottom, right, top = (np.array(shape.bounds) // cell_m).astype(int)
    columns, rows = np.meshgrid(np.arange(left, right + 1), np.arange(bottom, top + 1))
    x, y = columns.ravel() * cell_m, rows.ravel() * cell_m
    squares = shapely.box(x, y, x + cell_m, y + cell_m)
    shares = shapely.area(shapely.intersection(squares, shape)) / cell_m**2
    cells = make_grid(area, cell_m, crs)
    assert len(cells) == (shares > 1e-9).sum()
    assert np.sort(cells["inside"]) == pytest.approx(np.sort(shares[shares > 1e-9]), abs=1e-6)


@given(
    st.floats(9.0, 9.2),
    st.floats(45.3, 45.6),
    st.floats(0.001, 0.02),
    st.floats(0.0, 0.01),
    st.floats(0.0, 0.01),
    st.sampled_from(["square", "h3"]),
)
@settings(max_examples=25)
def test_the_same_place_has_the_same_id_in_every_area(lon, lat, size, left, up, kind):
    drawn = Area.from_bounds(lon, lat, lon + size, lat + size)
    larger = Area.from_geometry(
        shapely.Point(lon, lat).buffer(3 * size + left).union(drawn.geometry.buffer(up + 1e-4))
    )
    level = {"square": 150.0, "h3": 9}[kind]
    cells, more = (GRIDS[kind](area, level, UTM32).set_index("cell_id") for area in (drawn, larger))
    assert cells.index.isin(more.index).all()
    again = more.loc[cells.index]
    assert (again.geometry.to_numpy() == cells.geometry.to_numpy()).all()
    assert (again["inside"] >= cells["inside"] - 1e-9).all()


def test_an_id_is_zone_size_column_and_row():
    cells = make_grid(Area.around(9.19, 45.46, 250), 100)
    for cell in cells.itertuples():
        column, row = int(cell.x // 100), int(cell.y // 100)
        assert cell.cell_id == f"32632-100-{column}-{row}"
        assert cell.geometry.equals(
            shapely.box(100 * column, 100 * row, 100 * column + 100, 100 * row + 100)
        )
    assert list(cells.columns) == COLUMNS
    assert list(h3_grid(Area.around(9.19, 45.46, 250), 9).columns) == COLUMNS


def test_cells_are_sorted_by_row_and_column():
    cells = make_grid(Area.around(9.19, 45.46, 900), 100)
    order = list(zip(cells["y"], cells["x"], strict=True))
    assert order == sorted(order)


def test_lon_and_lat_are_those_of_the_centre():
    cells = make_grid(Area.around(9.19, 45.46, 900), 100)
    centres = gpd.GeoSeries.from_xy(cells["lon"], cells["lat"], crs=4326).to_crs(cells.crs)
    assert centres.x.to_numpy() == pytest.approx(cells["x"].to_numpy(), abs=1e-4)
    assert centres.distance(cells.centroid).max() < 1e-4


def test_a_sliver_thinner_than_a_cell_is_kept():
    sliver = Area.from_geometry(shapely.box(9.19, 45.46, 9.1900001, 45.47))
    cells = make_grid(sliver, 100)
    assert len(cells) >= 11
    assert cells["inside"].max() < 1e-3


def test_the_space_between_distant_parts_has_no_cells():
    far = shapely.MultiPolygon(
        [shapely.box(9.0, 36.0, 9.001, 36.001), shapely.box(9.0, 60.0, 9.001, 60.001)]
    )
    cells = make_grid(Area.from_geometry(far), 20, UTM32)
    assert 50 < len(cells) < 200


def test_the_south_has_its_own_zones():
    assert utm_zone(Area.around(151.2, -33.87, 1000)).to_epsg() == 32756
    assert utm_zone(Area.around(179.9, 10, 1000)).to_epsg() == 32660


def test_a_crs_of_another_authority_keeps_its_name():
    assert crs_code(CRS.from_authority("ESRI", 102003)) == "ESRI102003"
    assert crs_code(UTM32) == "32632"


@given(stars())
@settings(max_examples=20)
def test_shares_do_not_depend_on_the_other_cells(area):
    cells = make_grid(area, 200)
    shape = project(area, cells.crs)
    some = cells.geometry.to_numpy()[::3]
    assert share_inside(some, shape) == pytest.approx(cells["inside"].to_numpy()[::3], abs=1e-9)


def test_nothing_is_inside_nothing():
    cells = make_grid(Area.around(9.19, 45.46, 300), 100).geometry.to_numpy()
    assert share_inside(cells, shapely.Polygon()).sum() == 0
