"""Configurations as they are drawn, read and looked at."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netspatial.forecast.configurations import (
    RANGES,
    draw_configurations,
    parameters_of,
    table_of,
    weights_by_configuration,
)
from netspatial.forecast.corruptions import CORRUPTIONS


@given(seed=st.integers(0, 2**31), few=st.integers(1, 5), more=st.integers(1, 5))
def test_more_configurations_leave_the_first_ones_as_they_are(seed, few, more):
    assert draw_configurations(seed, few + more)[:few] == draw_configurations(seed, few)


def test_parameters_lie_in_their_ranges_and_network_inputs_between_minus_one_and_one():
    drawn = draw_configurations(1, 200)
    table, inputs = table_of(drawn), parameters_of(drawn)
    for number, (name, (low, high)) in enumerate(RANGES.items()):
        assert table[name].between(low, high).all()
        assert -1 <= inputs[:, number].min() < -0.9
        assert 0.9 < inputs[:, number].max() <= 1
    assert len({one.town for one in drawn}) == 200


def test_faults_occur_in_their_part_and_are_no_network_input():
    drawn = draw_configurations(1, 300, faults=tuple(CORRUPTIONS))
    wrong = [one.fault for one in drawn if one.fault]
    assert 0.4 < len(wrong) / 300 < 0.6
    assert set(wrong) == set(CORRUPTIONS)
    without = draw_configurations(1, 300)
    assert np.array_equal(parameters_of(drawn), parameters_of(without))


def test_weights_are_averaged_by_configuration():
    configurations = draw_configurations(5, 2, faults=("backwards",), faulty=1.0)
    config = np.repeat([0, 1], 10)
    weights = np.where(config == 1, 1.5, 0.5).astype(np.float32)
    table = weights_by_configuration(configurations, config, weights)
    assert list(table.index) == [1, 0]
    assert list(table["weight"]) == [1.5, 0.5]
    assert list(table["windows"]) == [10, 10]
    assert list(table["fault"]) == ["backwards", "backwards"]
    assert table.loc[0, "tilt_deg"] == configurations[0].tilt_deg
