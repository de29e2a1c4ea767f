"""`bench radio` with a synthetic tracer of known path gain."""

import json

import numpy as np
import pytest

from netspatial.cli import bench_radio as command
from netspatial.evaluate import radio as bench
from netspatial.radio.path_loss import SCENARIOS
from netspatial.radio.raytraced import BuildingTracer, Traced
from netspatial.radio.sites import Radio


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    """Line of sight within 300 m, 3 dB less loss than the model's mean, no ray beyond 900 m."""

    def trace(tracer, server, pixel):
        sites, radio = tracer.sites, Radio()
        offset = tracer.pixels.places[pixel] - sites.places[server]
        distance = np.hypot(*offset.T)
        sight = distance < 300
        loss = np.empty(len(server))
        for tier, of in (
            (radio.coverage, sites.coverage[server]),
            (radio.capacity, ~sites.coverage[server]),
        ):
            row = SCENARIOS[tier.scenario]
            place = distance[of], tier.carrier_ghz, sites.height_m[server[of]], radio.user_m
            loss[of] = np.where(sight[of], row.los(*place), row.nlos(*place)) - 3.0
        loss[distance > 900] = np.nan
        return Traced(loss, sight, seconds=2.0)

    monkeypatch.setattr(BuildingTracer, "trace", trace)
    monkeypatch.setattr(bench, "require_tracer", lambda: None)


def test_differences_are_reported_by_tier_and_sight():
    report = bench.bench_radio([1, 2], 1.5, 6, progress=lambda *_: None)
    assert report.links == 2 * bench.LINKS
    assert report.links == sum(row.links for row in report.rows)
    assert report.seconds_per_1000 == pytest.approx(4000 / report.links)
    for row in report.rows:
        assert row.difference_db == pytest.approx(3.0)
        assert row.spread_db == pytest.approx(0.0, abs=1e-9)
        assert row.reached == 1 if row.in_sight else 0 < row.reached < 1
    for one in report.sight:
        assert 0 < one.traced < 1
        assert 0 < one.model < 1


def test_the_table_is_printed_and_written(tmp_path, capsys):
    path = tmp_path / "radio.json"
    command.radio(towns=1, size_km=1.5, stations=6, links=300, json_path=path)
    printed = capsys.readouterr().out
    assert "coverage, in sight" in printed
    assert "+3.0" in printed
    assert "processor seconds" in printed
    assert len(json.loads(path.read_text())["rows"]) == 4
