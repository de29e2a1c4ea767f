import numpy as np
import pytest

from netspatial.simulate.streets import blocks_at, blocks_on_grid, make_streets

LAND = {
    "district_m": 900.0,
    "block_length_m": 140.0,
    "block_depth_m": 80.0,
    "grown_share": 0.4,
    "grid_share": 0.5,
}
CENTRE = np.array([[1500.0, 1500.0, 1.0, 2000.0]])


@pytest.fixture(scope="module")
def streets():
    return make_streets(5, 3000.0, CENTRE, LAND)


def test_points_lie_inside_their_blocks(streets):
    x = np.arange(2.5, 3000, 5.0)
    blocks = blocks_on_grid(streets, x, x[::-1])
    assert (blocks.along >= -0.01).all()
    assert (blocks.along <= blocks.length + 0.01).all()
    assert (blocks.across >= -0.01).all()
    assert (blocks.across <= blocks.depth + 0.01).all()
    assert (blocks.border >= 0).all()


def test_a_window_has_the_blocks_of_the_whole_grid(streets):
    x, y = np.arange(2.5, 3000, 5.0), np.arange(2997.5, 0, -5.0)
    whole = blocks_on_grid(streets, x, y)
    part = blocks_on_grid(streets, x[200:330], y[77:300])
    for name in ("district", "row", "column", "along", "across", "border", "centre_x"):
        assert np.array_equal(getattr(whole, name)[77:300, 200:330], getattr(part, name)), name


def test_scattered_points_and_the_grid_agree(streets):
    x = np.arange(102.5, 2900, 35.0)
    grid = blocks_on_grid(streets, x, x[::-1])
    east, north = np.meshgrid(x, x[::-1])
    points = blocks_at(streets, east.ravel(), north.ravel())
    same = (grid.district.ravel() == points.district) & (grid.row.ravel() == points.row)
    assert same.mean() > 0.98


def test_a_block_has_one_middle_inside_it(streets):
    x = np.arange(602.5, 2400, 5.0)
    blocks = blocks_on_grid(streets, x, x[::-1])
    middle = blocks_at(
        streets, blocks.centre_x.ravel().astype(float), blocks.centre_y.ravel().astype(float)
    )
    inside = blocks.border.ravel() > 120
    same = (middle.row == blocks.row.ravel()) & (middle.column == blocks.column.ravel())
    assert same[inside].mean() > 0.9


def test_a_drawn_number_is_constant_in_a_block_and_differs_between_blocks(streets):
    x = np.arange(2.5, 1500, 5.0)
    blocks = blocks_on_grid(streets, x, x[::-1])
    drawn = blocks.draw(np.uint32(9)).ravel()
    names = np.stack([blocks.district.ravel(), blocks.row.ravel(), blocks.column.ravel()])
    _, member = np.unique(names, axis=1, return_inverse=True)
    values = {int(block): set() for block in np.unique(member)}
    for block, value in zip(member, drawn, strict=True):
        values[int(block)].add(float(value))
    assert all(len(found) == 1 for found in values.values())
    assert len({min(found) for found in values.values()}) > 0.99 * len(values)
