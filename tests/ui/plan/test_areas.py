import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.ui.plan.areas import (
    LONGEST_ADDRESS,
    check_in_city,
    city_bounds,
    drawn,
    fitting_side,
    from_address,
    square_within,
    to_address,
)

CITY = (9.0, 45.0, 9.1, 45.08)
degrees_east = st.floats(8.9, 9.2)
degrees_north = st.floats(44.9, 45.2)


@given(degrees_east, degrees_north, st.floats(100, 3000))
def test_the_square_lies_in_the_city_and_has_its_size(
    lon: float, lat: float, side_m: float
) -> None:
    area = square_within(CITY, lon, lat, side_m)
    area.check_within(CITY)
    assert area.area_km2 == pytest.approx(side_m**2 / 1e6, rel=0.01)


@given(st.floats(9.02, 9.08), st.floats(45.02, 45.06))
def test_a_square_inside_the_city_is_not_moved(lon: float, lat: float) -> None:
    centre = square_within(CITY, lon, lat, 800).centroid
    assert (centre.x, centre.y) == pytest.approx((lon, lat), abs=1e-4)


def test_the_square_is_never_larger_than_the_city(small_city: City) -> None:
    bounds = city_bounds(small_city)
    assert fitting_side(CITY) == 3000
    side = fitting_side(bounds)
    assert 1000 <= side < 1500
    square_within(bounds, *small_city.stations.geometry.iloc[0].coords[0], side).check_within(
        bounds
    )


@given(degrees_east, degrees_north, st.floats(0.001, 0.05), st.floats(0.001, 0.05))
def test_a_box_round_trips_through_the_address(
    west: float, south: float, width: float, height: float
) -> None:
    area = Area.from_bounds(west, south, west + width, south + height)
    text = to_address(area)
    assert text is not None
    assert text.count(",") == 3
    assert from_address(text).bounds == pytest.approx(area.bounds, abs=1e-6)


@given(st.integers(3, 12), st.floats(0.001, 0.02))
def test_a_polygon_round_trips_through_the_address(corners: int, radius: float) -> None:
    shape = shapely.affinity.rotate(
        shapely.Point(9.05, 45.04).buffer(radius, quad_segs=corners), 10
    )
    area = Area.from_geometry(shape)
    again = from_address(str(to_address(area)))
    assert again.geometry.symmetric_difference(area.geometry).area < 0.01 * area.geometry.area


def test_a_too_long_area_or_one_with_holes_has_no_address() -> None:
    shape = shapely.Point(9.05, 45.04).buffer(0.01, quad_segs=60)
    assert to_address(Area.from_geometry(shape)) is None
    assert to_address(Area.from_geometry(shape.difference(shape.buffer(-0.005)))) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,3", "neither"),
        ("1,2;3,4", "neither"),
        ("a,b,c,d", "not made of numbers"),
        ("nan,0,1,1", "finite"),
        ("9," * LONGEST_ADDRESS * 2, "too long"),
    ],
)
def test_an_invalid_area_in_the_address_is_rejected(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        from_address(text)


def test_the_last_drawing_is_the_area() -> None:
    boxes = [shapely.box(9, 45, 9.01, 45.01), shapely.box(9.02, 45.02, 9.03, 45.03)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": box.__geo_interface__} for box in boxes
    ]
    area = drawn(features)
    assert area is not None
    assert area.geometry.equals(boxes[1])
    assert drawn([]) is None
    assert drawn(None) is None


def test_an_area_outside_the_city_is_rejected(small_city: City) -> None:
    with pytest.raises(BadInput, match="city 'Tinytown'"):
        check_in_city(Area.around(10, 50, 500), small_city)
