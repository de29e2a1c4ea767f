import numpy as np

from netspatial.simulate.massing import MAX_STOREYS, OPEN, STOREY_M, massing
from netspatial.simulate.town import intensity_at, make_town, use_at


def test_buildings_do_not_overlap_are_on_built_land_and_grow_with_intensity():
    town = make_town(5000, "train", 3000.0)
    buildings = massing(town)
    middle = buildings.geometry.centroid
    assert buildings.crs == town.crs
    assert not np.isin(use_at(town, middle.x, middle.y), OPEN).any()
    assert buildings["height_m"].between(STOREY_M, MAX_STOREYS * STOREY_M).all()
    assert len(buildings.sindex.query(buildings.geometry, predicate="overlaps")[0]) == 0
    busy = intensity_at(town, middle.x, middle.y)
    assert np.corrcoef(busy, buildings["height_m"])[0, 1] > 0.95
