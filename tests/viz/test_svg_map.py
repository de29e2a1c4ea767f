"""The SVG map: corners of the bounds are corners of the picture, and north is up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.viz.svg_map import MapFrame


@given(st.floats(-170, 169), st.floats(-70, 69), st.floats(0.001, 1), st.floats(0.001, 1))
def test_the_corners_are_where_they_belong(
    west: float, south: float, wide: float, high: float
) -> None:
    east, north = west + wide, south + high
    frame = MapFrame((west, south, east, north))
    assert frame.at(west, north) == pytest.approx((0, 0), abs=1e-6)
    assert frame.at(east, south) == pytest.approx((frame.width, frame.height))
    x, y = frame.at(west + wide / 3, south + high / 3)
    assert x == pytest.approx(frame.width / 3, rel=1e-6)
    assert frame.height / 2 < y < frame.height


def test_a_degree_east_is_shorter_in_the_north() -> None:
    equator, north = MapFrame((0, 0, 1, 1)), MapFrame((0, 60, 1, 61))
    assert equator.height == pytest.approx(equator.width, rel=1e-3)
    assert north.height == pytest.approx(2 * north.width, rel=0.03)
