"""Rolling-origin scores of forecasts of known quality."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.arrays import Floats
from netspatial.evaluate.forecast_rolling import SAMPLES, forecast_row, rolling_scores
from netspatial.forecast.forecaster import BaseForecaster
from netspatial.forecast.history import History
from netspatial.randomness import stream


@pytest.fixture(scope="module")
def traffic():
    hours = np.arange(4 * 168)
    noise = stream(0, "noise").standard_normal((4, len(hours)))
    return xr.DataArray(
        50 + 10 * np.sin(2 * np.pi * hours / 24) + 2 * noise,
        dims=("station", "time"),
        coords={
            "station": list("abcd"),
            "time": pd.date_range("2024-01-01", periods=len(hours), freq="h"),
        },
        attrs={"units": "GB/h", "timezone": "UTC"},
    )


@dataclass(eq=False)
class Oracle(BaseForecaster):
    """A forecaster with perfect information, plus Gaussian noise of `spread`."""

    spread: float
    traffic: xr.DataArray
    calls: list[tuple[int, int]] = field(default_factory=list)
    name: str = "oracle"

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        start = len(past.panel.times)
        self.calls.append((start, past.horizon))
        coming = self.traffic.to_numpy()[:, None, start : start + past.horizon]
        shape = (len(coming), samples, past.horizon)
        return coming + self.spread * stream(seed, "noise", start).standard_normal(shape)


def test_perfect_information_scores_zero_and_noise_its_theoretical_crps(traffic):
    first = pd.Timestamp(traffic["time"].to_numpy()[3 * 168])
    rows, made = rolling_scores(
        "made up",
        {"sure": Oracle(0, traffic), "unsure": Oracle(2, traffic)},
        traffic,
        first,
    )
    sure, unsure = rows
    assert [sure.crps, sure.mae, sure.rmse] == pytest.approx([0, 0, 0], abs=1e-9)
    # the truth is the mean of the forecast: CRPS of N(0, s) at 0 is s (2 φ(0) - 1/√π) = 0.2337 s
    assert unsure.crps == pytest.approx(2 * 0.2337, rel=0.05)
    assert unsure.rmse == pytest.approx(2 / np.sqrt(SAMPLES), rel=0.05)
    assert unsure.cov90 > 0.99
    assert [one.sizes["time"] for one in made["sure"]] == [48] * 6 + [24]


def test_samples_of_the_true_distribution_have_90_percent_coverage():
    rng = stream(3, "law")
    row = forecast_row(
        "c", "m", 24, rng.normal(size=(50, SAMPLES, 200)), rng.normal(size=(50, 200))
    )
    assert row.cov90 == pytest.approx(0.9, abs=0.01)


def test_rolling_forecasts_cover_two_days_or_end_with_the_traffic(traffic):
    oracle = Oracle(0, traffic)
    first = pd.Timestamp(traffic["time"].to_numpy()[3 * 168])
    rolling_scores("c", {"m": oracle}, traffic, first, hours=60, ahead_h=24)
    assert oracle.calls == [(504, 48), (528, 36), (552, 12)]
