"""Networks under the forecaster contract: quantiles of windows and samples from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, SAMPLES
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import Panel
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.window_forecaster import at_each_level
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.forecast.zero_shot import ZeroShotForecaster
from netspatial.scores import coverage
from tests.forecast.made_up_traffic import series

SHAPE = WindowSpec(24, 12)


@pytest.fixture(scope="module")
def history(make_panel) -> Panel:
    return make_panel(days=6)


@pytest.fixture(scope="module")
def fitted(history: Panel) -> NetworkForecaster:
    train_config = TrainConfig(steps=20, batch=16, evaluate_every=10)
    made = NetworkForecaster("sim-mstnet", build_sim_mstnet, SHAPE, history.tasks, train_config)
    stop = len(history.times) - 24
    return made.fit(
        Windows.cut([history], SHAPE, last=stop), Windows.cut([history], SHAPE, first=stop, every=6)
    )


def test_a_history_has_the_quantiles_of_its_latest_windows(fitted, history: Panel) -> None:
    windows = Windows.latest([history], SHAPE)
    quantiles_found = fitted.predict_quantiles(history, 12)
    assert quantiles_found.dims == ("station", "quantile", "service", "time")
    assert np.allclose(
        quantiles_found.transpose("station", "time", "service", "quantile"),
        fitted.quantiles_of(windows),
    )
    assert np.array_equal(fitted.predict_quantiles(history, 5), quantiles_found[..., :5])


def test_nineteen_samples_have_the_levels_of_twentieths(fitted, history: Panel) -> None:
    drawn = fitted.predict(history, 12, SAMPLES, seed=1)
    levels = np.arange(1, 20) / 20
    quantiles_found = fitted.predict_quantiles(history, 12, levels)
    ordered = np.sort(drawn.to_numpy(), axis=1)
    assert np.allclose(ordered, quantiles_found.to_numpy(), rtol=1e-5)


def test_beyond_the_trained_horizon_each_sample_continues_its_path(fitted, history: Panel) -> None:
    long = fitted.predict(history, 30, 5, seed=1)
    assert long.sizes["time"] == 30
    assert np.isfinite(long).all()
    # a forecast from the path of one sample has the same quantiles after it
    path = long.isel(sample=2, time=slice(0, 12)).transpose("station", "time", "service")
    longer = history.followed_by(path.to_numpy().astype(np.float32))
    quantiles_found = fitted.predict_quantiles(longer, 12, (LEVELS[0], LEVELS[-1]))
    within = long.isel(sample=2, time=slice(12, 24)).to_numpy()
    low, high = quantiles_found.to_numpy().swapaxes(0, 1)
    assert ((low - 1e-3 <= within) & (within <= high + 1e-3)).all()
    assert fitted.predict_quantiles(history, 30).sizes["time"] == 30


def test_a_history_of_other_services_is_refused(fitted, history: Panel) -> None:
    with pytest.raises(BadInput, match=r"is for the tasks call, data; the history has data"):
        fitted.predict(history.with_tasks(("data",)), 12)


rising = arrays(float, 11, elements=st.floats(0, 100)).map(np.sort)


@given(rising, st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9))
def test_values_rise_with_their_level(quantiles: np.ndarray, levels: list[float]) -> None:
    ordered = np.sort(levels)
    found = at_each_level(np.repeat(quantiles[:, None], len(levels), axis=1), ordered)
    assert (np.diff(found) >= -1e-9).all()


def test_tails_follow_a_normal_distribution() -> None:
    levels = np.array([0.001, 0.01, 0.05, 0.5, 0.95, 0.99, 0.999])
    quantiles = np.repeat(ndtri(LEVELS)[:, None], len(levels), axis=1)
    np.testing.assert_allclose(at_each_level(quantiles, levels), ndtri(levels), atol=1e-9)


def test_the_pretrained_network_covers_unseen_places() -> None:
    whole = series(weeks=4, noise=0.2)
    drawn = ZeroShotForecaster().predict(whole.isel(time=slice(0, 3 * 168)), 48, SAMPLES)
    truth = whole.isel(time=slice(3 * 168, 3 * 168 + 48)).to_numpy()
    assert 0.75 < coverage(drawn.to_numpy(), truth).mean() <= 1
    naive = np.abs(whole.isel(time=slice(2 * 168, 2 * 168 + 48)).to_numpy() - truth).mean()
    assert np.abs(drawn.median("sample").to_numpy() - truth).mean() < naive
