"""The 3GPP sector pattern and a site of three."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.radio.sectors import attenuation_db, site_gain_dbi

ANGLES = st.floats(-720, 720)


def test_peak_half_power_and_back():
    assert attenuation_db(0) == 0
    # half of the 65° beam on either side: 3 dB
    assert attenuation_db(32.5) == pytest.approx(-3.0)
    assert attenuation_db(0, 90 + 32.5) == pytest.approx(-3.0)
    assert attenuation_db(180) == -30


@given(ANGLES, st.floats(0, 180))
def test_between_peak_and_back_symmetric_and_periodic(azimuth, zenith):
    gain = attenuation_db(azimuth, zenith)
    assert -30 <= gain <= 0
    assert gain == pytest.approx(float(attenuation_db(-azimuth, zenith)))
    assert gain == pytest.approx(float(attenuation_db(azimuth + 360, zenith)), abs=1e-6)


@given(ANGLES)
def test_three_sectors_repeat_every_120_degrees_and_lose_little_between(bearing):
    gain = site_gain_dbi(bearing, 90, 17)
    assert gain == pytest.approx(float(site_gain_dbi(bearing + 120, 90, 17)), abs=1e-6)
    # midway between boresights, 60° off: 12 (60/65)² = 10.2 dB
    assert 17 - 10.3 < gain <= 17


def test_a_sites_gain_is_its_best_sectors():
    bearings = np.array([30.0, 150.0, 270.0])
    assert np.allclose(site_gain_dbi(bearings, 90, 8.0), 8.0)
