from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.forecast import from_simulation, simulated
from netspatial.forecast.configurations import Configuration
from netspatial.forecast.from_simulation import FromSimulation
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import from_grid
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.simulated import simulated_panel
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.windows import Windows, WindowSpec

SHAPE = WindowSpec(24, 12)
LITTLE = TrainConfig(steps=25, batch=32, lr=5e-3, evaluate_every=25, most_validation=64)
ALONE = replace(LITTLE, steps=2, evaluate_every=2)
OPTIONS = {"d": 8, "heads": 2, "space": False, "template": False}


@pytest.fixture(autouse=True, scope="module")
def _small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "SIZE_KM", 3.0)
        patch.setattr(simulated, "STATIONS", 10)
        patch.setattr(from_simulation, "VALIDATION_CONFIGURATIONS", 1)
        patch.setattr(from_simulation, "EACH", 60)
        patch.setattr(from_simulation, "_PRETRAINED", {})
        yield


@pytest.fixture(scope="module")
def town(_small):
    """A place outside the configurations of the tests."""
    panel = simulated_panel(Configuration(seed=77, number=0), ("data", "call"), weeks=1)
    return replace(panel, tasks=("internet", "call"), provenance="measured")


@pytest.fixture(scope="module")
def parts(town):
    return Windows.cut([town], SHAPE, last=48), Windows.cut([town], SHAPE, first=48, last=72)


def forecaster(**changed):
    return FromSimulation(
        "sim-mstnet",
        build_sim_mstnet,
        SHAPE,
        ("internet", "call"),
        LITTLE,
        OPTIONS,
        adapting=replace(LITTLE, steps=5, evaluate_every=5),
        alone=ALONE,
        configurations=2,
        **changed,
    )


@pytest.fixture(scope="module")
def fitted(parts):
    return forecaster().fit(*parts, seed=0)


def test_it_trains_on_simulated_and_measured_windows_and_reports_both(fitted, parts):
    assert fitted.pretraining_helped
    assert fitted.trained_on == ("measured", "simulated")
    assert "measured, simulated" in fitted.card()
    quantiles = fitted.quantiles_of(parts[1])
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()


def test_pretraining_runs_once_for_the_same_windows(fitted, parts, monkeypatch):
    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr(from_simulation, "simulated_windows", never)
    again = forecaster().fit(*parts, seed=0)
    assert np.array_equal(again.median_of(parts[1]), fitted.median_of(parts[1]))
    with pytest.raises(AssertionError):
        forecaster().fit(*parts, seed=1)


def test_harmful_simulations_are_not_used(fitted, parts, monkeypatch):
    harm = {name: value + 3.0 for name, value in fitted.network.state_dict().items()}
    monkeypatch.setattr(FromSimulation, "_pretrained", lambda *_: harm)
    unused = forecaster().fit(*parts, seed=0)
    alone = NetworkForecaster(
        "sim-mstnet", build_sim_mstnet, SHAPE, ("internet", "call"), ALONE, OPTIONS
    ).fit(*parts, seed=0)
    assert unused.pretraining_helped is False
    assert unused.trained_on == ("measured",)
    assert np.array_equal(unused.median_of(parts[1]), alone.median_of(parts[1]))


def test_each_task_is_pretrained_on_its_simulated_service(parts, monkeypatch):
    requested = []

    class Requested(Exception):
        pass

    def request(_drawn, _shape, services, *_, **__):
        requested.append(services)
        raise Requested

    monkeypatch.setattr(from_simulation, "simulated_windows", request)
    for services in ({}, {"internet": "total"}):
        with pytest.raises(Requested):
            forecaster(services=services).fit(*parts, seed=5)
    assert requested == [("data", "call"), ("total", "call")]


def test_it_is_saved_and_loaded_like_any_network(fitted, parts, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = NetworkForecaster.load(tmp_path / "model")
    assert np.array_equal(loaded.median_of(parts[1]), fitted.median_of(parts[1]))


def test_it_needs_hourly_steps():
    steps = pd.date_range("2026-01-05", periods=144, freq="10min")
    panel = from_grid(
        np.ones((2, 144, 2)), np.arange(2), np.zeros(2, int), steps, "UTC", ("internet", "call")
    )
    windows = Windows.cut([panel], SHAPE, every=20)
    with pytest.raises(BadInput, match="hourly and this history has 144 steps per day"):
        forecaster().fit(windows, windows)


def test_window_weights_are_refused(parts):
    with pytest.raises(BadInput, match="weights are not supported"):
        forecaster().fit(*parts, window_weights=np.ones(len(parts[0])))
