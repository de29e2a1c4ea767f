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
    little_history,
    relative_mae,
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
def test_what_is_learnt_ends_before_what_is_judged(town, days):
    real, judged = little_history(town, days, seed=0)
    check_apart(real)
    ends = town.times[24 * HISTORY_ENDS]
    for part in (real.train, real.meta, real.stop):
        first = part.panels[0]
        known = ~np.isnan(first.values).all(axis=(0, 2))
        assert known.sum() == 24 * days
        assert first.times[known][-1] < ends
        assert np.isfinite(part.truth()).any()
    assert judged.panels[0].times[judged.origin].min() == ends
    assert np.isfinite(judged.truth()).all()


def test_the_same_days_are_judged_however_much_is_known(town):
    judged = [little_history(town, days, seed=0)[1] for days in (1, 7)]
    assert np.array_equal(judged[0].truth(), judged[1].truth())


def test_auc_is_that_of_the_field():
    random = stream(1, "auc")
    weights = random.integers(0, 9, 200).astype(np.float32)
    sound = random.uniform(size=200) < 0.3
    assert auc(weights, sound) == pytest.approx(roc_auc_score(sound, weights))
    assert auc(None, sound) is None
    assert auc(np.ones(200, dtype=np.float32), sound) is None
    assert auc(weights, np.ones(200, dtype=bool)) is None


def test_an_error_is_a_share_of_its_tasks_mean(town):
    _, judged = little_history(town, 3, seed=0)

    class Nothing:
        def median_of(self, windows):
            return np.zeros_like(windows.truth())

    assert relative_mae(Nothing(), judged) == pytest.approx(1, rel=1e-3)


def test_every_method_gets_a_row(town, monkeypatch):
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
    asked = [(network, method, 3) for network in NETWORKS for method in METHODS]
    assert [(row["network"], row["method"], row["days"]) for row in rows] == asked
    assert all(0 < row["mae"] < 3 for row in rows)
    metadata = {row["method"]: row["auc"] for row in rows}
    # the weights are learnt with the same small network, whatever is trained with them
    assert all(row["auc"] == metadata[row["method"]] for row in rows)
    assert metadata["real-only"] is metadata["uniform"] is metadata["finetune"] is None
    assert 0 <= metadata["meta-weight"] <= 1
    assert 0 <= metadata["cutting-plane"] <= 1
    done = set(asked)
    assert not list(sim2real(Path("nowhere"), size, seed=2, done=done))
    rest = sim2real(Path("nowhere"), size, seed=2, done=done - {("whole", "real-only", 3)})
    assert [(row["network"], row["method"]) for row in rest] == [("whole", "real-only")]
