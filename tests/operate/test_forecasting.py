"""Forecasts of running stations: what every forecaster owes, and what each simple one says."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.context.embed import Context
from netspatial.errors import BadInput, MissingPart
from netspatial.generate.generator import Generator
from netspatial.operate.forecasting import (
    FORECASTERS,
    CombinedForecaster,
    GeneratorForecaster,
    forecast_looks,
    forecaster_named,
    latest_of,
    split_looks,
)
from netspatial.operate.forecasting_seasonal import hour_of_week_mean, seasonal_naive
from netspatial.operate.forecasting_smoothing import exponential_smoothing
from netspatial.randomness import stream
from netspatial.scores import coverage

SIMPLE = [seasonal_naive, hour_of_week_mean, exponential_smoothing]


def series(weeks=4, noise=0.1, stations=3, start="2024-01-08", zone="Europe/Rome"):
    """Stations with a day's rhythm and independent noise."""
    hours = np.arange(weeks * 168)
    level = np.array([10.0, 20.0, 5.0, 40.0])[:stations, None]
    rhythm = 1 + 0.5 * np.sin(2 * np.pi * hours / 24) - 0.3 * ((hours // 24) % 7 >= 5)
    noise = noise * level * stream(1, "history").standard_normal((stations, len(hours)))
    return xr.DataArray(
        np.maximum(level * rhythm + noise, 0),
        dims=("station", "time"),
        coords={
            "station": [f"s{n}" for n in range(stations)],
            "time": pd.date_range(start, periods=len(hours), freq="h"),
        },
        attrs={"units": "GB/h", "timezone": zone},
    )


@pytest.mark.parametrize("forecaster", SIMPLE)
def test_an_ensemble_of_the_coming_hours_never_below_zero(forecaster):
    history = series(weeks=3, noise=0.9)
    drawn = forecaster(history, 30, 7, 0)
    assert drawn.dims == ("station", "sample", "time")
    assert drawn.shape == (3, 7, 30)
    assert (drawn >= 0).all()
    first = pd.Timestamp(drawn["time"].to_numpy()[0])
    assert first == pd.Timestamp(history["time"].to_numpy()[-1]) + pd.Timedelta(hours=1)
    assert drawn.attrs["units"] == "GB/h"
    assert drawn.attrs["provenance"] == "generated"


@pytest.mark.parametrize("forecaster", SIMPLE)
def test_same_seed_same_forecast_other_seed_another(forecaster):
    history = series()
    one, two, other = (forecaster(history, 24, 5, seed) for seed in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("forecaster", SIMPLE)
def test_a_station_is_forecast_alike_in_any_company(forecaster):
    history = series()
    together = forecaster(history, 24, 5, 0)
    alone = forecaster(history.isel(station=[1]), 24, 5, 0)
    assert np.allclose(together.isel(station=[1]), alone)


@pytest.mark.parametrize("forecaster", SIMPLE)
def test_a_perfect_rhythm_goes_on(forecaster):
    whole = series(weeks=4, noise=0.0)
    drawn = forecaster(whole.isel(time=slice(0, 3 * 168)), 168, 3, 0)
    truth = whole.isel(time=slice(3 * 168, None)).to_numpy()
    assert np.allclose(drawn, truth[:, None], atol=1e-3 * truth.max())


def test_the_mean_of_weeks_covers_what_comes_nine_times_in_ten():
    whole = series(weeks=5, noise=0.2, stations=3)
    drawn = hour_of_week_mean(whole.isel(time=slice(0, 4 * 168)), 168, 99, 0)
    covered = coverage(drawn.to_numpy(), whole.isel(time=slice(4 * 168, None)).to_numpy())
    assert 0.82 < covered.mean() < 0.95


def test_last_week_is_the_middle_of_the_seasonal_naive():
    history = series(weeks=4, noise=0.1)
    middle = seasonal_naive(history, 168, 400, 0).median("sample").to_numpy()
    last = history.isel(time=slice(-168, None)).to_numpy()
    assert np.abs(middle - last).mean() < 0.05 * last.mean()


def test_one_week_gives_last_week_without_spread():
    history = series(weeks=1)
    for forecaster in (seasonal_naive, hour_of_week_mean):
        drawn = forecaster(history, 168, 3, 0)
        assert np.allclose(drawn, history.to_numpy()[:, None])


def test_the_local_clock_carries_the_rhythm_over_a_clock_change():
    # Rome springs forward on 31 March 2024; a peak at local noon stays at local noon
    times = pd.date_range("2024-03-04T00:00", periods=4 * 168, freq="h")
    local = times.tz_localize("UTC").tz_convert("Europe/Rome")
    history = xr.DataArray(
        (local.hour == 12).astype(float)[None],
        dims=("station", "time"),
        coords={"station": ["s0"], "time": times},
        attrs={"units": "GB/h", "timezone": "Europe/Rome"},
    )
    for forecaster in (seasonal_naive, hour_of_week_mean):
        drawn = forecaster(history, 48, 1, 0)
        at = pd.DatetimeIndex(drawn["time"].to_numpy()).tz_localize("UTC")
        peak = at[drawn.mean("sample").to_numpy()[0] > 0.4].tz_convert("Europe/Rome")
        assert set(peak.hour) == {12}


def test_busy_days_are_drawn_for_all_stations_at_once():
    history = series(weeks=4, noise=0.0)
    days = 1 + 0.3 * stream(2, "days").standard_normal(28).repeat(24)
    drawn = hour_of_week_mean(history * days, 24, 200, 0)
    sums = drawn.sum("time").to_numpy()
    assert np.corrcoef(sums[0], sums[1])[0, 1] > 0.9


def test_short_gaps_are_bridged_and_long_ones_named():
    history = series()
    history[0, 100:106] = np.nan
    assert np.isfinite(seasonal_naive(history, 24, 2, 0)).all()
    history[0, 100:107] = np.nan
    with pytest.raises(BadInput, match="'s0' has a gap of 7 hours"):
        seasonal_naive(history, 24, 2, 0)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda x: x.where(x["time"] != x["time"][5], -1.0), "negative"),
        (lambda x: x.isel(time=slice(0, 100)), "100 hours long"),
        (lambda x: x.isel(time=slice(None, None, 2)), "not hourly"),
        (lambda x: x.rename(station="cell"), "dimensions"),
        (lambda x: x.where(x["station"] != "s1"), "Nothing was measured at station 's1'"),
    ],
)
def test_a_history_that_cannot_be_gone_on_from(spoil, said):
    history = series()
    spoilt = spoil(history).assign_attrs(history.attrs)
    with pytest.raises(BadInput, match=said):
        hour_of_week_mean(spoilt, 24, 2, 0)


