"""`netspatial operate`: printed schedule, JSON output, and errors."""

import json
from pathlib import Path

import pandas as pd
import pytest

from netspatial.city.city import City
from netspatial.runs.kinds.operating_result import OperateRun

SHORT = ("--hours", 24, "--forecaster", "hour-of-week", "--samples", 5)


def test_it_prints_the_saving_and_the_path_of_the_schedule(call, small_city: City, tmp_path: Path):
    out = tmp_path / "run"
    code, said, _ = call("operate", small_city.folder, *SHORT, "--out", out)
    assert code == 0
    for word in ("6 stations, 24 h, greedy, earth-macro", "kWh", "QoE", "Eq. 19", "generated"):
        assert word in said
    low, high = OperateRun.open(out).summary["ranges"]["saving_pct"]
    assert f"({low:.2f} to {high:.2f}) %" in said
    assert str(out / "schedule.parquet") in said.replace("\n", "")
    assert (out / "schedule.nc").is_file()
    code, said, _ = call("runs", "show", out)
    assert code == 0
    assert "finished" in said
    assert "saved" in said


def test_json_output_has_the_metrics_and_every_station(call, small_city: City, tmp_path: Path):
    code, said, _ = call(
        "operate",
        small_city.folder,
        *SHORT,
        "--stations",
        "s0,s1,s3",
        "--mode",
        "backtest",
        "--policy",
        "threshold",
        "--policy-param",
        "off=0.2",
        "--policy-param",
        "on=0.3",
        "--co2",
        0.5,
        "--out",
        tmp_path / "run",
        "--json",
    )
    assert code == 0
    summary = json.loads(said)
    assert summary["policy"] == "threshold"
    assert summary["ranges"] == {}
    assert summary["provenance"] == "simulated"
    assert summary["co2_kg"] == pytest.approx(0.5 * summary["saved_kwh"])
    assert [row["station_id"] for row in summary["stations"]] == ["s0", "s1", "s3"]
    assert summary["energy_kwh"] + summary["saved_kwh"] == pytest.approx(summary["always_on_kwh"])


def test_a_schedule_is_exported_by_file_extension(call, small_city: City, tmp_path: Path):
    out = tmp_path / "run"
    call("operate", small_city.folder, *SHORT, "--out", out)
    code, _, _ = call("runs", "export", out, "--out", tmp_path / "week.csv")
    assert code == 0
    assert len(pd.read_csv(tmp_path / "week.csv")) == 6 * 24
    code, _, said = call("runs", "export", out, "--out", tmp_path / "week.kml")
    assert code == 2
    assert "week.kml" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--stations", "s7"), "There is no station 's7'"),
        (("--policy", "luck"), "There is no policy 'luck'"),
        (("--hours", "500"), "hours"),
        (("--policy-param", "luck=1"), "no parameter 'luck'"),
        (("--power", "steam"), "There is no power model 'steam'"),
    ],
)
def test_a_mistake_ends_with_one_sentence(call, small_city: City, tmp_path: Path, words, said):
    code, _, error = call("operate", small_city.folder, *words, "--out", tmp_path / "run")
    assert code == 2
    assert said in error.replace("\n", " ")
    assert "Traceback" not in error
    assert not (tmp_path / "run").exists()
