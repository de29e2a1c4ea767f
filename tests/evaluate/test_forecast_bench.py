"""The forecasting bench: disjoint cases in time, scores by hand, rows that survive a kill."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from netspatial.cli import app
from netspatial.errors import BadInput
from netspatial.evaluate import forecast as bench
from netspatial.evaluate import forecast_data
from netspatial.evaluate.forecast_ablations import PretrainedAblations
from netspatial.evaluate.forecast_data import ForecastCase, cut_case
from netspatial.evaluate.forecast_models import DEFAULT_PARTS, PRETRAINED, entries
from netspatial.evaluate.forecast_rows import ForecasterRow, ResultsFile, score
from netspatial.evaluate.forecast_targets import means, relative, targets
from netspatial.evaluate.forecast_telecom import TOWNS, telecom_cases
from netspatial.evaluate.forecast_transfer import TransferSize
from netspatial.forecast import from_simulation
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.windows import Windows
from netspatial.randomness import stream
from tests.baselines.made_up_history import made_up_history

TINY = replace(
    bench.QUICK, train_config=TrainConfig(steps=2, batch=8, evaluate_every=2, most_validation=8)
)
ROW = ForecasterRow(1, "town, 3 days", "lstm", "call", 1.0, 2.0, 0.5, 0.9, 0, 1.5)


def forecast_steps(windows: Windows) -> set[int]:
    """Return all steps that some window forecasts."""
    return {
        int(origin) + step for origin in windows.origin for step in range(windows.shape.horizon)
    }


@pytest.mark.parametrize("days", [3, 7])
def test_training_validation_and_test_hours_follow_each_other(days: int) -> None:
    panel = made_up_history(days=days + 7)
    case = cut_case("town", [panel], {"town": panel}, days)
    train, stop, test = map(forecast_steps, (case.train, case.stop, case.tests["town"]))
    assert max(train) < min(stop)
    assert max(stop) < days * 24 <= min(test)
    assert len(test) == 7 * 24
    assert len(case.train.panels[0].times) == days * 24  # the panel ends with the history


def test_a_perfect_forecast_has_zero_error() -> None:
    truth = np.arange(12, dtype=np.float32).reshape(3, 4)
    found = score(np.repeat(truth[..., None], len(LEVELS), axis=2), truth)
    assert (found.mae, found.rmse, found.crps, found.cov90) == (0, 0, 0, 1)


def test_scores_of_a_point_forecast_by_hand() -> None:
    truth = np.array([[1.0, 2.0, np.nan]], dtype=np.float32)
    found = score(np.full((1, 3, len(LEVELS)), 4, dtype=np.float32), truth)
    assert found.mae == pytest.approx(2.5)
    assert found.rmse == pytest.approx(np.sqrt(13 / 2))
    # all quantiles of a point forecast are equal: twice the pinball loss is the absolute error
    assert found.crps == pytest.approx(2.5)
    assert found.cov90 == 0


def test_the_score_is_best_for_the_true_quantiles() -> None:
    truth = stream(0, "truth").standard_normal((200, 20)).astype(np.float32)
    true = np.quantile(truth, LEVELS).astype(np.float32)
    scores = [
        score(np.broadcast_to(spread * true, (200, 20, len(LEVELS))), truth).crps
        for spread in (0.5, 1.0, 2.0)
    ]
    assert min(scores) == scores[1]


def test_rows_are_stored_when_measured_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    ResultsFile(path, "whole").add([ROW])
    again = ResultsFile(path, "whole")
    assert again.rows == [ROW]
    assert again.has(1, "town, 3 days", "lstm", 0)
    assert not again.has(1, "town, 3 days", "lstm", 1)
    assert set(json.loads(path.read_text())["rows"][0]) == {
        "table",
        "data",
        "model",
        "task",
        "mae",
        "rmse",
        "crps",
        "cov90",
        "seed",
        "seconds",
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"size": "whole", "rows": [{}], "sim2real": []}'])
def test_a_file_without_rows_of_the_bench_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="holds no rows of this bench"):
        ResultsFile(path, "whole")


def test_rows_of_a_quick_run_are_not_mixed_with_whole_ones(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    ResultsFile(path, "quick").add([ROW])
    with pytest.raises(BadInput, match="rows of the quick bench and this is the whole one"):
        ResultsFile(path, "whole")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> ForecastCase:
    """A synthetic history in place of all simulated cities."""
    panel = made_up_history(days=5, side=5)
    case = cut_case("town", [panel], {"town": panel}, 3)
    monkeypatch.setitem(bench.DATA, "unseen", lambda *_: case)

    def simulated(_start: object, names: tuple[str, ...], _progress: object):
        other = replace(panel, tasks=names)
        cut = cut_case("elsewhere", [other], {}, 3)
        return cut.train, cut.stop

    monkeypatch.setattr(from_simulation, "_simulations", simulated)
    monkeypatch.setattr(PretrainedAblations, "_city", lambda *_: panel)
    return case


def test_a_killed_bench_resumes(
    small: ForecastCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del small
    path = tmp_path / "rows.json"

    def run(*models: str) -> ResultsFile:
        return bench.bench_forecast(
            tmp_path, size=TINY, seeds=1, only=["unseen"], models=models, path=path
        )

    first = run("persistence", "lstm")
    made: list[str] = []
    measured = bench.score
    monkeypatch.setattr(bench, "score", lambda *given: made.append("") or measured(*given))
    both = run("persistence", "lstm", "hour-of-week")
    assert both.rows[: len(first.rows)] == first.rows
    assert [row.model for row in both.rows[len(first.rows) :]] == ["hour-of-week"] * 2
    assert len(made) == 2  # one for each task of the new model alone


def test_every_model_of_every_table_can_be_measured(small: ForecastCase, tmp_path: Path) -> None:
    del small
    found = bench.bench_forecast(tmp_path, size=TINY, seeds=1, only=["unseen"])
    assert {(row.table, row.model) for row in found.rows} == {
        (entry.table, entry.name)
        for entry in entries(TINY.simulations, PretrainedAblations(tmp_path, TINY.pretraining))
    }
    assert all(row.data == "town, 3 days" for row in found.rows)
    assert {row.task for row in found.rows} == {"call", "data"}


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no data set 'paris'; there are unseen, milan, uomo"):
        bench.bench_forecast(tmp_path, only=["paris"])
    with pytest.raises(BadInput, match="no model 'prophet'"):
        bench.bench_forecast(tmp_path, models=["prophet"])


def rows_of(mae: dict[tuple[int, str], float], cov90: float = 0.9) -> list[ForecasterRow]:
    """Return rows of two seeds of each model around this error."""
    return [
        ForecasterRow(
            table, "town, 3 days", model, task, unit * (error + off), 1, 1, cov90, seed, 1
        )
        for (table, model), error in mae.items()
        for task, unit in (("call", 1.0), ("data", 1000.0))
        for seed, off in enumerate((-0.1, 0.1))
    ]


def test_errors_of_tasks_are_averaged_in_units_of_the_hour_of_week_mean() -> None:
    rows = rows_of({(1, "hour-of-week"): 2.0, (1, "lstm"): 3.0, (2, PRETRAINED): 1.5})
    found = relative(means(rows), "town, 3 days")
    assert found == pytest.approx(
        {(1, "hour-of-week"): 1.0, (1, "lstm"): 1.5, (2, PRETRAINED): 0.75}
    )


def test_a_model_is_compared_with_the_rule_over_the_same_seeds() -> None:
    rows = rows_of({(1, "hour-of-week"): 2.0, (2, PRETRAINED): 1.0})
    harder = [replace(row, seed=2, mae=10 * row.mae) for row in rows if row.seed == 1]
    first_alone = [row for row in rows if row.model == PRETRAINED]
    rules = [row for row in [*rows, *harder] if row.model == "hour-of-week"]
    found = relative(means([*rules, *first_alone]), "town, 3 days")
    assert found[2, PRETRAINED] == pytest.approx(0.5)


@pytest.mark.parametrize(("ours", "met"), [(1.9, True), (2.1, False)])
def test_the_target_is_the_best_baseline(ours: float, met: bool) -> None:
    rows = rows_of({(1, "hour-of-week"): 2.0, (1, "lstm"): 3.0, (2, PRETRAINED): ours})
    by_name = {target.name: target for target in targets(means(rows), [])}
    target = by_name[f"town, 3 days: mean MAE of {PRETRAINED} below every baseline's"]
    assert target.met is met
    assert "best baseline hour-of-week 1.000" in target.value


def test_the_effect_of_an_ablation_is_the_mean_over_data_sets() -> None:
    here = rows_of(
        {
            (1, "hour-of-week"): 2.0,
            (3, DEFAULT_PARTS): 1.5,
            (3, "with space"): 1.2,
            (3, "without interaction"): 1.8,
        }
    )
    there = rows_of(
        {
            (1, "hour-of-week"): 2.0,
            (3, DEFAULT_PARTS): 1.0,
            (3, "with space"): 1.1,
            (3, "without interaction"): 0.95,
        }
    )
    rows = [*here, *(replace(row, data="elsewhere, 3 days") for row in there)]
    by_name = {target.name: target for target in targets(means(rows), [])}
    interaction, space = (
        by_name[f"ablation increases the MAE, {part}"]
        for part in ("without interaction", "with space")
    )
    assert (interaction.met, interaction.value) == (
        True,
        "+7.5% on the mean of 2 data sets, -5.0% to +20.0%",
    )
    assert (space.met, space.value) == (
        False,
        "-5.0% on the mean of 2 data sets, -20.0% to +10.0%",
    )


def test_every_seed_has_its_own_unseen_city(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[int] = []
    panel = made_up_history(days=5)
    case = cut_case("unseen", [panel], {"unseen": panel}, 3)

    def unseen(_work: Path, _days: int, city: int) -> ForecastCase:
        used.append(city)
        return case

    monkeypatch.setattr(forecast_data, "unseen_case", unseen)
    found = bench.bench_forecast(
        tmp_path, size=TINY, seeds=3, only=["unseen"], models=["persistence"]
    )
    assert used == [1, 2, 3]
    assert {(row.data, row.seed) for row in found.rows} == {
        ("unseen, 3 days", seed) for seed in range(3)
    }


@pytest.mark.parametrize(("mae", "met"), [(8.4, True), (8.6, False)])
def test_simulation_must_lower_the_error_by_15_percent(mae: float, met: bool) -> None:
    few = [("real-only", 3, 10.0), ("meta-weight", 3, mae), ("meta-weight", 7, 1.0)]
    rows = [
        {"network": network, "method": method, "days": days, "mae": factor * off, "auc": None}
        for network, factor in (("whole", 1.0), ("without template", 2.0))
        for method, days, off in few
    ]
    found = targets([], rows)
    assert [target.met for target in found] == [met, met]
    assert [target.name.rsplit(", ")[-1] for target in found] == ["whole", "without template"]


# squares in the middle of each grid, and one outside of it
SQUARES = {"mi": (4041, 4042, 4141, 1), "tn": (39 * 117 + 49, 39 * 117 + 50, 1)}


@pytest.fixture(scope="module")
def original_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """62 days of both towns in the publisher's format, one row per hour, one file per town."""
    folder = tmp_path_factory.mktemp("telecom")
    hours = pd.date_range("2013-10-31T23:00", periods=62 * 24, freq="h")
    begin = hours.astype("datetime64[ms]").astype("int64")
    rhythm = 2 + np.sin(2 * np.pi * np.arange(len(hours)) / 24)
    for mark, squares in SQUARES.items():
        lines = [
            f"{square}\t{time}\t39\t{value:.4f}\t{value:.4f}\t{value:.4f}\t\t{9 * value:.4f}"
            for square in squares
            for time, value in zip(begin, rhythm, strict=True)
        ]
        name = f"sms-call-internet-{mark}-2013-11-01.txt"
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def test_original_files_give_cases_of_the_stated_protocol(original_files: Path) -> None:
    milano, trento = telecom_cases(original_files, lambda *_: None)
    assert (milano.name, trento.name) == ("milano", "trento")
    panel = milano.train.panels[0]
    assert sorted(panel.ids) == ["4041", "4042", "4141"]
    assert panel.tasks == ("call", "sms", "internet")
    np.testing.assert_allclose(milano.train.past()[0, 0], [2, 4, 18], rtol=1e-4)
    assert (milano.train.shape.context_length, milano.train.shape.horizon) == (168, 24)
    stop, test = forecast_steps(milano.stop), forecast_steps(milano.tests["milano"])
    assert max(forecast_steps(milano.train)) == 48 * 24 - 1
    assert (min(stop), max(stop)) == (48 * 24, 55 * 24 - 1)
    assert (min(test), max(test)) == (55 * 24, 62 * 24 - 1)
    # 4041 and 4042 are neighbours in a row, 4141 lies above the first
    place = panel.ids.index("4041")
    around = {panel.ids[near] for near in panel.around[place].ravel() if near >= 0}
    assert around == {"4041", "4042", "4141"}


