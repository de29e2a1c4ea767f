"""Ten-minute steps: training, forecast tables, saving and loading."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.forecast.fitting import fit_history
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.panel import Panel
from netspatial.forecast.tables import predict_df, to_table
from netspatial.forecast.windows import WindowSpec

SHAPE = WindowSpec(144, 30)
DAYS = 4
TEN_MINUTES = pd.Timedelta(minutes=10)


@pytest.fixture(scope="module")
def whole(make_panel: Callable[..., Panel]) -> Panel:
    """Five days of four places that repeat exactly every day."""
    return make_panel(days=DAYS + 1, step_minutes=10, noise=0.0).take(np.arange(4))


@pytest.fixture(scope="module")
def history(whole: Panel) -> Panel:
    return whole.span(0, DAYS * 144)


@pytest.fixture(scope="module")
def fitted(history: Panel) -> NetworkForecaster:
    return fit_history(history, SHAPE, init="scratch", steps=4)


@pytest.fixture(scope="module")
def forecast_table(fitted: NetworkForecaster, history: Panel) -> pd.DataFrame:
    return to_table(fitted.predict_quantiles(history, SHAPE.horizon))


def test_every_ten_minutes_after_the_history_are_forecast(
    forecast_table: pd.DataFrame, history: Panel
) -> None:
    assert len(forecast_table) == len(history.ids) * SHAPE.horizon * len(history.tasks)
    times = pd.DatetimeIndex(forecast_table["time"].unique()).tz_localize(None)
    assert times[0] == history.times[-1] + TEN_MINUTES
    assert (np.diff(times) == TEN_MINUTES).all()


def test_periodic_days_are_forecast_step_by_step(
    forecast_table: pd.DataFrame, whole: Panel
) -> None:
    coming = whole.values[:, DAYS * 144 : DAYS * 144 + SHAPE.horizon]
    ours = forecast_table["forecast"].to_numpy().reshape(coming.shape)
    # hourly means alone would have a larger error
    hourly = coming.reshape(4, -1, 6, 2).mean(axis=2).repeat(6, axis=1)
    assert np.abs(ours - coming).mean() < 0.5 * np.abs(hourly - coming).mean()


def test_a_table_gives_the_same_forecast_as_a_panel(
    fitted: NetworkForecaster, forecast_table: pd.DataFrame, history: Panel
) -> None:
    n, T, K = history.values.shape
    table = pd.DataFrame(
        {
            "place": np.repeat(history.ids, T * K),
            "time": np.tile(np.repeat(history.times, K), n),
            "task": np.tile(history.tasks, n * T),
            "value": history.values.ravel(),
        }
    )
    again = predict_df(fitted, table, SHAPE.horizon)
    assert (again["time"] == forecast_table["time"]).all()
    np.testing.assert_allclose(again["forecast"], forecast_table["forecast"], rtol=1e-4)


def test_a_loaded_forecaster_is_the_same_and_refuses_hours(
    fitted: NetworkForecaster,
    forecast_table: pd.DataFrame,
    history: Panel,
    make_panel: Callable[..., Panel],
    tmp_path: Path,
) -> None:
    fitted.save(tmp_path / "model")
    loaded = NetworkForecaster.load(tmp_path / "model")
    again = to_table(loaded.predict_quantiles(history, SHAPE.horizon))
    pd.testing.assert_frame_equal(again, forecast_table)
    with pytest.raises(BadInput, match="needs steps per day = 144; the windows have 24"):
        loaded.predict_quantiles(make_panel(days=7), SHAPE.horizon)
