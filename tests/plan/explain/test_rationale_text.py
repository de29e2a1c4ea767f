"""The rationale agrees with the facts, with numbers rounded to significant digits."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.plan import PlanSettings, Surroundings, make_plan
from netspatial.plan.explain.rationale_text import listed, metres, number, rationale
from netspatial.plan.explain.site_facts import NearbyStations, Rhythm, SiteFacts, Spread, rhythm
from netspatial.plan.level_range import MeasuredSupport
from tests.plan.made_up import (
    ensemble,
    made_up_cells,
    made_up_pois,
    made_up_stations,
    made_up_traffic,
)

FACTS = SiteFacts(
    cell_id="32632-100-5143-50321",
    rank=1,
    of=10,
    provenance="generated",
    utility="Load Stability Index",
    utility_unit="1/(GB/h)",
    value=Spread(0.26412, 0.1731, 0.3744),
    demand=Spread(18.317, 12.04, 25.6),
    demand_unit="GB/h",
    beats=0.874,
    rhythm=Rhythm(19, 0.8),
    stations=NearbyStations("BS00012", 423.7, 35.24, "measured", 3),
    pois=(("shops", 12), ("places to eat", 9), ("bar", 1)),
    poi_count=41,
    selected_in=14,
    samples=16,
    challenger="32632-100-5150-50300",
    margin=0.0712,
    measured_by="Load Stability Index",
    floor=7.76,
    required=False,
)


def test_the_whole_paragraph():
    assert rationale(FACTS) == (
        "First choice: a station here is expected to carry 18.3 GB/h on average (generated, 80 % "
        "range 12 to 25.6), more than 87 % of the feasible cells; its Load Stability Index is "
        "0.264 1/(GB/h) (80 % range 0.173 to 0.374). Traffic peaks in the evening, at 19:00, and "
        "weekends carry 20 % less. 41 places are mapped within 300 m, mainly 12 shops, 9 places to "
        "eat and 1 bar. The nearest station, BS00012, is 420 m away and carries 35.2 GB/h on "
        "average (measured); 3 stations within 1 km. Selected in 14 of 16 samples: a robust "
        "choice. Its lead is fair: if its Load Stability Index were lower by 7 %, cell "
        "32632-100-5150-50300 would take its place. A minimum demand above 18.3 GB/h would exclude "
        "it."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rank": 23}, "Number 23 of 10"),
        ({"pois": None}, "Load Stability"),
        ({"poi_count": 0, "pois": ()}, "No point of interest is mapped within 300 m."),
        ({"poi_count": 1, "pois": ()}, "1 place is mapped within 300 m."),
        ({"stations": None}, "There are no data on existing stations"),
        ({"stations": NearbyStations()}, "There are no existing stations."),
        ({"stations": NearbyStations("b", 2345.0)}, "The nearest station, b, is 2.3 km away."),
        ({"stations": NearbyStations("b", 400.0, within=1)}, "400 m away; 1 station within 1 km."),
        ({"selected_in": 3}, "in 3 of 16 samples: several cells are about equally good."),
        ({"challenger": "", "margin": math.nan}, "No other candidate could take its place."),
        ({"margin": -0.01}, "Cell 32632-100-5150-50300 would be equally good in its place."),
        (
            {"margin": 0.004},
            "Its lead is narrow: if its Load Stability Index were lower by less than",
        ),
        ({"margin": 0.4}, "Its lead is clear"),
        ({"rhythm": Rhythm(3, math.nan)}, "Traffic peaks at night, at 3:00."),
        ({"rhythm": Rhythm(13, 1.02)}, "around midday, at 13:00, and weekends carry about as much"),
        (
            {"rhythm": Rhythm(22, 1.3)},
            "late in the evening, at 22:00, and weekends carry 30 % more",
        ),
        ({"required": True}, "Required site: a station here"),
        ({"beats": 0.0}, "less than every other feasible cell;"),
        ({"beats": 0.004}, "among the lowest 1 % of the feasible cells;"),
        ({"provenance": "simulated"}, "on average (simulated, 80 % range"),
        (
            {"measured": MeasuredSupport((("BS00211", 423.0, 0.4),), 423.0, 40.0, 60.0, -20.0)},
            "Its mean load is estimated like BS00211, 420 m away. Selected in",
        ),
        (
            {
                "measured": MeasuredSupport(
                    (("BS1", 90.0, 0.4), ("BS2", 1200.0, 0.2)), 90.0, 40.0, 60.0, -20.0
                )
            },
            "estimated like BS1, 90 m away and like BS2, 1.2 km away.",
        ),
        (
            {"measured": MeasuredSupport((), 2340.0, 62.0, 64.0, 35.0)},
            "2.3 km away: the 80 % range of its mean load is ± 62 %, 35 % wider than in the median",
        ),
        (
            {"measured": MeasuredSupport((), 2340.0, 62.0, 64.0, 1.0)},
            "the 80 % range of its mean load is ± 62 %. Selected in",
        ),
    ],
)
def test_every_fact_is_worded(changed, said):
    assert said in rationale(replace(FACTS, **changed))


def test_a_cell_near_stations_that_carry_no_weight_has_no_sentence_on_them():
    near = replace(FACTS, measured=MeasuredSupport((), 300.0, 62.0, 64.0, 35.0))
    assert rationale(near) == rationale(FACTS)


def test_a_single_sample_has_no_range():
    text = rationale(replace(FACTS, samples=1, selected_in=1))
    assert "range" not in text
    assert "samples" not in text


@given(st.floats(1e-4, 1e9), st.sampled_from([-1, 1]))
def test_a_number_keeps_three_digits(size, sign):
    shown = number(sign * size)
    assert float(shown.replace(",", "")) == pytest.approx(sign * size, rel=0.005)
    assert len(re.sub(r"[^1-9]", "", shown.lstrip("-0."))) <= 3 or size >= 1000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (math.nan, "unknown"),
        (18.317, "18.3"),
        (120.0, "120"),
        (1234.5, "1,234"),
        (999.96, "1,000"),
        (2e-9, "2e-09"),
        (0.000123, "0.000123"),
    ],
)
def test_number_format(value, shown):
    assert number(value) == shown


def test_format_of_distances_and_lists():
    assert [metres(m) for m in (2, 7, 423, 996, 1250)] == [
        "a few metres",
        "10 m",
        "420 m",
        "1000 m",
        "1.2 km",
    ]
    assert [listed(list(items)) for items in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]


def test_the_rhythm_of_a_local_week():
    week = np.ones(168, dtype=np.float32)
    week[19::24] = 3.0
    week[5 * 24 :] *= 0.5
    assert rhythm(week) == Rhythm(19, pytest.approx(0.5))
    monday = np.where(np.arange(168) < 24, week, np.nan).astype(np.float32)
    assert rhythm(monday).peak_hour == 19
    assert math.isnan(rhythm(monday).weekend)


def test_facts_come_from_the_places_around():
    cells = made_up_cells(12, 12)
    level = np.ones(144)
    level[66] = 50.0
    traffic = ensemble(np.broadcast_to(level[:, None, None], (144, 3, 168)), cells)
    x, y = cells[["x", "y"]].iloc[66] - cells[["x", "y"]].iloc[0] + 50
    around = Surroundings(
        stations=made_up_stations((x + 400, y), (x - 500, y), (x + 5000, y)),
        station_load=None,
        pois=made_up_pois((x, y + 299), (x - 100, y), (x, y + 301)),
    )
    plan = make_plan(cells, traffic, PlanSettings(utility="demand", sites=1), around)
    facts = plan.facts[0]
    assert facts.cell_id == cells["cell_id"].iloc[66]
    assert (facts.poi_count, facts.pois) == (2, (("places to eat", 2),))
    assert facts.stations is not None
    assert (facts.stations.nearest, facts.stations.within) == ("BS0", 2)
    assert facts.stations.nearest_m == pytest.approx(400)
    assert facts.beats == pytest.approx(143 / 144)
    assert (facts.selected_in, facts.samples) == (3, 3)
    assert facts.margin == pytest.approx(1 - 1 / 50)


def test_the_same_plan_gives_the_same_rationale():
    cells = made_up_cells()
    plans = [make_plan(cells, made_up_traffic(cells), PlanSettings(sites=3)) for _ in range(2)]
    assert list(plans[0].sites["rationale"]) == list(plans[1].sites["rationale"])
    assert set(plans[0].sites["worded_by"]) == {"rules"}