@pytest.mark.parametrize("town", list(TOWNS.values()))
def test_the_middle_of_a_grid_is_20_by_20(town) -> None:
    squares = pd.Index(range(1, town.rows * town.columns + 1))
    inside = town.middle(squares)
    row, column = town.place(squares)
    assert inside.sum() == 400
    for at, length in ((row, town.rows), (column, town.columns)):
        assert at[inside].min() + at[inside].max() in (length - 1, length - 2)


def test_one_command_measures_original_files(original_files: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    given = ["bench", "forecast", "--quick", "--only", "telecom-italia"]
    given += ["--telecom-italia", str(original_files), "--json", str(path), "--work", str(tmp_path)]
    for model in ("hour-of-week", "mttc", "default parts"):
        given += ["--model", model]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 0, result.output
    rows = json.loads(path.read_text())["rows"]
    assert {row["data"] for row in rows} == {"milano, 48 days", "trento, 48 days"}
    assert all(row["mae"] < 1e-3 for row in rows if row["model"] == "hour-of-week")
    assert "milano in the paper, MAE 0.29 / 0.41 / 1.40" in result.output
    assert "cannot be compared" in " ".join(result.output.split())


def test_too_few_days_of_original_files_are_refused(tmp_path: Path) -> None:
    begin = pd.date_range("2013-11-01", periods=48, freq="h").astype("datetime64[ms]")
    lines = [f"4041\t{time}\t39\t1\t1\t1\t1\t1" for time in begin.astype("int64")]
    (tmp_path / "sms-call-internet-mi-2013-11-01.txt").write_text("\n".join(lines))
    with pytest.raises(BadInput, match="hold 2 days; 62 are needed"):
        telecom_cases(tmp_path, lambda *_: None)


def test_a_folder_without_original_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sms-call-internet-mi-"):
        telecom_cases(tmp_path, lambda *_: None)
    with pytest.raises(BadInput, match="no folder"):
        telecom_cases(tmp_path / "nowhere", lambda *_: None)


def test_the_sim_to_real_transfer_resumes_where_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.json"
    given: list[tuple[int, set[tuple[str, str, int]]]] = []

    def rows(_work: Path, size: TransferSize, *, seed: int, done, report) -> Iterator[dict]:
        del size, report
        given.append((seed, set(done)))
        for method in ("uniform", "finetune"):
            yield {
                "network": "whole",
                "method": method,
                "days": 3,
                "mae": 0.3,
                "auc": None,
                "seed": seed,
            }
            if method == "uniform" and len(given) == 1:
                raise KeyboardInterrupt

    def run() -> None:
        bench.bench_forecast(tmp_path, size=TINY, seeds=2, only=["sim2real"], path=path)

    monkeypatch.setattr(bench, "sim2real", rows)
    with pytest.raises(KeyboardInterrupt):
        run()
    run()
    assert given == [(0, set()), (0, {("whole", "uniform", 3)}), (1, set())]
