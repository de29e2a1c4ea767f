"""`netspatial forecast`: from a city or a table to a model, and from a model to a table."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.city.city import City

SHORT = ("--input", 24, "--horizon", 12, "--init", "scratch", "--steps", 3)


def test_a_model_is_trained_on_a_city_and_forecasts(call, small_city: City, tmp_path: Path):
    model, out = tmp_path / "model", tmp_path / "forecast.parquet"
    code, said, _ = call(
        "forecast", "fit", small_city.folder, "--tasks", "data,total", *SHORT, "--out", model
    )
    assert code == 0
    assert "trained on simulated history: 6 places over 336 steps" in said
    code, said, _ = call("forecast", "predict", model, small_city.folder, "--out", out)
    assert code == 0
    assert "forecast, not measured" in said
    table = pd.read_parquet(out)
    assert len(table) == 6 * 12 * 2
    assert set(table["unit"]) == {"MB"}
    assert (table["q0.05"] <= table["q0.95"]).all()


def test_json_output_matches_the_written_files(call, small_city: City, tmp_path: Path):
    history = tmp_path / "history.csv"
    traffic = small_city.traffic[["total"]].to_dataframe().reset_index()
    table = traffic.rename(columns={"station": "place", "total": "value"}).assign(task="total")
    table.to_csv(history, index=False)
    model, out = tmp_path / "model", tmp_path / "forecast.csv"
    code, said, _ = call(
        "forecast", "fit", history, "--tasks", "total", *SHORT, "--out", model, "--json"
    )
    assert code == 0
    assert json.loads(said)["places"] == 6
    code, said, _ = call("forecast", "predict", model, history, "--out", out, "--json")
    assert code == 0
    summary = json.loads(said)
    assert summary["rows"] == len(pd.read_csv(out)) == 6 * 12
    assert summary["first"] == "2024-01-15T00:00:00+00:00"


def test_forecasters_that_need_no_training_are_called_by_name(call, small_city, tmp_path: Path):
    out = tmp_path / "forecast.parquet"
    for name in ("sim-mstnet", "seasonal-naive"):
        code, said, _ = call(
            "forecast",
            "predict",
            name,
            small_city.folder,
            "--tasks",
            "total",
            "--horizon",
            36,
            "--out",
            out,
        )
        assert code == 0
        assert said.startswith("total of 6 places")
        assert len(pd.read_parquet(out)) == 6 * 36
    history = tmp_path / "history.csv"
    table = pd.DataFrame({"place": "a", "time": pd.date_range("2024-01-01", periods=200, freq="h")})
    table.assign(task="total", value=1.0).to_csv(history, index=False)
    code, _, error = call("forecast", "predict", "generator", history, "--out", out)
    assert code == 2
    assert "a city folder would be right" in " ".join(error.split())


def test_mistakes_are_one_sentence_and_leave_nothing_behind(call, small_city, tmp_path: Path):
    model = tmp_path / "model"
    wrong = {
        "has no service 'sms'": ("--tasks", "sms"),
        "needs 480 (20.0 days)": ("--tasks", "total", "--input", 456),
        "no preset 'huge'": ("--tasks", "total", "--preset", "huge"),
        "Name at least one service": ("--tasks", ","),
    }
    for sentence, words in wrong.items():
        code, _, error = call("forecast", "fit", small_city.folder, *words, "--out", model)
        assert code == 2
        assert sentence in " ".join(error.split())
        assert not model.exists()
    code, _, error = call("forecast", "predict", model, small_city.folder, "--out", tmp_path / "f")
    assert code == 2
    assert "holds no forecaster model" in " ".join(error.split())


def test_a_model_is_trained_on_ten_minute_steps_and_forecasts(call, tmp_path: Path):
    times = pd.date_range("2024-01-01", periods=3 * 144, freq="10min", tz="UTC")
    rhythm = 10 + 5 * np.sin(2 * np.pi * np.arange(len(times)) / 144)
    history = tmp_path / "history.parquet"
    pd.DataFrame(
        {
            "place": np.repeat(["a", "b"], len(times)),
            "time": np.tile(times, 2),
            "task": "total",
            "value": np.concatenate([rhythm, 3 * rhythm]),
        }
    ).to_parquet(history)
    model, out = tmp_path / "model", tmp_path / "forecast.parquet"
    sizes = ("--input", 72, "--horizon", 36, "--init", "scratch", "--steps", 2)
    code, _, _ = call("forecast", "fit", history, "--tasks", "total", *sizes, "--out", model)
    assert code == 0
    code, said, _ = call("forecast", "predict", model, history, "--out", out)
    assert code == 0
    assert "from 2024-01-04T00:00:00+00:00 to 2024-01-04T05:50:00+00:00" in said
    assert len(pd.read_parquet(out)) == 2 * 36
