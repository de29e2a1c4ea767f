"""`bench plan --only relief`: the truth is a city simulated again, and rows compare with it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.evaluate import relief as bench
from netspatial.evaluate.generate_data import TownSize
from netspatial.evaluate.relief import (
    QUICK,
    UTILITIES,
    ExponentRow,
    ReliefRow,
    area_cells,
    drawn_sites,
    fit_exponent,
    response_of,
    score_relief,
    verdicts,
)
from netspatial.evaluate.relief_truth import (
    grown_city,
    grown_town,
    true_relief,
    true_shares,
)
from netspatial.simulate import simulate
from tests.plan.made_up import ensemble


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "city"
    return simulate(folder, 5, "unseen", size_km=3, stations=16, pois=200, gsd_m=20, weeks=1)


@pytest.fixture(scope="module")
def grown(city):
    return grown_city(city)


def test_the_city_simulated_again_has_the_traffic_of_its_folder(city, grown):
    total = city.measured("total")["total"].transpose("station", "time").to_numpy()
    np.testing.assert_allclose(grown.network.traffic, total, rtol=1e-6)
    assert grown.network.units == "GB/h"


def test_a_station_beside_another_takes_from_it_and_not_from_the_far_ones(grown):
    layout = grown.grown.network
    x, y = layout.x[3] + 100, layout.y[3]
    after = grown.with_station(x, y)
    shares = true_shares(grown.network, after)
    distance = np.hypot(layout.x - x, layout.y - y)
    assert shares[3] > 0.02
    np.testing.assert_allclose(shares[distance > 2500], 0, atol=1e-4)
    assert true_relief(grown.network, after) > 0
    assert true_relief(grown.network, grown.network) == 0


def test_a_town_without_a_folder_is_the_same_town(city, grown):
    again = grown_town(5, "unseen", TownSize(3, 16, 200), weeks=1)
    np.testing.assert_allclose(again.network.traffic, grown.network.traffic, rtol=1e-6)
    np.testing.assert_allclose(again.network.capacity, grown.network.capacity)
    assert again.network.pois.shape == (len(city.pois), 2)


def test_the_truth_of_a_measured_city_is_not_known(small_city):
    with pytest.raises(BadInput, match="no simulated city"):
        grown_city(small_city)


def test_each_utility_has_a_row_and_relief_its_shares(city):
    cells = area_cells(city, 300)
    traffic = ensemble(np.full((len(cells), 3, 168), 20.0), cells)
    traffic = traffic * np.linspace(0.5, 1.5, len(cells))[:, None, None]
    traffic.attrs |= {"units": "GB/h", "timezone": city.record.timezone}
    assert set(drawn_sites(cells, 6, 5)["feasible"]) <= {"yes", "unknown"}
    rows = score_relief("tiny", city, cells, traffic, replace(QUICK, sites=6, chosen=2))
    assert [row.utility for row in rows] == list(UTILITIES)
    for row in rows:
        assert -1 <= row.correlation <= 1
        assert 0 <= row.captured_pct <= 100 + 1e-9
    ours, *others = rows
    assert ours.correlation > 0.3
    assert 0 <= ours.share_mae < 50
    assert 0 <= ours.cov80 <= 1
    assert all(row.share_mae is None for row in others)
    assert len(verdicts(rows)) == 2


def test_the_fitted_exponent_lies_between_no_and_full_response():
    grown = grown_town(1000, "train", TownSize(3, 20, 200), weeks=1)
    layout = grown.grown.network
    xy = np.column_stack([layout.x[:4] + 150, layout.y[:4]])
    row = fit_exponent("train", grown, xy)
    assert 0 < row.exponent < 1
    assert row.log_sd > 0
    response = response_of([row, replace(row, exponent=row.exponent)])
    assert response.exponent == pytest.approx(row.exponent)
    assert response.log_sd == pytest.approx(row.log_sd)
    assert isinstance(row, ExponentRow)


def test_finished_cities_are_not_measured_again(tmp_path, monkeypatch):
    def row(seed: int) -> ReliefRow:
        return ReliefRow(f"unseen-{seed}", "relief", QUICK.sites, 0.8, 90.0, 3.0, 1.0, 10.0, 0.8)

    held = tmp_path / "rows.json"
    held.write_text(json.dumps({"relief": [vars(row(1))]}))
    monkeypatch.setattr(bench.Generator, "load", lambda _: None)
    monkeypatch.setattr(bench, "load_context", lambda: None)
    assert bench.bench_relief(tmp_path, quick=True, results=held) == [row(1)]
    assert [said.split()[0] for said in verdicts([row(1)])] == ["met", "met"]
    assert verdicts([replace(row(1), correlation=0.5)])[0].startswith("MISSED")
