"""The 3GPP sector pattern, the directivity of a panel, and a site of three sectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad

from netspatial.errors import BadInput
from netspatial.radio.sectors import (
    FRONT_TO_BACK_DB,
    SIDE_LOBES_DB,
    Antenna,
    attenuation_db,
    directivity_dbi,
    site_gain_dbi,
)
from netspatial.radio.sites import Radio

ANGLES = st.floats(-720, 720)
ELEVATIONS = st.floats(-90, 90)
WIDTHS = st.floats(4, 120)
PRESETS = [Radio().coverage.antenna, Radio().capacity.antenna]


def test_peak_half_power_and_back():
    assert attenuation_db(0, 0, 65, 10) == 0
    # half of the beam on either side: 3 dB
    assert attenuation_db(32.5, 0, 65, 10) == pytest.approx(-3.0)
    assert attenuation_db(0, 5, 65, 10) == pytest.approx(-3.0)
    assert attenuation_db(180, 0, 65, 10) == -FRONT_TO_BACK_DB
    assert attenuation_db(0, 60, 65, 10) == -SIDE_LOBES_DB


def test_a_beam_of_10_degrees_tilted_by_6_loses_4_3_db_at_the_horizon():
    tilted = Antenna(17.0, 65.0, 10.0, tilt_deg=6.0)
    # 12 (6/10)² = 4.32 dB
    assert site_gain_dbi(30.0, 0.0, tilted) == pytest.approx(17 - 4.32)
    assert site_gain_dbi(30.0, -6.0, tilted) == pytest.approx(17)


def test_tilting_moves_a_user_at_the_horizon_from_the_macros_beam_to_its_side_lobes():
    width = PRESETS[0].vertical_deg
    horizon = [
        float(site_gain_dbi(30.0, 0.0, Antenna(17.0, 65.0, width, tilt_deg=tilt)))
        for tilt in np.arange(0.0, 13.0)
    ]
    assert (np.diff(horizon) <= 0).all()
    assert horizon[-1] == 17 - SIDE_LOBES_DB


@given(ANGLES, ELEVATIONS, WIDTHS, WIDTHS)
def test_between_peak_and_back_symmetric_and_periodic(azimuth, elevation, horizontal, vertical):
    gain = attenuation_db(azimuth, elevation, horizontal, vertical)
    assert -FRONT_TO_BACK_DB <= gain <= 0
    assert gain == pytest.approx(float(attenuation_db(-azimuth, -elevation, horizontal, vertical)))
    around = attenuation_db(azimuth + 360, elevation, horizontal, vertical)
    assert gain == pytest.approx(float(around), abs=1e-6)


def radiated(antenna):
    """Power of one sector over all directions, relative to isotropic, by another quadrature."""

    def density(elevation, azimuth):
        off = np.degrees(elevation) + antenna.tilt_deg
        beam = antenna.horizontal_deg, antenna.vertical_deg
        gain = antenna.gain_dbi + float(attenuation_db(np.degrees(azimuth), off, *beam))
        return 10 ** (gain / 10) * np.cos(elevation)

    half = 2 * dblquad(density, 0, np.pi, -np.pi / 2, np.pi / 2, epsabs=1e-4, epsrel=1e-3)[0]
    return half / (4 * np.pi)


@pytest.mark.parametrize("antenna", PRESETS)
@pytest.mark.parametrize("tilt", [0.0, 6.0, 12.0])
def test_the_panels_radiate_no_more_than_they_are_fed_and_most_of_it(antenna, tilt):
    tilted = Antenna(antenna.gain_dbi, antenna.horizontal_deg, antenna.vertical_deg, tilt)
    # a loss of up to 1.5 dB in the feed and the dipoles is usual
    assert 10 ** (-1.5 / 10) < radiated(tilted) <= 1


@given(WIDTHS, WIDTHS)
def test_no_antenna_can_be_made_that_radiates_more_than_it_is_fed(horizontal, vertical):
    most = directivity_dbi(horizontal, vertical)
    Antenna(most, horizontal, vertical)
    with pytest.raises(BadInput, match="at most"):
        Antenna(most + 0.01, horizontal, vertical)


def test_one_element_cannot_have_a_panels_gain():
    # TR 38.901 Table 7.3-1 gives the 65° x 65° element 8 dBi; lossless it would have 9.8
    assert directivity_dbi(65.0, 65.0) == pytest.approx(9.9, abs=0.15)
    with pytest.raises(BadInput, match="17 dBi"):
        Antenna(17.0, 65.0, 65.0)


def test_a_beam_without_width_is_refused():
    with pytest.raises(BadInput, match="65 by 0 degrees"):
        Antenna(5.0, 65.0, 0.0)


@pytest.mark.parametrize(
    ("antenna", "elements", "spacing"), [(PRESETS[0], 8, 0.8), (PRESETS[1], 2, 0.7)]
)
def test_the_panels_are_as_wide_and_strong_as_columns_of_elements(antenna, elements, spacing):
    """A column of 8 dBi elements: its array factor has the preset's gain and half-power width."""
    angle = np.linspace(-40, 40, 8001)
    phase = 2 * np.pi * spacing * np.arange(elements)[:, None] * np.sin(np.radians(angle))
    factor = np.abs(np.exp(1j * phase).sum(axis=0)) ** 2 / elements
    gain = 8 + attenuation_db(0, angle, 65.0, 65.0) + 10 * np.log10(np.maximum(factor, 1e-9))
    assert gain.max() == pytest.approx(antenna.gain_dbi, abs=0.1)
    wide = angle[gain > gain.max() - 10 * np.log10(2)]
    assert np.ptp(wide) == pytest.approx(antenna.vertical_deg, abs=0.5)


@given(ANGLES)
def test_three_sectors_repeat_every_120_degrees_and_lose_little_between(bearing):
    antenna = PRESETS[0]
    down = -antenna.tilt_deg
    gain = site_gain_dbi(bearing, down, antenna)
    assert gain == pytest.approx(float(site_gain_dbi(bearing + 120, down, antenna)), abs=1e-6)
    # midway between boresights, 60° off: 12 (60/65)² = 10.2 dB
    assert 17 - 10.3 < gain <= 17


def test_a_sites_gain_is_its_best_sectors():
    bearings = np.array([30.0, 150.0, 270.0])
    assert np.allclose(site_gain_dbi(bearings, 0, Antenna(8.0)), 8.0)
