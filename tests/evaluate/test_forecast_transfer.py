from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from netspatial.evaluate import forecast_transfer
from netspatial.evaluate.forecast_data import HISTORY_ENDS
from netspatial.evaluate.forecast_transfer import (
    NETWORKS,
    QUICK_TRANSFER,
    auc,
    relative_mae,
    short_history,
    sim2real,
)
from netspatial.forecast import simulated
from netspatial.forecast.configurations import draw_configurations
from netspatial.forecast.simulated import simulated_panel
from netspatial.forecast.transfer import METHODS, check_apart
from netspatial.randomness import stream


@pytest.fixture(scope="module")
def town():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "SIZE_KM", 3.0)
        patch.setattr(simulated, "STATIONS", 10)
        yield simulated_panel(draw_configurations(3, 1)[0])


@pytest.mark.parametrize("days", [1, 3, 14])
def test_the_history_ends_before_the_test_windows(town, days):
    real, test = short_history(town, days, seed=0)
    check_apart(real)
    ends = town.times[24 * HISTORY_ENDS]
    for part in (real.train, real.meta, real.stop):
        first = part.panels[0]
        known = ~np.isnan(first.values).all(axis=(0, 2))
        assert known.sum() == 24 * days
        assert first.times[known][-1] < ends
        assert np.isfinite(part.truth()).any()
    assert test.panels[0].times[test.origin].min() == ends
    assert np.isfinite(test.truth()).all()


def test_the_test_days_do_not_depend_on_the_length_of_the_history(town):
    test = [short_history(town, days, seed=0)[1] for days in (1, 7)]
    assert np.array_equal(test[0].truth(), test[1].truth())


def test_auc_equals_that_of_scikit_learn():
    random = stream(1, "auc")
    weights = random.integers(0, 9, 200).astype(np.float32)
    sound = random.uniform(size=200) < 0.3
    assert auc(weights, sound) == pytest.approx(roc_auc_score(sound, weights))
    assert auc(None, sound) is None
    assert auc(np.ones(200, dtype=np.float32), sound) is None
    assert auc(weights, np.ones(200, dtype=bool)) is None


def test_the_error_is_relative_to_the_mean_of_its_task(town):
    _, test = short_history(town, 3, seed=0)

    class Zero:
        def median_of(self, windows):
            return np.zeros_like(windows.truth())

    assert relative_mae(Zero(), test) == pytest.approx(1, rel=1e-3)


def test_every_method_has_a_row(town, monkeypatch):
    monkeypatch.setattr(forecast_transfer, "SERVICES", ("data",))
    monkeypatch.setattr(forecast_transfer, "simulated_city", lambda *_: None)
    monkeypatch.setattr(
        forecast_transfer, "from_city", lambda _city, services: town.with_tasks(services)
    )
    monkeypatch.setattr(simulated, "SIZE_KM", 3.0)
    monkeypatch.setattr(simulated, "STATIONS", 10)
    options = {"d": 8, "heads": 2, "space": False}
    size = replace(QUICK_TRANSFER, configurations=3, options=options)
    rows = list(sim2real(Path("nowhere"), size, seed=2))
    expected = [(network, method, 3) for network in NETWORKS for method in METHODS]
    assert [(row["network"], row["method"], row["days"]) for row in rows] == expected
    assert all(0 < row["mae"] < 3 for row in rows)
    aucs = {row["method"]: row["auc"] for row in rows}
    # the weights come from the same small network for all trained networks
    assert all(row["auc"] == aucs[row["method"]] for row in rows)
    assert aucs["real-only"] is aucs["uniform"] is aucs["finetune"] is None
    assert 0 <= aucs["meta-weight"] <= 1
    assert 0 <= aucs["cutting-plane"] <= 1
    done = set(expected)
    assert not list(sim2real(Path("nowhere"), size, seed=2, done=done))
    rest = sim2real(Path("nowhere"), size, seed=2, done=done - {("whole", "real-only", 3)})
    assert [(row["network"], row["method"]) for row in rest] == [("whole", "real-only")]
