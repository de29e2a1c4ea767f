"""`bench generate` scores all models on the same cases, with the real-vs-real distance."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netspatial.baselines.generate import BASELINES
from netspatial.baselines.generate.contract import Draw
from netspatial.baselines.generate.random_draw import random_draw
from netspatial.evaluate.generate import score_baselines
from netspatial.evaluate.generate_data import (
    GenerateCase,
    beijing,
    each_left_out,
    fold_cases,
    milan,
)
from netspatial.evaluate.generate_speed import Speed
from netspatial.evaluate.realdata import real_folder
from netspatial.generate.data import TrainingSet
from tests.generate.made_up_stations import made_up_stations

DATA = made_up_stations(60, weeks=2)
REAL = real_folder()


def test_folds_test_every_station_once_and_never_a_training_station() -> None:
    cases = list(fold_cases("made-up", DATA))
    test = np.concatenate([case.test.x[:, 0] for case in cases])
    assert sorted(test) == sorted(DATA.x[:, 0])
    for case in cases:
        assert not set(case.test.x[:, 0]) & set(case.known.x[:, 0])


def test_leave_one_out_tests_one_station_at_a_time() -> None:
    cases = list(each_left_out("made-up", DATA.take(np.arange(9))))
    assert [len(case.test) for case in cases] == [1] * 9
    assert all(len(case.known) == 8 for case in cases)


def test_rows_have_the_documented_fields_and_the_same_real_distance() -> None:
    rows = score_baselines(
        "made-up", list(fold_cases("made-up", DATA, 2)), BASELINES, lambda *_: None
    )
    assert [row.model for row in rows] == list(BASELINES)
    assert len({row.floor_js for row in rows}) == 1
    records = json.loads(json.dumps([row.record() for row in rows]))
    wanted = "data model js js_diff eq18 rmse_mean mae_mean crps cov90 acf peak_h weekly_r floor_js"
    assert set(wanted.split()) <= set(records[0])


def test_a_second_sample_of_the_truth_has_the_real_vs_real_distance() -> None:
    again = made_up_stations(60, weeks=2)
    rng = np.random.default_rng(0)
    redrawn = (again.x * rng.lognormal(0, 0.05, again.x.shape)).astype(np.float32)
    case = GenerateCase("redraw", DATA, DATA, redrawn)

    def world(_):
        return lambda _context, _hours, samples, **_seed: np.repeat(redrawn[:, None], samples, 1)

    (row,) = score_baselines("redraw", [case], {"world": world}, lambda *_: None)
    assert row.scores.js == pytest.approx(row.floor_js)
    assert row.scores.js_diff == pytest.approx(row.floor_js_diff)


@pytest.mark.skipif(REAL is None, reason="needs the real data sets beside the project")
def test_measured_sets_are_read_as_training_sets() -> None:
    folder = REAL or Path()
    assert beijing(folder).x.shape == (756, 168)
    squares = milan(folder)
    assert squares.x.shape == (25, 672)
    assert np.ptp(squares.context, axis=0).any()
    # Milan's centre is quieter on Sundays than on Tuesdays
    by_day = [squares.x[squares.hours // 24 == day].mean() for day in range(7)]
    assert by_day[6] < by_day[1]


def test_the_speed_has_its_share_of_the_matrix_multiplication_rate() -> None:
    named = set(Speed.__dataclass_fields__)
    wanted = "sequences_per_s threads latency_ms_one_site matmul_gflops flops_per_sequence"
    assert set(wanted.split()) <= named


def test_a_model_is_trained_once_for_cases_with_the_same_training_data() -> None:
    data = DATA
    shared = [replace(case, known=data) for case in fold_cases("own", data, folds=2)]
    trained_on = []

    def counting(known: TrainingSet) -> Draw:
        trained_on.append(known)
        return random_draw(known)

    score_baselines("own", shared, {"counting": counting}, lambda *_: None)
    assert len(trained_on) == 1
    score_baselines(
        "own", list(fold_cases("own", data, folds=2)), {"counting": counting}, lambda *_: None
    )
    assert len(trained_on) == 3


def test_samples_of_the_true_distribution_have_a_row() -> None:
    data = DATA
    case = next(fold_cases("own", data, folds=1))
    law = np.repeat(case.test.x[:, None], 19, axis=1)
    rows = score_baselines("own", [replace(case, law=law)], {}, lambda *_: None)
    assert [row.model for row in rows] == ["the law itself"]
    assert rows[0].scores.crps == 0
