"""Noise, SINR and efficiency against textbook numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.radio import link


def test_noise_of_twenty_megahertz_is_minus_101_dbm_without_a_figure():
    assert link.noise_dbm(20, 0) == pytest.approx(-100.99, abs=0.01)


def test_reference_power_of_a_full_lte_carrier():
    # 20 MHz hold 100 resource blocks of 12 subcarriers: 1200, 30.8 dB
    assert link.rsrp_dbm(-60, 20) == pytest.approx(-90.79, abs=0.01)


def test_signal_equal_to_interference_and_noise_is_zero_db():
    assert link.sinr_db(-90, link.watts(-93.0103), link.watts(-93.0103)) == pytest.approx(
        0, abs=1e-3
    )


def test_efficiency_at_zero_db_is_three_quarters_of_shannon():
    assert link.spectral_efficiency(0) == pytest.approx(0.75)


def test_efficiency_ends_at_the_best_scheme():
    assert link.spectral_efficiency(60) == link.MAX_BITS


@given(st.floats(-20, 50), st.floats(-20, 50))
def test_efficiency_grows_with_sinr(a, b):
    low, high = sorted([a, b])
    assert link.spectral_efficiency(low) <= link.spectral_efficiency(high)


def test_a_link_needs_both_sinr_and_reference_power():
    can = link.admissible(np.array([-6.0, -6.1, 10.0]), np.array([-115.0, -90.0, -115.1]))
    assert can.tolist() == [True, False, False]
