from dataclasses import replace

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.forecast import simulated
from netspatial.forecast.configurations import (
    RANGES,
    Configuration,
    draw_configurations,
)
from netspatial.forecast.simulated import radio_of, simulated_panel, simulated_windows
from netspatial.forecast.windows import WindowSpec
from netspatial.radio.raytraced import TracingFailed
from netspatial.simulate import raytraced
from netspatial.simulate.services import UNITS

PLAIN = Configuration(seed=0, number=3)


@pytest.fixture(autouse=True, scope="module")
def _small():
    """Small cities for fast tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "SIZE_KM", 3.0)
        patch.setattr(simulated, "STATIONS", 10)
        yield


@pytest.fixture(scope="module")
def plain(_small):
    return simulated_panel(PLAIN, weeks=1)


def test_a_configuration_gives_a_reproducible_city(plain):
    again = simulated_panel(PLAIN, weeks=1)
    assert np.array_equal(again.values, plain.values)
    assert plain.provenance == "simulated"
    assert plain.units == tuple(UNITS[name] for name in plain.tasks)
    assert (plain.values > 0).any(axis=(0, 1)).all()


@pytest.mark.parametrize("name", RANGES)
def test_every_parameter_changes_the_traffic(plain, name):
    changed = simulated_panel(replace(PLAIN, **{name: RANGES[name][1]}), weeks=1)
    assert not np.array_equal(changed.values, plain.values)


def test_load_calls_and_messages_scale_the_traffic(plain):
    more = replace(PLAIN, load=1.5, calls=2.0, messages=0.5)
    changed = simulated_panel(more, weeks=1).values.mean(axis=(0, 1))
    call, sms, data = changed / plain.values.mean(axis=(0, 1))
    assert 1.1 < data < 1.6
    assert call == pytest.approx(2 * data, rel=0.1)
    assert sms == pytest.approx(data / 2, rel=0.1)


def test_a_fault_corrupts_the_same_traffic(plain):
    wrong = simulated_panel(replace(PLAIN, fault="backwards"), weeks=1)
    assert np.array_equal(wrong.values, plain.values[:, ::-1])


def test_windows_are_balanced_and_hold_their_configuration(plain):
    configurations = draw_configurations(5, 2)
    steps = []
    windows = simulated_windows(
        configurations,
        WindowSpec(12, 6),
        ("data",),
        count=90,
        names=("internet",),
        progress=lambda *entry: steps.append(entry),
    )
    assert windows.tasks == ("internet",)
    assert np.array_equal(np.bincount(windows.config), [45, 45])
    assert np.array_equal(windows.config, windows.panel)
    assert [share for _, share in steps] == [0, 0.5]
    assert len(windows.panels[0].ids) == len(plain.ids)


def test_carrier_and_tilt_are_set_in_the_radio_model():
    radio = radio_of(replace(PLAIN, carrier_ghz=3.5, tilt_deg=9.0))
    assert radio.capacity.carrier_ghz == 3.5
    assert radio.coverage.carrier_ghz < 3.5
    assert radio.capacity.antenna.tilt_deg == radio.coverage.antenna.tilt_deg == 9.0


def test_unknown_services_and_missing_ray_tracing_are_errors(monkeypatch):
    with pytest.raises(BadInput, match="no service 'fax'"):
        simulated_panel(PLAIN, ("fax",))

    def fail():
        raise TracingFailed("No rays here.")

    monkeypatch.setattr(simulated, "require_tracer", fail)
    with pytest.raises(TracingFailed, match=r"No rays here\."):
        simulated_panel(PLAIN, traced=True)


def test_ray_tracing_uses_the_buildings_of_the_city(plain, monkeypatch):
    traced = []

    def tracer(buildings, _sites, _pixels, radio, materials, **_):
        traced.append((len(buildings), radio, materials))
        return lambda server, _pixel: np.where(server % 2 == 0, 60.0, 120.0)

    monkeypatch.setattr(simulated, "require_tracer", lambda: None)
    monkeypatch.setattr(raytraced, "BuildingTracer", tracer)
    rays = simulated_panel(PLAIN, weeks=1, traced=True)
    buildings, radio, materials = traced[0]
    drawn = raytraced.draw_traced_radio(PLAIN.town)
    assert buildings > 100
    assert radio.coverage.power_dbm == drawn.coverage_dbm
    assert radio.capacity.carrier_ghz == PLAIN.carrier_ghz
    assert (materials.wall, materials.ground) == (drawn.wall, drawn.ground)
    assert not np.array_equal(rays.values, plain.values)
