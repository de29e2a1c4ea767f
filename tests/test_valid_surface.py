"""Crossings are counted correctly, in bounded time, before a repair."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from netspatial import valid_surface
from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.valid_surface import MAX_CROSSINGS, crossings, first_tangled, repair


def star(corners: int, step: int) -> shapely.Polygon:
    """A star polygon: each edge joins a corner with the `step`-th after it."""
    angles = np.arange(corners) * step * 2 * np.pi / corners
    return shapely.Polygon(np.column_stack([9 + np.cos(angles) / 50, 45 + np.sin(angles) / 50]))


@given(st.integers(2, 20), st.integers(1, 9))
def test_the_crossings_of_a_star_agree_with_the_closed_form(half, step):
    corners = 2 * half + 1
    step = 1 + (step - 1) % half
    if np.gcd(corners, step) == 1:
        assert crossings(star(corners, step), 10**6) == corners * (step - 1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9))
def test_a_polygon_without_crossings_is_valid_except_for_spikes(points):
    ring = shapely.Polygon(points)
    if ring.area and crossings(ring) == 0:
        assert ring.is_valid or repair(ring).symmetric_difference(ring.buffer(0)).area < 1e-9


def test_crossings_in_common_corners_count():
    # they cost as much to repair as those between corners
    x = np.arange(0, 300.5, 0.5)
    one = np.abs((x + 1) % 2 - 1)
    there = np.column_stack([x, one])
    back = np.column_stack([x, 1 - one])[::-1]
    assert crossings(shapely.Polygon([*there, *back]), 10**6) >= 300


def test_the_count_stops_soon_after_the_bound(monkeypatch):
    assert crossings(star(9_991, 4_995)) <= MAX_CROSSINGS + valid_surface.STEP * 9_991
    monkeypatch.setattr(valid_surface, "MAX_PAIRS", 10)
    assert crossings(star(99, 2), 50) > 50


def test_the_index_of_the_first_tangled_polygon_is_returned():
    fine, bow = star(5, 2), star(99, 49)
    square = shapely.box(0, 0, 1, 1)
    assert first_tangled(np.array([square, fine, bow, fine])) == 2
    assert first_tangled(np.array([square, fine]), most_in_all=5) is None
    assert first_tangled(np.array([fine, square, fine]), most_in_all=9) == 2


@pytest.mark.parametrize("corners", [101, 1_001, 9_991])
def test_an_area_that_crosses_itself_a_thousand_times_is_refused_unrepaired(corners, monkeypatch):
    monkeypatch.setattr(shapely, "make_valid", None)
    with pytest.raises(BadInput, match="crosses itself more than 500 times"):
        Area.from_geometry(star(corners, corners // 2))


def test_parts_with_too_many_overlaps_are_refused_before_the_union(monkeypatch):
    monkeypatch.setattr(shapely, "union_all", None)
    slats = [shapely.box(9, 45 + n / 1e4, 9.1, 45 + (n + 0.5) / 1e4) for n in range(500)]
    crossed = [shapely.box(9 + n / 1e4, 45, 9 + (n + 0.5) / 1e4, 45.1) for n in range(500)]
    with pytest.raises(BadInput, match="overlap too often"):
        Area.from_geometry(shapely.MultiPolygon([*slats, *crossed]))
