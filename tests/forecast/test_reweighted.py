from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.forecast import reweighted, simulated
from netspatial.forecast.configurations import Configuration
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import from_grid
from netspatial.forecast.reweighted import ReweightedForecaster
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.simulated import simulated_panel
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import EARLY
from netspatial.forecast.windows import Windows, WindowSpec

SHAPE = WindowSpec(24, 12)
LITTLE = TrainConfig(steps=20, batch=32, lr=5e-3, evaluate_every=20, most_validation=64)
EFFORT = replace(EARLY, adapting=replace(LITTLE, steps=5), meta=replace(EARLY.meta, steps=10))


@pytest.fixture(scope="module")
def parts():
    """Training and validation windows of a place outside the configurations of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "SIZE_KM", 3.0)
        patch.setattr(simulated, "STATIONS", 10)
        patch.setattr(reweighted, "CONFIGURATIONS", 2)
        patch.setattr(reweighted, "EACH", 60)
        town = simulated_panel(Configuration(seed=77, number=0), ("data", "call"), weeks=1)
        town = replace(town, tasks=("internet", "call"), provenance="measured")
        yield (
            Windows.cut([town], SHAPE, last=72),
            Windows.cut([town], SHAPE, first=72, last=96, every=6),
        )


def forecaster():
    return ReweightedForecaster(
        "sim-mstnet",
        build_sim_mstnet,
        SHAPE,
        ("internet", "call"),
        LITTLE,
        {"d": 8, "heads": 2},
        effort=EFFORT,
    )


@pytest.fixture(scope="module")
def fitted(parts):
    return forecaster().fit(*parts, seed=0)


def test_it_reports_the_weights_of_the_cities(fitted):
    simulation_weights = fitted.simulation_weights
    assert sorted(simulation_weights["number"]) == [0, 1]
    assert simulation_weights["weight"].iloc[0] > simulation_weights["weight"].iloc[1] > 0
    mean = np.average(simulation_weights["weight"], weights=simulation_weights["windows"])
    assert mean == pytest.approx(1, abs=1e-4)


def test_it_forecasts_and_is_loaded_like_any_network(fitted, parts, tmp_path):
    assert fitted.trained_on == ("measured", "simulated")
    quantiles = fitted.quantiles_of(parts[1])
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    fitted.save(tmp_path / "model")
    loaded = NetworkForecaster.load(tmp_path / "model")
    assert np.array_equal(loaded.median_of(parts[1]), fitted.median_of(parts[1]))


def test_the_weights_depend_on_the_seed_only(fitted, parts):
    again = forecaster().fit(*parts, seed=0)
    pd.testing.assert_frame_equal(again.simulation_weights, fitted.simulation_weights)
    assert np.array_equal(again.median_of(parts[1]), fitted.median_of(parts[1]))


def test_it_needs_hourly_steps_and_no_window_weights(parts):
    steps = pd.date_range("2026-01-05", periods=144, freq="10min")
    panel = from_grid(
        np.ones((2, 144, 2)), np.arange(2), np.zeros(2, int), steps, "UTC", ("internet", "call")
    )
    windows = Windows.cut([panel], SHAPE, every=20)
    with pytest.raises(BadInput, match="hourly and this history has 144 steps per day"):
        forecaster().fit(windows, windows)
    with pytest.raises(BadInput, match="not supported with reweighting"):
        forecaster().fit(*parts, window_weights=np.ones(len(parts[0])))
