"""What a planner may set: how to rank what was generated, and beside it how to generate.

Settings of the first kind take effect at once; those of the second, of `plan_making`, with the next
run. All of them stand in the address of the page, unless they are those of the run that is shown.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from netspatial.plain_text import in_markdown
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import RULES
from netspatial.plan.utilities import UTILITIES
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.ui.components import address
from netspatial.ui.plan import blend_weights, cell_overrides, generation
from netspatial.viz.wording import capitalised

RULE_NAMES = {
    "top-k": "Best by utility",
    "exclusion": "Best, kept apart",
    "greedy": "Most coverage, step by step",
    "max-coverage": "Most coverage, exact",
    "p-median": "Nearest to all demand, exact",
}
FLOORS = {"auto": "Automatic", "none": "No floor", "own": "My own"}
TRUST = {"mean": "Mean of all futures", "0.25": "Cautious (P25)", "0.1": "Very cautious (P10)"}
BLEND = "blend"

KEYS = ("utility", "k", "apart", "rule", "demand_floor", "min_demand", "trust")
"""Names of the settings of the ranking, in the session and in the address."""


@dataclass(frozen=True)
class Choices:
    """What is set: how to generate, and how to rank.

    making : the fields of `PlanRequest` that take effect with the next run
    """

    making: dict[str, Any]
    settings: PlanSettings


def chosen(shown: PlanRequest | None, unit: str) -> Choices:
    """Draw the settings; those of the shown run are the defaults.

    unit : of the traffic, for the floor
    """
    base = shown or PlanRequest(city="", area={}, samples=8)
    st.subheader("Ranking", anchor=False, help="Takes effect at once: nothing is generated again.")
    settings = _ranking(base.settings, unit)
    st.subheader("Generation", anchor=False, help="Takes effect with the next run.")
    return Choices(generation.making(base), settings)


def forget() -> None:
    """Drop what was set, so that the next run's own settings are the ones that show."""
    for name in (*KEYS, *generation.KEYS):
        st.session_state.pop(name, None)
    blend_weights.forget()
    cell_overrides.forget()


def _ranking(base: PlanSettings, unit: str) -> PlanSettings:
    titles = {name: capitalised(known.title) for name, known in UTILITIES.items()}
    titles[BLEND] = "A blend of these"
    utility = address.pick("What makes a cell good", "utility", titles, base.utility)
    mixed = blend_weights.weights(base.weights) if utility == BLEND else base.weights
    if utility in UTILITIES:
        st.caption(capitalised(UTILITIES[utility].meaning))
    left, right = st.columns(2)
    k = address.number(left, "Sites", "k", base.k, 1, 200)
    apart = address.number(
        right, "Apart, m", "apart", int(base.spacing_m), 0, 5000, 50,
        "Least distance between two chosen sites, for the rule that keeps them apart.",
    )  # fmt: skip
    rules = {name: RULE_NAMES.get(name, name) for name in RULES}
    rule = address.pick("How sites are picked", "rule", rules, base.rule)
    floor = _floor(base, unit)
    trust = address.pick(
        "Which futures count",
        "trust",
        TRUST,
        str(base.risk),
        "Rank by the mean over all futures, or by what a cell gives even in bad ones.",
    )
    lists = cell_overrides.listed(base)
    with st.expander("Cells of your own choice", expanded=any(lists.values())):
        cell_overrides.draw(lists)
    return PlanSettings.read(
        {
            **base.model_dump(),
            "utility": utility,
            "weights": mixed,
            "k": k,
            "spacing_m": float(apart),
            "rule": rule,
            "min_demand": floor,
            "risk": "mean" if trust == "mean" else float(trust),
            **lists,
        }
    )


def _floor(base: PlanSettings, unit: str) -> float | None:
    kind = "auto" if base.floor is None else "none" if base.floor == 0 else "own"
    picked = address.pick(
        "Floor on demand",
        "demand_floor",
        FLOORS,
        kind,
        "Steadiness alone would choose dead cells. Automatic: the median of the feasible "
        "cells, where the utility rewards small traffic. No floor is Eq. 6 as it was published.",
    )
    if picked == "own":
        return float(
            st.number_input(
                f"At least, {in_markdown(unit)}",
                0.0,
                value=float(base.floor or 1.0),
                key="min_demand",
                bind="query-params",
            )
        )
    return None if picked == "auto" else 0.0
