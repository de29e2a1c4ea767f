import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.simulate.levels import CAPACITY_CLASSES_GB_H, capacities, soft_clip

volumes = arrays(np.float64, (3, 8), elements=st.floats(0, 1000))


@given(wanted=volumes, capacity=st.floats(1, 500))
def test_carried_traffic_exceeds_neither_capacity_nor_demand(wanted, capacity):
    carried = soft_clip(wanted, np.full(3, capacity))
    assert (carried <= capacity * (1 + 1e-12)).all()
    assert (carried <= wanted + 1e-9).all()
    low = wanted <= 0.8 * capacity
    assert np.allclose(carried[low], wanted[low])


def test_carried_traffic_grows_with_demand():
    wanted = np.linspace(0, 50, 200)[None, :]
    assert (np.diff(soft_clip(wanted, np.array([20.0]))) >= 0).all()


@given(peak=st.floats(0.01, 300), headroom=st.floats(1, 3))
def test_equipment_comes_in_classes(peak, headroom):
    assert set(capacities(1, np.full(4, peak), headroom)) <= set(CAPACITY_CLASSES_GB_H)


def test_headroom_is_the_median_over_the_peak():
    installed = capacities(2, np.full(4000, 12.0), 2.0)
    assert 24 <= np.median(installed) <= 30
