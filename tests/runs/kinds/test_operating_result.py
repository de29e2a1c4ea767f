"""A schedule shows, plots, compares and writes itself."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netspatial
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.runs.kinds.operating_result import OperateRun

SHORT = {"hours": 24, "forecaster": "hour-of-week", "samples": 4}


@pytest.fixture(scope="module")
def night(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> OperateRun:
    out = tmp_path_factory.mktemp("runs") / "night"
    return netspatial.schedule_sleep(small_city, mode="backtest", out=out, **SHORT)


@pytest.fixture(scope="module")
def coming(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> OperateRun:
    out = tmp_path_factory.mktemp("runs") / "coming"
    return netspatial.schedule_sleep(small_city, out=out, **SHORT)


def test_metrics_are_those_of_the_summary(night: OperateRun) -> None:
    assert asdict(night.metrics) == {name: night.summary[name] for name in asdict(night.metrics)}
    assert night.metrics.saved_kwh == pytest.approx(night.summary["saved_kwh"])


def test_it_shows_metrics_and_a_map_without_fetching(night: OperateRun, coming: OperateRun) -> None:
    for run in (night, coming):
        page = run._repr_html_()
        assert f"{run.metrics.saving_pct:.2f}" in page
        assert 'src="data:image/svg+xml;base64,' in page
        assert "http" not in page
    assert "80 % range" in coming._repr_html_()
    assert "80 % range" not in night._repr_html_()
    assert repr(night).startswith("<OperateRun 'night': 6 stations, 24 h (backtest), policy greedy")


def test_the_heat_map_has_a_row_for_each_station(night: OperateRun) -> None:
    (heat,) = night.plot().data
    assert sorted(heat.y) == night.ids


def test_charts_of_a_station(night: OperateRun, coming: OperateRun) -> None:
    assert {"Observed load", "Planned load"} <= {
        line.name for line in night.plot_station("s1").data
    }
    assert "Mean forecast" in {line.name for line in coming.plot_station("s1").data}
    assert "Measured" in {line.name for line in night.plot_forecast("s1").data}
    assert "Measured" not in {line.name for line in coming.plot_forecast("s1").data}
    for plot in (night.plot_station, night.plot_forecast):
        with pytest.raises(BadInput, match="has no station 's9'; it has s0"):
            plot("s9")


def test_the_map_is_of_the_hour_that_is_asked_for(night: OperateRun) -> None:
    def details(hour: int | None) -> list[str]:
        (layer,) = [one for one in night.explore(hour).layers if one.id.startswith("states")]
        return [row["detail"] for row in layer.data]

    asleep = night.schedule["asleep"].astype(bool).sum("station").to_numpy()
    assert sum("asleep" in one for one in details(None)) == asleep.max()
    for hour in (0, 23):
        assert sum("asleep" in one for one in details(hour)) == asleep[hour]
    with pytest.raises(BadInput, match="hours 0 to 23"):
        night.explore(24)


def test_policies_are_compared_on_the_same_demand(night: OperateRun) -> None:
    before = sorted(path.name for path in night.folder.parent.iterdir())
    table = night.compare(["threshold", "always-on", "oracle"])
    assert set(table.index) == {"greedy", "threshold", "always-on", "oracle"}
    assert table["saving_pct"].is_monotonic_decreasing
    assert table["saving_pct"]["always-on"] == pytest.approx(0)
    assert dict(table.loc["greedy"].dropna()) == pytest.approx(
        {name: value for name, value in asdict(night.metrics).items() if value is not None}
    )
    assert np.ptp(table["always_on_kwh"]) == 0
    assert sorted(path.name for path in night.folder.parent.iterdir()) == before


def test_the_oracle_is_no_policy_for_upcoming_hours(coming: OperateRun) -> None:
    with pytest.raises(BadInput, match="use the mode 'backtest'"):
        coming.compare(["oracle"])
    with pytest.raises(BadInput, match="no policy 'magic'"):
        coming.compare(["magic"])


def test_it_is_written_by_its_extension(night: OperateRun, tmp_path: Path) -> None:
    rows = pd.read_parquet(night.to_file(tmp_path / "schedule.parquet"))
    assert len(rows) == 6 * 24
    assert len(pd.read_csv(night.to_file(tmp_path / "schedule.csv"))) == 6 * 24
    with pytest.raises(BadInput, match="has no known format"):
        night.to_file(tmp_path / "schedule.xls")
