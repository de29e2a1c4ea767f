"""Power models against their published numbers, boundary rows named."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.operate.power import POWER, drawn_w, power_model, read_power
from netspatial.operate.power.tr38864 import tr38864


@pytest.mark.parametrize(
    ("name", "asleep", "idle", "full"),
    [
        ("earth-macro", 450.0, 780.0, 1344.0),
        ("earth-rrh", 336.0, 504.0, 840.0),
        ("earth-micro", 78.0, 112.0, 144.76),
        ("earth-pico", 8.6, 13.6, 14.64),
        ("earth-femto", 5.8, 9.6, 10.4),
    ],
)
def test_earth_draws_its_published_watts(
    name: str, asleep: float, idle: float, full: float
) -> None:
    model = power_model(name)
    assert drawn_w(model, 0.0, True) == pytest.approx(asleep)  # asleep
    assert drawn_w(model, 0.0, False) == pytest.approx(idle)  # no load
    assert drawn_w(model, 1.0, False) == pytest.approx(full)  # full load
    assert drawn_w(model, 0.5, False) == pytest.approx((idle + full) / 2)


@pytest.mark.parametrize(
    ("reference_set", "category", "idle", "full"),
    [
        (1, 1, 55, 55 + 0.75 * 225 + 0.25 * 55),
        (2, 1, 50, 200),  # FDD: active downlink all the time
        (3, 1, 38, 38 + 0.75 * 114 + 0.25 * 42),
        (1, 2, 5.5, 5.5 + 0.75 * 26.5 + 0.25 * 1.0),
        (2, 2, 5.0, 26),
        (3, 2, 3.0, 3.0 + 0.75 * 14.6 + 0.25 * 1.2),
    ],
)
def test_tr38864_keeps_the_reports_ratios_to_deep_sleep(
    reference_set: int, category: int, idle: float, full: float
) -> None:
    deep = tr38864(reference_set, category)
    light = tr38864(reference_set, category, "light")
    unit = deep.sleep_w  # asleep: deep sleep is the report's unit
    assert deep.idle_w / unit == pytest.approx(idle)  # no load: micro sleep
    assert deep.full_w / unit == pytest.approx(full)  # full load
    assert light.sleep_w / unit == pytest.approx(25 if category == 1 else 2.1)


@pytest.mark.parametrize(("category", "micro", "downlink"), [(1, 50, 200), (2, 5.0, 26)])
def test_fdd_sends_and_receives_at_once(category: int, micro: float, downlink: float) -> None:
    # at half load, set 2 transmits half of the time and micro-sleeps otherwise: no uplink slots
    model = tr38864(2, category, full_w=1000)
    expected = 1000 * (0.5 * downlink + 0.5 * micro) / downlink
    assert drawn_w(model, 0.5, False) == pytest.approx(expected)
    assert model.full_w == pytest.approx(1000)


def test_full_power_of_tr38864_scales_everything() -> None:
    small, large = tr38864(1, 1, full_w=500), tr38864(1, 1, full_w=1500)
    assert np.allclose(3 * np.array(small.watts), large.watts)
    assert 3 * small.sleep_w == pytest.approx(large.sleep_w)
    assert 3 * small.wake_kwh == pytest.approx(large.wake_kwh)


def test_a_restart_costs_five_minutes_at_full_power() -> None:
    assert power_model("earth-macro").wake_kwh == pytest.approx(1.344 * 5 / 60)
    # deep sleep of category 2 adds its transition: 17,000 relative ms of 1000/32 W each
    assert tr38864(1, 2, restart_min=0).wake_kwh == pytest.approx(17_000 / 3.6e6 / 32)


@pytest.mark.parametrize("name", POWER)
def test_every_model_saves_asleep_and_never_falls_with_load(name: str) -> None:
    model = power_model(name)
    assert model.name == name
    assert model.sleep_w < model.idle_w < model.full_w
    assert (np.diff(drawn_w(model, np.linspace(0, 1, 20), False)) > 0).all()


def test_a_users_table_is_interpolated(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("load,watts\nasleep,100\n0,300\n0.5,500\n1,600\nrestart,0.05\n")
    model = read_power(table)
    assert drawn_w(model, [0, 0.25, 0.5, 0.75, 1], False).tolist() == [300, 400, 500, 550, 600]
    assert drawn_w(model, 0.4, True) == 100
    assert model.wake_kwh == 0.05


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("0,300\n1,600", "'asleep'"),
        ("asleep,400\n0,300\n1,600", "sleep power"),
        ("asleep,100\n0,300\n0.9,600", "from 0 to 1"),
        ("asleep,100\n0,300\n1,200", "must not fall"),
        ("asleep,100\n0,300\n1,many", "not a number"),
        ("asleep,100\n0,300\nfull,500", "not a number"),
    ],
)
def test_an_invalid_table_is_refused_with_a_reason(tmp_path: Path, rows: str, problem: str) -> None:
    table = tmp_path / "mine.csv"
    table.write_text(f"load,watts\n{rows}\n")
    with pytest.raises(BadInput, match=problem):
        read_power(table)


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(BadInput, match="earth-macro"):
        power_model("perpetual")