def test_more_than_a_week_cannot_be_looked_ahead():
    with pytest.raises(BadInput, match="169"):
        seasonal_naive(series(), 169, 2, 0)


def test_smoothing_needs_two_weeks():
    with pytest.raises(BadInput, match="two weeks"):
        exponential_smoothing(series(weeks=1), 24, 2, 0)


def test_without_statsmodels_smoothing_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.holtwinters", None)
    with pytest.raises(MissingPart, match=r"netspatial\[bench\]"):
        exponential_smoothing(series(), 24, 2, 0)


def test_a_look_ahead_knows_only_what_was_measured_by_then():
    whole = series(weeks=5)
    first = pd.Timestamp(whole["time"].to_numpy()[4 * 168])
    seen = forecast_looks(exponential_smoothing, whole, first, 48, 3, 0)
    assert [look.sizes["time"] for look in seen] == [48, 24]
    again = whole.copy()
    again[:, 4 * 168 + 24 :] = 999.0
    for look, same in zip(
        seen, forecast_looks(exponential_smoothing, again, first, 48, 3, 0), strict=True
    ):
        assert np.array_equal(look, same)
    again[:, 4 * 168 :] = 999.0
    one, two = forecast_looks(exponential_smoothing, again, first, 48, 3, 0)
    assert np.array_equal(one, seen[0])
    assert not np.array_equal(two, seen[1])


