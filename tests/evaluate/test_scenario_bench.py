"""`bench scenario`: cases near stations, the true change, and scores in closed form."""

import json

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.evaluate import scenario as bench
from netspatial.evaluate.scenario import (
    CLEARED,
    ScenarioCase,
    ScenarioReport,
    grown_of,
    measure,
    near_stations,
    quarters,
    summarise,
    true_change,
)
from netspatial.scenario.changed_city import apply
from netspatial.simulate import simulate


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "city"
    return simulate(folder, 5, "unseen", size_km=2, stations=10, pois=200, gsd_m=20, weeks=1)


def test_cases_are_valid_scenarios_near_stations(city):
    grown = grown_of(city)
    found = list(quarters(city, grown, 4))
    assert [kind for kind, _, _ in found][1::2] == [CLEARED, CLEARED]
    for kind, scenario, quarter in found:
        changed = apply(city, scenario)
        assert (len(changed.pois) < len(city.pois)) == (kind == CLEARED)
        assert near_stations(grown, quarter).any()


def test_a_perfect_prediction_has_full_marks(city, monkeypatch):
    """The prediction is the truth: the table of stations is in the order of the network."""
    grown = grown_of(city)
    truths = iter([quarter for _, _, quarter in quarters(city, grown, 6)])

    def perfect(_before, _after, _stations, *_):
        quarter = next(truths)
        return true_change(grown, quarter)[near_stations(grown, quarter)]

    monkeypatch.setattr(bench, "expected_change", perfect)
    cases = measure(city, 6, None, None)
    row = summarise(cases)[0]
    assert row.kind == "all"
    assert row.cases == 6
    assert row.sign_pct == 100.0
    assert row.correlation == pytest.approx(1)
    assert all(case.true == pytest.approx(case.predicted) for case in cases)


def test_scores_in_closed_form():
    true = [0.2, -0.3, 0.1, 0.001]
    predicted = [0.1, 0.2, 0.05, -1.0]
    cases = [ScenarioCase("town", "mall", 3, t, p) for t, p in zip(true, predicted, strict=True)]
    row = summarise(cases)[0]
    assert row.sign_pct == pytest.approx(200 / 3)
    assert row.correlation == pytest.approx(np.corrcoef(true, predicted)[0, 1])
    few = ScenarioReport(summarise(cases[:2]), cases[:2]).record()
    assert few["rows"][0]["correlation"] is None
    json.dumps(few, allow_nan=False)


def test_a_measured_city_has_no_known_truth(small_city):
    with pytest.raises((BadInput, KeyError)):
        grown_of(small_city)
