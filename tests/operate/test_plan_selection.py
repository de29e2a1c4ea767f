"""Best combination of several plans, each dispatched once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate import plan_selection
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import EvaluatedPlan, combine_plans, evaluate_plan
from netspatial.operate.policies.greedy import greedy_sleep
from netspatial.operate.policies.milp import best_sleep
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic

NOTHING = Dispatch(*np.zeros((4, 1, 4)))


def test_the_combination_of_plans_pays_for_activations() -> None:
    first = EvaluatedPlan(np.array([[True, True, False, False]]), NOTHING, np.array([1.0, 1, 3, 3]))
    second = EvaluatedPlan(
        np.array([[False, False, True, True]]), NOTHING, np.array([3.0, 3, 1, 1])
    )
    awake = EvaluatedPlan(np.zeros((1, 4), dtype=bool), NOTHING, np.full(4, 2.0))
    dearer = EvaluatedPlan(second.asleep, NOTHING, second.kwh + 1)
    before = np.array([False])
    assert combine_plans([first, second], np.array([0.1]), before).asleep.all()
    assert not combine_plans([first, awake], np.array([9.0]), before).asleep.any()
    assert combine_plans([first, dearer], np.array([0.1]), before, least_h=2) is first


@given(st.integers(0, 10_000), st.floats(0.05, 0.8))
@settings(max_examples=20)
def test_a_combined_plan_keeps_the_dispatch_of_each_hour(seed: int, level: float) -> None:
    network = drawn_network(seed)
    demand = drawn_traffic(network, seed, 6, level)
    rng = stream(seed, "plans")
    plans = [
        evaluate_plan(
            network, demand, network.may_sleep[:, None] & (rng.random(demand.shape) < part)
        )
        for part in (0.0, 0.3, 0.7)
    ]
    best = combine_plans(plans, network.wake_kwh, np.zeros(network.size, dtype=bool))
    again = dispatch(network, demand, best.asleep)
    for name in ("load", "served", "unserved"):
        assert np.allclose(getattr(best.result, name), getattr(again, name))
    assert np.allclose(best.kwh, evaluate_plan(network, demand, best.asleep).kwh)


@pytest.mark.parametrize(
    ("decide", "plans"),
    [(greedy_sleep, 4), (best_sleep, 7)],  # three greedy ones and all awake; three of the program
)
def test_a_plan_is_dispatched_once(decide, plans, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def counted(network: Network, demand: np.ndarray, asleep: np.ndarray) -> Dispatch:
        seen.append(asleep.tobytes())
        return dispatch(network, demand, asleep)

    monkeypatch.setattr(plan_selection, "dispatch", counted)
    network = drawn_network(7)
    demand = drawn_traffic(network, 7, 24, 0.4)
    decide(network, demand, np.zeros(network.size, dtype=bool))
    assert seen.count(np.zeros(demand.shape, dtype=bool).tobytes()) == 1
    assert len(seen) <= plans