def test_of_several_looks_the_latest_counts():
    whole = series(weeks=5)
    first = pd.Timestamp(whole["time"].to_numpy()[4 * 168])
    seen = forecast_looks(hour_of_week_mean, whole, first, 60, 3, 0)
    latest = latest_of(seen)
    assert latest.sizes["time"] == 60
    assert np.array_equal(latest[..., :24], seen[0][..., :24])
    assert np.array_equal(latest[..., 24:48], seen[1][..., :24])
    assert np.array_equal(latest[..., 48:], seen[2])


def test_one_long_look_is_cut_into_days():
    long = hour_of_week_mean(series(), 100, 2, 0)
    parts = split_looks(long)
    assert [part.sizes["time"] for part in parts] == [48, 48, 48, 28, 4]
    assert np.array_equal(latest_of(parts), long)


def test_looks_may_end_beyond_the_measured_hours_by_one():
    whole = series(weeks=2)
    end = pd.Timestamp(whole["time"].to_numpy()[-1]) + pd.Timedelta(hours=1)
    assert forecast_looks(seasonal_naive, whole, end, 24, 2, 0)[0].sizes["time"] == 24
    with pytest.raises(BadInput, match="needs more"):
        forecast_looks(seasonal_naive, whole, end, 48, 2, 0)


def test_an_unknown_forecaster_is_told_the_known_ones(small_city):
    with pytest.raises(BadInput, match="seasonal-naive"):
        forecaster_named("prophet", small_city, small_city.stations)


def test_forecasters_are_built_by_name(small_city):
    history = small_city.traffic["total"].assign_attrs(units="MB", timezone="Europe/Rome")
    for name in set(FORECASTERS) - {"generator", "combined"}:
        drawn = forecaster_named(name, small_city, small_city.stations)(history, 24, 2, 0)
        assert drawn.attrs["model"] == name


def test_the_generator_goes_on_from_history():
    generator = Generator.load()
    known = ["s2", "s0", "s1"]
    z = stream(5, "surroundings").normal(size=(3, generator.model.context_dim))
    context = Context(
        z=(z / np.linalg.norm(z, axis=1, keepdims=True)).astype(np.float32),
        ids=np.array(known),
        fingerprint=generator.facts.context_fingerprint,
        has_image=np.ones(3, bool),
        has_pois=np.ones(3, bool),
        summary=pd.DataFrame(index=known),
    )
    forecaster = GeneratorForecaster(generator, context)
    history = series()
    drawn = forecaster(history, 24, 3, 0)
    assert drawn.dims == ("station", "sample", "time")
    assert (drawn >= 0).all()
    # each station is read beside its own surroundings, whatever the order of either
    turned = forecaster(history.isel(station=[2, 0]), 24, 3, 0)
    assert turned["station"].to_numpy().tolist() == ["s2", "s0"]
    assert np.allclose(turned.sel(station="s2"), drawn.sel(station="s2"), rtol=1e-4)
    stranger = history.isel(station=[0]).assign_coords(station=["elsewhere"])
    with pytest.raises(BadInput, match="elsewhere"):
        forecaster(stranger, 24, 3, 0)


def test_a_combination_lies_half_way_and_keeps_its_relative_spread():
    history = series(weeks=3, noise=0.1)

    def thrice(history, hours, samples, seed):
        return hour_of_week_mean(history, hours, samples, seed) * 3.0

    thrice_drawn = thrice(history, 24, 50, 0)
    thrice_drawn.attrs["model"] = "thrice"
    both = CombinedForecaster(lambda *_: thrice_drawn)(history, 24, 50, 0)
    middle = hour_of_week_mean(history, 24, 50, 0).mean("sample")
    assert np.allclose(both.mean("sample"), 2 * middle)
    spread = both.std("sample") / both.mean("sample")
    assert np.allclose(spread, thrice_drawn.std("sample") / thrice_drawn.mean("sample"))
    assert both.attrs["model"] == "thrice, combined"


def test_a_combination_of_nothing_is_nothing():
    history = series(weeks=3) * 0.0
    history.attrs.update(units="GB/h", timezone="UTC")
    both = CombinedForecaster(seasonal_naive)(history, 24, 5, 0)
    assert (both == 0).all()


def test_forecasting_loads_no_torch_until_the_generator_is_asked_for():
    seen = "import sys, netspatial.operate.forecasting; print('torch' in sys.modules)"
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", seen], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
