"""Contract of every forecaster."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.context.embed import Context
from netspatial.errors import BadInput
from netspatial.forecast import FORECASTERS, RULES, Forecaster, forecaster_named
from netspatial.forecast.forecaster import LEVELS, at_levels
from netspatial.forecast.generated import GeneratorForecaster, GeneratorSeasonalAverage
from netspatial.forecast.history import from_series
from netspatial.forecast.smoothing import ExponentialSmoothing
from netspatial.forecast.zero_shot import ZeroShotForecaster
from netspatial.generate.generator import Generator
from netspatial.randomness import stream
from tests.forecast.made_up_traffic import series, two_services


def generated() -> GeneratorForecaster:
    """The bundled generator at places with random context embeddings."""
    generator = Generator.load()
    known = ["s2", "s0", "s1"]
    z = stream(5, "surroundings").normal(size=(3, generator.model.context_dim))
    context = Context(
        embedding=(z / np.linalg.norm(z, axis=1, keepdims=True)).astype(np.float32),
        ids=np.array(known),
        fingerprint=generator.facts.context_fingerprint,
        has_image=np.ones(3, bool),
        has_pois=np.ones(3, bool),
        summary=pd.DataFrame(index=known),
    )
    return GeneratorForecaster(generator, context)


@pytest.fixture(scope="module")
def forecasters() -> dict[str, Forecaster]:
    """One of each name."""
    generator = generated()
    return {
        **RULES,
        "exponential-smoothing": ExponentialSmoothing(),
        "sim-mstnet": ZeroShotForecaster(),
        "generator": generator,
        "combined": GeneratorSeasonalAverage(generator),
    }


def test_all_forecasters_are_tested_here(forecasters) -> None:
    assert set(forecasters) == set(FORECASTERS)


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_an_ensemble_of_the_coming_hours_is_not_negative(name, forecasters) -> None:
    history = series(weeks=3, noise=0.9)
    drawn = forecasters[name].predict(history, 30, 7, 0)
    assert drawn.dims == ("station", "sample", "time")
    assert drawn.shape == (3, 7, 30)
    assert drawn["station"].to_numpy().tolist() == ["s0", "s1", "s2"]
    assert (drawn >= 0).all()
    first = pd.Timestamp(drawn["time"].to_numpy()[0])
    assert first == pd.Timestamp(history["time"].to_numpy()[-1]) + pd.Timedelta(hours=1)
    assert drawn.attrs["units"] == "GB/h"
    assert drawn.attrs["timezone"] == "Europe/Rome"
    assert drawn.attrs["provenance"] == "generated"
    assert drawn.attrs["model"] == forecasters[name].name


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_quantiles_rise_and_are_not_negative(name, forecasters) -> None:
    found = forecasters[name].predict_quantiles(series(weeks=3, noise=0.9), 24)
    assert found.dims == ("station", "quantile", "time")
    assert found["quantile"].to_numpy().tolist() == list(LEVELS)
    assert (found >= 0).all()
    assert (found.diff("quantile") >= 0).all()


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_a_forecast_depends_on_its_seed_only(name, forecasters) -> None:
    history = series()
    one, two, other = (forecasters[name].predict(history, 24, 5, seed) for seed in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", [name for name in FORECASTERS if name != "sim-mstnet"])
def test_a_forecast_does_not_depend_on_other_stations(name, forecasters) -> None:
    """Except for Sim-MSTNet: all stations of a history set its correction scale."""
    history = series()
    together = forecasters[name].predict(history, 24, 5, 0)
    apart = forecasters[name].predict(history.isel(station=[2, 1]), 24, 5, 0)
    assert apart["station"].to_numpy().tolist() == ["s2", "s1"]
    assert np.allclose(together.isel(station=[2, 1]), apart, rtol=1e-4)


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_services_are_a_dimension_where_the_history_has_it(name, forecasters) -> None:
    history = two_services(weeks=3)
    drawn = forecasters[name].predict(history, 24, 5, 0)
    assert drawn.dims == ("station", "sample", "service", "time")
    assert drawn["units"].to_numpy().tolist() == ["calls", "MB"]
    data, calls = (drawn.sel(service=name).mean() for name in ("data", "call"))
    assert float(data / calls) == pytest.approx(3, rel=0.2)
    # a panel gives the same forecast as its series
    assert np.array_equal(forecasters[name].predict(from_series(history), 24, 5, 0), drawn)


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_a_station_without_measurements_is_refused(name, forecasters) -> None:
    history = series().where(lambda x: x["station"] != "s1").assign_attrs(series().attrs)
    if name == "sim-mstnet":  # a network uses the mean of the others
        assert np.isfinite(forecasters[name].predict(history, 24, 2, 0)).all()
    else:
        with pytest.raises(BadInput, match="Nothing was measured at station 's1'"):
            forecasters[name].predict(history, 24, 2, 0)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda x: x.where(x["time"] != x["time"][5], -1.0), "-1"),
        (lambda x: x.isel(time=[0, 1, 3]), "even steps"),
        (lambda x: x.rename(station="cell"), "dimensions"),
    ],
)
def test_an_invalid_history_is_refused(spoil, problem) -> None:
    history = series()
    with pytest.raises(BadInput, match=problem):
        RULES["hour-of-week"].predict(spoil(history).assign_attrs(history.attrs), 24)


@pytest.mark.parametrize(("horizon", "samples"), [(0, 2), (24, 0)])
def test_horizon_and_samples_must_be_positive(horizon: int, samples: int) -> None:
    with pytest.raises(BadInput, match="at least one is needed"):
        RULES["hour-of-week"].predict(series(), horizon, samples)


def test_a_history_without_a_timezone_is_refused() -> None:
    with pytest.raises(BadInput, match="has no timezone"):
        RULES["hour-of-week"].predict(series().assign_attrs(timezone=None), 24)


def test_an_error_on_an_unknown_forecaster_names_the_known_ones(small_city) -> None:
    with pytest.raises(BadInput, match="seasonal-naive"):
        forecaster_named("prophet", small_city, small_city.stations)


def test_the_generator_needs_a_city() -> None:
    with pytest.raises(BadInput, match="a city folder would be right"):
        forecaster_named("generator")


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_forecasters_are_built_by_name_for_the_stations_of_a_city(name, small_city) -> None:
    with small_city.traffic as traffic:
        history = traffic["total"].load().assign_attrs(units="MB", timezone="Europe/Rome")
    drawn = forecaster_named(name, small_city, small_city.stations).predict(history, 24, 2, 0)
    assert isinstance(drawn, xr.DataArray)
    assert drawn.shape == (6, 2, 24)


def test_levels_between_the_trained_ones_are_interpolated() -> None:
    quantiles = np.arange(11, dtype=np.float32)
    np.testing.assert_allclose(at_levels(quantiles, (0.05, 0.25, 0.5)), [0, 2.5, 5], rtol=1e-5)
    np.testing.assert_allclose(at_levels(quantiles, LEVELS), quantiles, rtol=1e-6)
    with pytest.raises(BadInput, match=r"0.99 lies outside 0.05 to 0.95"):
        at_levels(quantiles, (0.5, 0.99))


def test_torch_is_imported_only_when_a_forecaster_needs_it() -> None:
    code = "import sys, netspatial.forecast.rolling; print('torch' in sys.modules)"
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
