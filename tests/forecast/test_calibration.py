"""Calibrated intervals have their nominal coverage on the calibration windows."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.forecast.calibration import NARROWEST, WIDEST, interval_factors, scale_intervals
from netspatial.forecast.forecaster import LEVELS, MEDIAN
from netspatial.randomness import stream

NORMAL = torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor(LEVELS))


@pytest.mark.parametrize("spread", [0.7, 1.0, 2.0])
def test_intervals_of_any_initial_width_cover_90_percent(spread: float):
    y = torch.from_numpy(stream(0, "truth").standard_normal((500, 12, 2))).float()
    quantiles = (NORMAL / spread).expand(500, 12, 2, len(LEVELS))
    wide = scale_intervals(quantiles, interval_factors(quantiles, y))
    inside = (y >= wide[..., 0]) & (y <= wide[..., -1])
    assert float(inside.float().mean()) == pytest.approx(0.9, abs=0.005)
    torch.testing.assert_close(wide[..., MEDIAN], quantiles[..., MEDIAN])


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_scaled_quantiles_never_fall(seed: int):
    random = stream(seed, "quantiles")
    quantiles = torch.from_numpy(np.sort(random.normal(size=(8, 3, 2, len(LEVELS)))))
    y = torch.from_numpy(random.normal(size=(8, 3, 2)))
    factors = interval_factors(quantiles, y)
    assert (factors >= NARROWEST).all()
    assert (factors <= WIDEST).all()
    assert (scale_intervals(quantiles, factors).diff(dim=-1) >= 0).all()


def test_missing_values_do_not_change_the_factors():
    quantiles = NORMAL.expand(40, 3, 2, len(LEVELS))
    y = torch.from_numpy(stream(1, "truth").standard_normal((40, 3, 2))).float()
    gaps = y.clone()
    gaps[:, :, 1] = torch.nan
    gaps[::2, :, 0] = torch.nan
    factors = interval_factors(quantiles, gaps)
    assert (factors[1] == 1).all()
    torch.testing.assert_close(factors[0], interval_factors(quantiles[::2], y[1::2])[0])
