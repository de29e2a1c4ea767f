"""Range of the mean load: from the measured stations, or from the samples of the model."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netspatial.plan.level_range import half_range, level_range, measured_support
from netspatial.randomness import stream

SDS = st.floats(0.01, 2.0)
CELLS = pd.DataFrame(
    {
        "cell_id": ["a", "b", "c"],
        "level_sd": [0.2, 0.3, 0.4],
        "level_sd_far": [0.4, 0.4, 0.4],
        "measured_m": [120.0, 480.0, 2300.0],
        "station_1": ["BS1", "BS1", "BS9"],
        "weight_1": [0.6, 0.3, 0.05],
        "distance_1": [120.0, 480.0, 2300.0],
        "station_2": ["BS2", None, "BS8"],
        "weight_2": [-0.3, np.nan, 0.01],
        "distance_2": [700.0, np.nan, 2500.0],
    }
)


def statistics(samples: int, sd: float = 0.3) -> xr.Dataset:
    """Means of three cells whose logs have a known deviation."""
    logs = stream(1, "levels", samples).normal(2.0, sd, (3, samples))
    return xr.Dataset(
        {"mean": (("cell", "sample"), np.exp(logs))}, coords={"cell": ["c", "a", "b"]}
    )


@given(SDS, SDS)
def test_the_range_grows_with_the_deviation_and_is_half_of_both_ends(one: float, more: float):
    low, high = sorted((one, more))
    assert half_range(np.array(low)) <= half_range(np.array(high))
    ends = np.exp([-1.2816 * one, 1.2816 * one])
    assert half_range(np.array(one)) == pytest.approx(50 * (ends[1] - ends[0]))


def test_measured_stations_give_the_range_of_each_cell():
    found = level_range(CELLS, statistics(8))
    assert found.percent is not None
    np.testing.assert_allclose(found.percent, half_range(CELLS["level_sd"].to_numpy()))
    assert "measured stations" in found.source


def test_without_measured_stations_the_samples_give_it():
    found = level_range(CELLS[["cell_id"]], statistics(4000))
    assert found.percent is not None
    np.testing.assert_allclose(found.percent, half_range(np.array(0.3)), rtol=0.05)
    assert "4000 samples of the model" in found.source


def test_too_few_samples_give_none_and_say_why():
    found = level_range(CELLS[["cell_id"]].assign(level_sd=np.nan), statistics(4))
    assert found.percent is None
    assert "needs 8 samples or more; this plan has 4" in found.source


def test_a_cell_rests_on_stations_with_a_sizable_weight():
    near, other, far = (one for one in measured_support(CELLS, np.arange(3)) if one)
    assert near.stations == (("BS1", 120.0, 0.6),)  # a negative weight is no likeness
    assert other.stations == (("BS1", 480.0, 0.3),)
    assert far.stations == ()
    assert (near.far, far.far) == (False, True)
    assert near.far_wider > other.far_wider > far.far_wider == pytest.approx(0)
    assert other.wider == pytest.approx(0)
    assert far.wider > 0 > near.wider


@pytest.mark.parametrize("cells", [CELLS[["cell_id"]], CELLS.assign(level_sd_far=np.nan)])
def test_without_measured_stations_nothing_is_said(cells: pd.DataFrame):
    assert measured_support(cells, np.array([0, 2])) == [None, None]
