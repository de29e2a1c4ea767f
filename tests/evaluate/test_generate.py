"""The bench judges every rival alike, beside the floor of real against real."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netspatial.baselines.generate import BASELINES
from netspatial.baselines.generate.contract import Draw
from netspatial.baselines.generate.random_draw import random_draw
from netspatial.evaluate.generate import judge
from netspatial.evaluate.generate_data import Case, beijing, each_left_out, fold_cases, milan
from netspatial.evaluate.generate_speed import Speed
from netspatial.evaluate.realdata import real_folder
from netspatial.generate.data import TrainingSet
from tests.generate.made_up_stations import made_up_stations

DATA = made_up_stations(60, weeks=2)
REAL = real_folder()


def test_folds_ask_every_station_once_and_never_what_was_learnt() -> None:
    cases = list(fold_cases("made-up", DATA))
    asked = np.concatenate([case.asked.x[:, 0] for case in cases])
    assert sorted(asked) == sorted(DATA.x[:, 0])
    for case in cases:
        assert not set(case.asked.x[:, 0]) & set(case.known.x[:, 0])


def test_each_left_out_asks_one_station_at_a_time() -> None:
    cases = list(each_left_out("made-up", DATA.take(np.arange(9))))
    assert [len(case.asked) for case in cases] == [1] * 9
    assert all(len(case.known) == 8 for case in cases)


def test_rows_hold_what_the_bars_ask_for_and_the_floor_is_the_same_for_all() -> None:
    rows = judge("made-up", list(fold_cases("made-up", DATA, 2)), BASELINES, lambda *_: None)
    assert [row.model for row in rows] == list(BASELINES)
    assert len({row.floor_js for row in rows}) == 1
    metadata = json.loads(json.dumps([row.record() for row in rows]))
    wanted = "data model js js_diff eq18 rmse_mean mae_mean crps cov90 acf peak_h weekly_r floor_js"
    assert set(wanted.split()) <= set(metadata[0])


def test_a_second_draw_of_the_world_scores_at_the_floor() -> None:
    again = made_up_stations(60, weeks=2)
    rng = np.random.default_rng(0)
    redrawn = (again.x * rng.lognormal(0, 0.05, again.x.shape)).astype(np.float32)
    case = Case("redraw", DATA, DATA, redrawn)

    def world(_):
        return lambda _context, _hours, samples, **_seed: np.repeat(redrawn[:, None], samples, 1)

    (row,) = judge("redraw", [case], {"world": world}, lambda *_: None)
    assert row.scores.js == pytest.approx(row.floor_js)
    assert row.scores.js_diff == pytest.approx(row.floor_js_diff)


@pytest.mark.skipif(REAL is None, reason="needs the real data sets beside the project")
def test_measured_sets_become_training_sets() -> None:
    folder = REAL or Path()
    assert beijing(folder).x.shape == (756, 168)
    squares = milan(folder)
    assert squares.x.shape == (25, 672)
    assert np.ptp(squares.context, axis=0).any()
    # Milan's centre is quieter on Sundays than on Tuesdays
    by_day = [squares.x[squares.hours // 24 == day].mean() for day in range(7)]
    assert by_day[6] < by_day[1]


def test_speed_is_told_with_its_share_of_the_machine() -> None:
    named = set(Speed.__dataclass_fields__)
    wanted = "sequences_per_s threads latency_ms_one_site matmul_gflops flops_per_sequence"
    assert set(wanted.split()) <= named


def test_a_rival_learns_once_for_all_cities_that_share_what_is_known() -> None:
    data = DATA
    shared = [replace(case, known=data) for case in fold_cases("own", data, folds=2)]
    learnt = []

    def counting(known: TrainingSet) -> Draw:
        learnt.append(known)
        return random_draw(known)

    judge("own", shared, {"counting": counting}, lambda *_: None)
    assert len(learnt) == 1
    judge("own", list(fold_cases("own", data, folds=2)), {"counting": counting}, lambda *_: None)
    assert len(learnt) == 3


def test_the_law_that_drew_the_truth_is_a_row_of_its_own() -> None:
    data = DATA
    case = next(fold_cases("own", data, folds=1))
    law = np.repeat(case.asked.x[:, None], 19, axis=1)
    rows = judge("own", [replace(case, law=law)], {}, lambda *_: None)
    assert [row.model for row in rows] == ["the law itself"]
    assert rows[0].scores.crps == 0
