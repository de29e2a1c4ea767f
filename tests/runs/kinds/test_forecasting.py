"""Forecasting services as a run, compared with actual traffic that it never reads."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast import FORECASTERS, reweighted
from netspatial.runs.kinds import forecasting
from netspatial.runs.kinds.forecasting import ForecastRun, scores
from netspatial.runs.kinds.registry import resume

SMALL = {"context_length": 24, "horizon": 12, "steps": 2, "init": "scratch"}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def forecast_of(city: City, **choices: object) -> ForecastRun:
    run = forecasting.submit(city, city.services[:1], **{**SMALL, **choices})
    resume(run)
    return ForecastRun.open(run.folder)


def last_hours(city: City, count: int) -> np.ndarray:
    with city.traffic as traffic:
        return traffic[city.services[0]].transpose("station", "time").to_numpy()[:, -count:]


@pytest.mark.usefixtures("runs")
def test_the_default_forecaster_is_pretrained(
    small_city: City,
) -> None:
    run = forecasting.submit(small_city, small_city.services[:1], days=7)
    resume(run)
    shown = ForecastRun.open(run.folder)
    assert shown.request.init == "pretrained"
    assert len(shown.table) == 24 * len(small_city.stations)
    assert (shown.table["forecast"] >= 0).all()


@pytest.mark.usefixtures("runs")
def test_the_last_hours_are_forecast_and_compared_with_actual_traffic(small_city: City) -> None:
    shown = forecast_of(small_city)
    table = shown.table
    assert len(table) == len(small_city.stations) * 12
    np.testing.assert_allclose(
        table["truth"].to_numpy().reshape(-1, 12), last_hours(small_city, 12), rtol=1e-6
    )
    with small_city.traffic as traffic:
        ends = traffic["time"].to_numpy()[-12:]
    assert (table["time"].dt.tz_localize(None).unique() == ends).all()
    assert (table["q0.05"] <= table["forecast"]).all()
    assert (table["forecast"] <= table["q0.95"]).all()
    assert set(shown.facts["baselines"]) <= set(table.columns)
    assert shown.facts["provenance"] == "generated"
    assert shown.scores == scores(table, tuple(shown.facts["baselines"]))
    assert shown.simulation_weights.empty


@pytest.mark.usefixtures("runs")
def test_any_forecaster_can_be_a_baseline(small_city: City) -> None:
    shown = forecast_of(small_city, baselines=tuple(FORECASTERS))
    others = [name for name in FORECASTERS if name != "exponential-smoothing"]
    assert shown.facts["baselines"] == others
    assert np.isfinite(shown.table[others]).all(axis=None)
    assert set(shown.scores[0]["mae"]) == {"forecast", *others}
    # 13.5 days precede the forecast hours
    assert "needs 14 days" in shown.facts["left_out"]["exponential-smoothing"]


@pytest.mark.usefixtures("runs")
def test_at_least_one_baseline_must_forecast(small_city: City) -> None:
    with pytest.raises(BadInput, match="None of the baselines can forecast: The history is"):
        forecast_of(small_city, baselines=("exponential-smoothing",))


@pytest.mark.usefixtures("runs")
def test_actual_traffic_changes_no_forecast(own_city: City) -> None:
    first = forecast_of(own_city).table
    with own_city.traffic as opened:
        traffic = opened.load()
    for name in traffic.data_vars:
        traffic[name][{"time": slice(-12, None)}] = 7.0
    own_city.path("traffic").unlink()
    traffic.to_netcdf(own_city.folder / "traffic.nc", engine="h5netcdf")
    again = forecast_of(City.open(own_city.folder)).table
    assert (again["truth"] == 7.0).all()
    pd.testing.assert_frame_equal(again.drop(columns="truth"), first.drop(columns="truth"))


@pytest.mark.usefixtures("runs")
def test_training_uses_only_the_requested_days_of_history(small_city: City) -> None:
    assert forecast_of(small_city, days=5).facts["days"] == 5


@pytest.mark.usefixtures("runs")
def test_simulated_cities_are_reweighted(small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reweighted, "CONFIGURATIONS", 2)
    monkeypatch.setattr(reweighted, "EACH", 16)
    shown = forecast_of(small_city, init="reweighted")
    weights = shown.simulation_weights
    assert sorted(weights["number"]) == [0, 1]
    assert weights["weight"].is_monotonic_decreasing
    mean = np.average(weights["weight"], weights=weights["windows"])
    assert mean == pytest.approx(1.0, abs=0.01)
    assert "simulated" in shown.facts["trained_on"]


def test_hours_without_measurement_are_skipped() -> None:
    table = pd.DataFrame(
        {
            "task": "call",
            "unit": "n",
            "truth": [1.0, 3.0, np.nan],
            "forecast": [2.0, 3.0, 99.0],
            "baseline": [1.0, 1.0, 99.0],
            "q0.05": [1.5, 0.0, 0.0],
            "q0.95": [3.0, 4.0, 1.0],
        }
    )
    (errors,) = scores(table, ("baseline",))
    assert errors["mae"] == {"forecast": 0.5, "baseline": 1.0}
    assert (errors["mean"], errors["covered"]) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("services", "choices", "says"),
    [
        (["gossip"], {}, "has no service 'gossip'"),
        ([], {}, "services"),
        (["total"], {"init": "dreams"}, "init"),
        (["total"], {"horizon": 0}, "horizon"),
        (["total"], {"baselines": ("prophet",)}, "no forecaster 'prophet'"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    small_city: City, runs: Path, services: list[str], choices: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        forecasting.submit(small_city, services, **choices)
    assert not runs.exists()


@pytest.mark.usefixtures("runs")
def test_too_short_a_history_is_an_error_with_the_needed_length(small_city: City) -> None:
    run = forecasting.submit(small_city, small_city.services[:1], days=1)
    with pytest.raises(BadInput, match="needs"):
        resume(run)
    assert run.progress().state == "failed"
    assert "needs" in (run.progress().error or "")
