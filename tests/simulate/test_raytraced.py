"""Ray-traced cities: materials, heights and powers are drawn, stored, and reproducible."""

import os
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.radio.raytraced import TracingFailed, require_tracer
from netspatial.radio.scene import GROUNDS
from netspatial.simulate import simulation
from netspatial.simulate.massing import massing
from netspatial.simulate.raytraced import DRAWN_WALLS, RANGES, draw_traced_radio
from netspatial.simulate.simulation import simulate
from netspatial.simulate.town import make_town

SMALL = {"size_km": 1, "stations": 2, "pois": 20, "gsd_m": 20, "weeks": 1}


@given(st.integers(0, 2**63 - 1))
def test_the_traced_radio_is_drawn_in_its_ranges_and_reproducible(seed):
    drawn = draw_traced_radio(seed)
    assert drawn == draw_traced_radio(seed)
    assert drawn.wall in DRAWN_WALLS
    assert drawn.ground in GROUNDS
    for name, (low, high) in RANGES.items():
        assert low <= asdict(drawn)[name] <= high


def test_seeds_draw_other_radios():
    radios = [draw_traced_radio(seed) for seed in range(40)]
    assert {radio.wall for radio in radios} == set(DRAWN_WALLS)
    for name in RANGES:
        assert len({asdict(radio)[name] for radio in radios}) == 40


def test_drawn_heights_do_not_change_the_places_of_buildings():
    town = make_town(5000, "train", 2000.0)
    usual, drawn = massing(town), massing(town, storey_m=3.0, most_storeys=14.0, storeys_sd=0.3)
    assert usual.geometry.equals(drawn.geometry)
    assert drawn["height_m"].max() > usual["height_m"].max()
    assert massing(town, storeys_sd=0.3)["height_m"].equals(
        massing(town, storeys_sd=0.3)["height_m"]
    )


def test_an_unknown_radio_is_named(tmp_path):
    with pytest.raises(BadInput, match="'magic'"):
        simulate(tmp_path / "city", radio="magic", **SMALL)


def test_without_a_tracer_simulation_fails_and_writes_nothing(tmp_path, monkeypatch):
    def fail():
        raise TracingFailed("Rays cannot be traced here: Sionna RT is not installed.")

    monkeypatch.setattr(simulation, "require_tracer", fail)
    with pytest.raises(TracingFailed, match="not installed"):
        simulate(tmp_path / "city", radio="raytraced", **SMALL)
    assert not (tmp_path / "city").exists()


def test_a_city_is_simulated_with_the_real_tracer(tmp_path):
    try:
        require_tracer()
    except TracingFailed as fault:
        pytest.fail(str(fault)) if os.environ.get("CI") else pytest.skip(str(fault))
    steps = []
    city = simulate(
        tmp_path / "traced",
        seed=3,
        radio="raytraced",
        progress=lambda *step: steps.append(step),
        **SMALL,
    )
    assert isinstance(city, City)
    assert city.validate() == []
    assert city.record.parameters["radio"] == "raytraced"
    assert city.record.parameters["drawn"]["radio"] == asdict(draw_traced_radio(3))
    assert steps[0][0] == "tracing rays"
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    plain = simulate(tmp_path / "plain", seed=3, **SMALL)
    assert "radio" not in plain.record.parameters
    assert "radio" not in plain.record.parameters["drawn"]
    rays, distance = (one.traffic["total"].to_numpy() for one in (city, plain))
    assert np.isfinite(rays).all()
    assert not np.allclose(rays, distance)
