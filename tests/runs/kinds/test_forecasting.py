"""Forecasting services as a run: told beforehand, held to what came, never knowing it."""

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

SMALL = {"input_steps": 24, "horizon": 12, "steps": 2, "learn_from": "history"}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def told_by(city: City, **choices: object) -> ForecastRun:
    run = forecasting.submit(city, city.services[:1], **{**SMALL, **choices})
    resume(run)
    return ForecastRun.open(run.folder)


def last_hours(city: City, count: int) -> np.ndarray:
    with city.traffic as traffic:
        return traffic[city.services[0]].transpose("station", "time").to_numpy()[:, -count:]


@pytest.mark.usefixtures("runs")
def test_what_many_cities_taught_serves_unless_something_else_is_asked_for(
    small_city: City,
) -> None:
    run = forecasting.submit(small_city, small_city.services[:1], days=7)
    resume(run)
    shown = ForecastRun.open(run.folder)
    assert shown.request.init == "pretrained"
    assert len(shown.table) == 24 * len(small_city.stations)
    assert (shown.table["forecast"] >= 0).all()


@pytest.mark.usefixtures("runs")
def test_the_last_hours_are_told_and_set_beside_what_came(small_city: City) -> None:
    shown = told_by(small_city)
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
    assert set(shown.facts["rivals"]) <= set(table.columns)
    assert shown.facts["provenance"] == "generated"
    assert shown.scores == scores(table, tuple(shown.facts["rivals"]))
    assert shown.listened.empty


@pytest.mark.usefixtures("runs")
def test_any_forecaster_can_be_set_beside(small_city: City) -> None:
    shown = told_by(small_city, beside=tuple(FORECASTERS))
    others = [name for name in FORECASTERS if name != "exponential-smoothing"]
    assert shown.facts["rivals"] == others
    assert np.isfinite(shown.table[others]).all(axis=None)
    assert set(shown.scores[0]["mae"]) == {"forecast", *others}
    # thirteen and a half days lie before the hours that are forecast
    assert "needs 14 days" in shown.facts["left_out"]["exponential-smoothing"]


@pytest.mark.usefixtures("runs")
def test_one_forecaster_at_least_must_stand_beside(small_city: City) -> None:
    with pytest.raises(BadInput, match="No forecaster can be set beside: The history is"):
        told_by(small_city, beside=("exponential-smoothing",))


@pytest.mark.usefixtures("runs")
def test_what_came_changes_no_forecast(own_city: City) -> None:
    first = told_by(own_city).table
    with own_city.traffic as opened:
        traffic = opened.load()
    for name in traffic.data_vars:
        traffic[name][{"time": slice(-12, None)}] = 7.0
    own_city.path("traffic").unlink()
    traffic.to_netcdf(own_city.folder / "traffic.nc", engine="h5netcdf")
    again = told_by(City.open(own_city.folder)).table
    assert (again["truth"] == 7.0).all()
    pd.testing.assert_frame_equal(again.drop(columns="truth"), first.drop(columns="truth"))


@pytest.mark.usefixtures("runs")
def test_only_the_asked_days_of_history_are_learnt_from(small_city: City) -> None:
    assert told_by(small_city, days=5).facts["days"] == 5


@pytest.mark.usefixtures("runs")
def test_simulated_cities_are_weighed_by_what_they_help_here(
    small_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reweighted, "CONFIGURATIONS", 2)
    monkeypatch.setattr(reweighted, "EACH", 16)
    shown = told_by(small_city, init="reweighted")
    listened = shown.listened
    assert sorted(listened["number"]) == [0, 1]
    assert listened["weight"].is_monotonic_decreasing
    mean = np.average(listened["weight"], weights=listened["windows"])
    assert mean == pytest.approx(1.0, abs=0.01)
    assert "simulated" in shown.facts["learnt_from"]


def test_hours_that_were_not_measured_count_nothing() -> None:
    table = pd.DataFrame(
        {
            "task": "call", "unit": "n", "truth": [1.0, 3.0, np.nan], "forecast": [2.0, 3.0, 99.0],
            "rival": [1.0, 1.0, 99.0], "q0.05": [1.5, 0.0, 0.0], "q0.95": [3.0, 4.0, 1.0],
        }
    )  # fmt: skip
    (metadata,) = scores(table, ("rival",))
    assert metadata["mae"] == {"forecast": 0.5, "rival": 1.0}
    assert (metadata["mean"], metadata["covered"]) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("services", "choices", "says"),
    [
        (["gossip"], {}, "has no service 'gossip'"),
        ([], {}, "services"),
        (["total"], {"learn_from": "dreams"}, "learn_from"),
        (["total"], {"horizon": 0}, "horizon"),
        (["total"], {"beside": ("prophet",)}, "no forecaster 'prophet'"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    small_city: City, runs: Path, services: list[str], choices: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        forecasting.submit(small_city, services, **choices)
    assert not runs.exists()


@pytest.mark.usefixtures("runs")
def test_too_short_a_history_is_told_with_what_is_needed(small_city: City) -> None:
    run = forecasting.submit(small_city, small_city.services[:1], days=1)
    with pytest.raises(BadInput, match="needs"):
        resume(run)
    assert run.progress().state == "failed"
    assert "needs" in (run.progress().error or "")
