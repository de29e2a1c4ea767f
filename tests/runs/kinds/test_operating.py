"""Operating runs: consistent files, resume after a kill, early errors."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import netspatial
from netspatial.errors import BadInput, MissingPart
from netspatial.forecast import RULES
from netspatial.operate.over_samples import over_samples
from netspatial.operate.simulator import SleepPlan
from netspatial.runs.exports.schedule import EXPORTS, export_schedule
from netspatial.runs.jobs.run import Cancelled, Run
from netspatial.runs.kinds import operating
from netspatial.runs.kinds.operating_request import OperateRequest, make_request, submit
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.runs.kinds.operating_tables import read_rolling_forecasts, write_rolling_forecasts
from netspatial.runs.kinds.registry import resume

SHORT = {"hours": 30, "forecaster": "hour-of-week", "samples": 5}
RESULTS = ("schedule.nc", "schedule.parquet", "stations.parquet", "summary.json", "forecast.nc")


@pytest.fixture(scope="module")
def operated(small_city, tmp_path_factory) -> OperateRun:
    out = tmp_path_factory.mktemp("runs") / "operated"
    return netspatial.schedule_sleep(small_city, out=out, **SHORT)


@pytest.fixture(scope="module")
def backtested(small_city, tmp_path_factory) -> OperateRun:
    out = tmp_path_factory.mktemp("runs") / "backtested"
    return netspatial.schedule_sleep(small_city, out=out, mode="backtest", **SHORT)


def test_a_schedule_of_upcoming_hours(operated, small_city):
    schedule = operated.schedule
    assert schedule["asleep"].sizes == {"station": 6, "time": 30}
    last = small_city.traffic["time"].to_numpy()[-1]
    assert schedule["time"].to_numpy()[0] == last + np.timedelta64(1, "h")
    assert schedule["asleep"].to_numpy().any()
    assert operated.summary["saving_pct"] > 0
    assert operated.facts["provenance"] == "generated"
    assert "upcoming hours" in operated.summary["notes"][-1]
    expected = operated.forecast.mean("sample")
    assert np.allclose(schedule["demand"], expected, rtol=1e-5)


def test_metrics_of_upcoming_hours_are_means_over_the_samples_with_ranges(operated):
    summary, network = operated.summary, operated.request.network(operated.request.open_stations())
    plan = SleepPlan(operated.schedule["asleep"].to_numpy(), np.inf, ())
    figures = over_samples(network, plan, operated.forecast).figures
    assert len(figures) == 5
    for name in ("energy_kwh", "saving_pct", "qoe", "overload_hours"):
        values = [getattr(one, name) for one in figures]
        assert summary[name] == pytest.approx(np.mean(values), rel=1e-5)
        assert summary["ranges"][name] == pytest.approx(np.quantile(values, [0.1, 0.9]), rel=1e-5)
    assert len(set(summary["ranges"]["saving_pct"])) == 2
    rows = pd.read_parquet(operated.folder / "schedule.parquet")
    assert (rows["energy_p10"] <= rows["energy_p90"]).all()
    assert (rows["energy_p10"] < rows["energy_p90"]).any()
    stations = operated.stations
    assert (stations["saved_kwh_p10"] <= stations["saved_kwh"] + 1e-6).all()
    assert (stations["qoe_p10"] <= stations["qoe_p90"]).all()


def test_a_backtest_has_no_ranges(backtested):
    assert backtested.summary["ranges"] == {}
    rows = pd.read_parquet(backtested.folder / "schedule.parquet")
    assert not [name for name in [*rows, *backtested.stations] if "p10" in name or "p90" in name]


def test_the_oracle_needs_a_backtest(small_city):
    with pytest.raises(BadInput, match="unknown for upcoming hours"):
        make_request(small_city, policy="oracle", **SHORT)
    assert make_request(small_city, policy="oracle", mode="backtest", **SHORT).policy == "oracle"


@pytest.mark.parametrize("lead", [0, 3])
def test_decisions_use_only_measurements_available_in_time(small_city, tmp_path, lead):
    run = netspatial.schedule_sleep(
        small_city, out=tmp_path / "run", mode="backtest", lead_h=lead, **SHORT
    )
    measured = small_city.traffic["total"].assign_attrs(timezone="Europe/Rome")
    forecaster = RULES["hour-of-week"]
    seen = forecaster.predict(measured[:, : -30 - lead], 30 + lead, 5, 0)
    first = read_rolling_forecasts(run.run.path("forecast.nc"))[0]
    assert np.allclose(first, seen[..., lead:], rtol=1e-5)


def test_a_backtest_is_evaluated_on_measured_traffic(backtested, small_city):
    measured = small_city.traffic["total"].to_numpy()[:, -30:]
    assert np.allclose(backtested.schedule["demand"], measured)
    assert backtested.facts["provenance"] == "simulated"
    assert [
        look.sizes["time"] for look in read_rolling_forecasts(backtested.run.path("forecast.nc"))
    ] == [
        30,
        6,
    ]


def test_the_files_are_consistent(operated):
    schedule, summary = operated.schedule, operated.summary
    rows = pd.read_parquet(operated.folder / "schedule.parquet")
    assert len(rows) == 6 * 30
    assert rows["energy"].sum() == pytest.approx(summary["energy_kwh"])
    assert (rows["state"] == "asleep").mean() == pytest.approx(summary["asleep_share"])
    assert np.allclose(rows["served"] + rows["unserved"], rows["demand"])
    assert operated.stations["energy_kwh"].sum() == pytest.approx(summary["energy_kwh"])
    assert operated.stations["saved_kwh"].sum() == pytest.approx(summary["saved_kwh"])
    asleep = schedule["asleep"].astype(bool)
    assert not asleep.sel(station=["s0", "s2", "s4"]).any()
    assert (schedule["load_after"].to_numpy()[asleep.to_numpy()] == 0).all()
    # Rome is an hour ahead of UTC in January
    first = rows.iloc[0]
    assert pd.Timestamp(first["local_time"]) - first["time"] == pd.Timedelta(hours=1)


def test_every_file_states_its_provenance(operated):
    metadata = json.loads(operated.schedule.attrs["netspatial"])
    assert metadata["provenance"] == "generated"
    assert metadata["attribution"] == ["made up for tests"]
    assert operated.schedule.attrs["provenance"] == "generated"


def test_the_same_request_gives_the_same_bytes(operated, small_city, tmp_path):
    again = netspatial.schedule_sleep(small_city, out=tmp_path / "again", **SHORT)
    for name in RESULTS:
        assert again.run.path(name).read_bytes() == operated.run.path(name).read_bytes(), name


def test_another_seed_is_another_schedule(operated, small_city, tmp_path):
    other = netspatial.schedule_sleep(small_city, out=tmp_path / "other", seed=1, **SHORT)
    assert not other.schedule["load_after"].equals(operated.schedule["load_after"])


@pytest.mark.parametrize("stage", ["forecast", "schedule"])
def test_a_killed_run_is_resumed(operated, small_city, tmp_path, stage):
    run = submit(make_request(small_city, **SHORT), tmp_path / "run")

    class Killed(BaseException):
        pass

    def kill(progress):
        if progress.stage == stage:
            raise Killed

    with pytest.raises(Killed):
        operating.work_on(run, kill)
    assert run.progress().state == "interrupted"
    done = set(run.manifest.stages)
    resumed = []
    resume(run, lambda progress: resumed.append(progress.stage))
    assert not done & set(resumed)
    for name in RESULTS:
        assert run.path(name).read_bytes() == operated.run.path(name).read_bytes(), name


def test_a_run_is_cancelled_between_days(small_city, tmp_path):
    run = submit(make_request(small_city, mode="backtest", **SHORT), tmp_path / "run")
    with pytest.raises(Cancelled):
        operating.work_on(run, lambda progress: progress.stage == "schedule" and run.cancel())
    with pytest.raises(MissingPart, match="cancelled"):
        OperateRun.open(run.folder)


def test_a_finished_run_is_read_and_not_repeated(operated, small_city):
    before = operated.run.path("schedule.nc").stat().st_mtime_ns
    netspatial.schedule_sleep(small_city, out=operated.folder, **SHORT)
    assert operated.run.path("schedule.nc").stat().st_mtime_ns == before
    with pytest.raises(BadInput, match="has another request"):
        netspatial.schedule_sleep(small_city, out=operated.folder, **{**SHORT, "hours": 5})


def test_sim_mstnet_is_a_forecaster_of_operation(small_city, tmp_path):
    out = netspatial.schedule_sleep(
        small_city, out=tmp_path / "run", hours=30, forecaster="sim-mstnet", samples=5
    )
    assert out.facts["forecaster"] == "sim-mstnet"
    assert out.forecast.sizes == {"station": 6, "sample": 5, "time": 30}
    assert len(out.forecast.attrs["model_fingerprint"]) == 16
    assert out.summary["saving_pct"] > 0


@pytest.mark.parametrize("mode", ["forecast", "backtest"])
@pytest.mark.parametrize("policy", ["always-on", "threshold", "greedy", "milp", "paper"])
def test_any_policy_runs_and_needs_no_more_than_all_awake(small_city, tmp_path, policy, mode):
    run = netspatial.schedule_sleep(
        small_city, out=tmp_path / "run", policy=policy, mode=mode, **{**SHORT, "hours": 12}
    )
    assert run.summary["saving_pct"] >= -1e-9
    if policy == "always-on":
        assert run.summary["saving_pct"] == pytest.approx(0)


def test_power_model_of_a_tier_and_policy_parameters_are_used(small_city, tmp_path):
    run = netspatial.schedule_sleep(
        small_city,
        out=tmp_path / "run",
        small_power="earth-micro",
        policy_params={"least_sleep": "3"},
        **SHORT,
    )
    assert run.request.make_policy().least_sleep == 3
    before = run.schedule["energy_before"].mean("time").to_numpy()
    assert before[::2].min() > 0.7
    assert before[1::2].max() < 0.2


def test_an_unreachable_qoe_is_noted_with_the_best_possible_one(own_city, tmp_path):
    places = own_city.folder / "stations.parquet"
    peaks = own_city.traffic["total"].max("time").to_numpy()
    gpd.read_parquet(places).assign(capacity=0.5 * peaks).to_parquet(places)
    city = type(own_city).open(own_city.folder)
    run = netspatial.schedule_sleep(city, out=tmp_path / "run", qoe_min=1.0, **SHORT)
    said = next(note for note in run.summary["notes"] if "cannot be reached" in note)
    assert f"{run.schedule['served_before'].sum() / run.schedule['demand'].sum():.4f}" in said


def test_a_single_station_never_sleeps(small_city, tmp_path):
    run = netspatial.schedule_sleep(small_city, "s1", out=tmp_path / "run", **SHORT)
    assert run.summary["saving_pct"] == 0
    assert "never sleeps" in run.summary["notes"][0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stations": "s9"}, "There is no station 's9'"),
        ({"hours": 0}, "hours"),
        ({"hours": 169}, "hours"),
        ({"policy": "luck"}, "There is no policy 'luck'"),
        ({"policy_params": {"luck": 1}}, "no parameter 'luck'; it has quantile"),
        ({"policy_params": {"quantile": "high"}}, "The parameter 'quantile'"),
        ({"policy_params": {"perfect_information": "true"}}, "no parameter 'perfect_info"),
        ({"power": "perpetual"}, "There is no power model 'perpetual'"),
        ({"small_power": "nowhere.csv"}, "nowhere.csv"),
        ({"forecaster": "oracle"}, "There is no forecaster 'oracle'"),
        ({"qoe_min": 1.5}, "qoe_min"),
        ({"service": "video"}, "no service 'video'"),
        ({"mode": "yesterday"}, "mode"),
        ({"mode": "backtest", "hours": 168, "stations": "all"}, None),
        ({"buildings": "nowhere.geojson"}, "nowhere.geojson"),
    ],
)
def test_a_wrong_request_is_an_error_before_anything_is_written(small_city, wrong, said):
    if said is None:
        assert make_request(small_city, **wrong).hours == 168
        return
    with pytest.raises(BadInput, match=said):
        make_request(small_city, **wrong)


def test_a_backtest_needs_a_week_before_it(own_city):
    path = own_city.folder / "traffic.nc"
    with xr.open_dataset(path, engine="h5netcdf") as series:
        short = series.load().isel(time=slice(0, 200))
    short.to_netcdf(path, engine="h5netcdf")
    city = type(own_city).open(own_city.folder)
    with pytest.raises(BadInput, match="200 hours were measured"):
        make_request(city, mode="backtest", hours=33)
    assert make_request(city, mode="backtest", hours=32).hours == 32


def test_buildings_without_heights_are_refused(small_city, tmp_path):
    table = small_city.stations.to_crs(small_city.crs)
    homes = gpd.GeoDataFrame(geometry=table.geometry.buffer(20).envelope, crs=table.crs)
    homes.assign(height_m=12.0).to_file(tmp_path / "homes.geojson")
    run = netspatial.schedule_sleep(
        small_city, out=tmp_path / "run", buildings=tmp_path / "homes.geojson", **SHORT
    )
    assert any("ays " in note and "traced" in note for note in run.facts["notes"])
    homes.to_file(tmp_path / "flat.geojson")
    with pytest.raises(BadInput, match="height_m"):
        make_request(small_city, buildings=tmp_path / "flat.geojson")


def test_another_kind_of_run_is_refused(tmp_path):
    run = Run.create(tmp_path / "plan", "plan", {})
    with pytest.raises(BadInput, match="operates no stations"):
        OperateRequest.of(run)


def test_exports_state_their_provenance(operated, tmp_path):
    for suffix in EXPORTS:
        assert export_schedule(operated, tmp_path / f"out{suffix}").is_file()
    rows = pd.read_csv(tmp_path / "out.csv")
    assert len(rows) == 180
    assert "Upcoming hours" in rows["note"].iloc[0]
    assert rows["attribution"].iloc[0] == "made up for tests"
    stations = json.loads((tmp_path / "out.geojson").read_text())
    assert len(stations["features"]) == 6
    assert stations["summary"]["energy_kwh"] == operated.summary["energy_kwh"]
    with pytest.raises(BadInput, match="has no known format"):
        export_schedule(operated, tmp_path / "out.xls")


def test_a_station_named_like_a_formula_is_escaped(own_city, tmp_path):
    places = own_city.folder / "stations.parquet"
    table = gpd.read_parquet(places)
    table["station_id"] = table["station_id"].replace("s1", "=1+1")
    table.to_parquet(places)
    path = own_city.folder / "traffic.nc"
    with xr.open_dataset(path, engine="h5netcdf") as series:
        named = series.load()
    named["station"] = table["station_id"].to_numpy()
    named.to_netcdf(path, engine="h5netcdf")
    city = type(own_city).open(own_city.folder)
    run = netspatial.schedule_sleep(city, out=tmp_path / "run", **SHORT)
    export_schedule(run, tmp_path / "out.csv")
    assert set(pd.read_csv(tmp_path / "out.csv")["station"]) >= {"'=1+1", "s0"}


def test_rolling_forecasts_are_read_as_they_were_written(small_city, tmp_path):
    history = small_city.traffic["total"].assign_attrs(units="MB", timezone="Europe/Rome")
    looks = [
        RULES["hour-of-week"].predict(history[:, :end], hours, 3, 0)
        for end, hours in ((200, 48), (224, 24), (248, 5))
    ]
    write_rolling_forecasts(tmp_path / "looks.nc", looks)
    for look, again in zip(looks, read_rolling_forecasts(tmp_path / "looks.nc"), strict=True):
        assert np.allclose(look, again, rtol=1e-6)
        assert look["time"].equals(again["time"])
        assert look.attrs == again.attrs


def test_a_station_that_opened_three_days_ago_is_operated_with_the_others(own_city, tmp_path):
    path = own_city.folder / "traffic.nc"
    with xr.open_dataset(path, engine="h5netcdf") as series:
        opened = series.load()
    opened["total"].loc[{"station": "s1"}][: 11 * 24] = np.nan
    opened.to_netcdf(path, engine="h5netcdf")
    made = netspatial.schedule_sleep(str(own_city.folder), out=tmp_path / "run", **SHORT)
    assert any("'s1': 72 hours" in note for note in made.summary["notes"])
    forecast = made.forecast.sel(station="s1")
    assert np.isfinite(forecast).all()
    weekday = opened["total"].sel(station="s1")[11 * 24 :].mean()
    assert 0.3 < float(forecast.mean() / weekday) < 3
