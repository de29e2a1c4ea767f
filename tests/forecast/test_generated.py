"""The generator as a forecaster, and its average with the hour-of-week mean."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.forecast import RULES
from netspatial.forecast.forecaster import BaseForecaster
from netspatial.forecast.generated import GeneratorSeasonalAverage
from netspatial.forecast.history import History
from tests.forecast.made_up_traffic import series
from tests.forecast.test_forecaster import generated


def test_each_station_is_forecast_with_its_own_context() -> None:
    forecaster, history = generated(), series()
    drawn = forecaster.predict(history, 24, 3, 0)
    turned = forecaster.predict(history.isel(station=[2, 0]), 24, 3, 0)
    assert np.allclose(turned.sel(station="s2"), drawn.sel(station="s2"), rtol=1e-4)
    stranger = history.isel(station=[0]).assign_coords(station=["elsewhere"])
    with pytest.raises(BadInput, match="elsewhere"):
        forecaster.predict(stranger, 24, 3, 0)


def test_the_generator_needs_hourly_steps() -> None:
    history = series()
    times = pd.date_range("2024-01-01", periods=history.sizes["time"], freq="30min")
    with pytest.raises(BadInput, match="hourly series"):
        generated().predict(history.assign_coords(time=times), 24, 3, 0)


@dataclass(frozen=True)
class Thrice(BaseForecaster):
    """Three times the hour-of-week mean."""

    name: str = "thrice"

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        return 3.0 * RULES["hour-of-week"].draw(past, samples, seed)


def test_the_average_is_half_way_and_keeps_the_relative_spread() -> None:
    history = series(weeks=3, noise=0.1)
    both = GeneratorSeasonalAverage(Thrice()).predict(history, 24, 50, 0)
    thrice = Thrice().predict(history, 24, 50, 0)
    profile = RULES["hour-of-week"].predict(series(weeks=3, noise=0.1), 24, 2000, 0).mean("sample")
    assert np.allclose(both.mean("sample"), (thrice.mean("sample") + profile) / 2, rtol=0.01)
    spread = both.std("sample") / both.mean("sample")
    assert np.allclose(spread, thrice.std("sample") / thrice.mean("sample"))
    assert both.attrs["model"] == "thrice, combined"


def test_the_average_of_zeros_is_zero() -> None:
    history = (series(weeks=3) * 0.0).assign_attrs(units="GB/h", timezone="UTC")
    both = GeneratorSeasonalAverage(RULES["seasonal-naive"]).predict(history, 24, 5, 0)
    assert (both == 0).all()
