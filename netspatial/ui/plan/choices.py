"""Settings of a plan: how to rank the cells, and how to generate their traffic.

Ranking takes effect at once; `generation` with the next run. Settings that differ from those of the
run that is shown are kept in the page's address.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from netspatial.plain_text import in_markdown
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import METHODS
from netspatial.plan.utilities import UTILITIES
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.ui.components import address
from netspatial.ui.plan import blend_weights, cell_overrides, generation
from netspatial.viz.wording import capitalised

METHOD_NAMES = {
    "top-k": "Best by utility",
    "exclusion": "Best, with minimum spacing",
    "greedy": "Maximum coverage (greedy)",
    "max-coverage": "Maximum coverage (exact)",
    "p-median": "Shortest distance to demand (exact)",
}
MIN_DEMANDS = {"auto": "Automatic", "none": "None", "own": "Custom"}
RISKS = {"mean": "Mean of all samples", "0.25": "Cautious (P25)", "0.1": "Very cautious (P10)"}
BLEND = "blend"

KEYS = ("utility", "sites", "apart", "method", "demand_floor", "min_demand", "trust")
"""Names of the ranking settings in the session and in the address."""


@dataclass(frozen=True)
class Choices:
    """The settings that the user made.

    making : the fields of `PlanRequest` that take effect with the next run
    """

    making: dict[str, Any]
    settings: PlanSettings


def chosen(shown: PlanRequest | None, unit: str) -> Choices:
    """Return the settings that the user makes; those of the shown run are the defaults.

    unit : of the traffic, for the minimum demand
    """
    base = shown or PlanRequest(city="", area={}, samples=8)
    st.subheader("Ranking", anchor=False, help="Takes effect at once; nothing is generated again.")
    settings = _ranking(base.settings, unit)
    st.subheader("Generation", anchor=False, help="Takes effect with the next run.")
    return Choices(generation.making(base), settings)


def forget() -> None:
    """Reset all settings to those of the next shown run."""
    for name in (*KEYS, *generation.KEYS):
        st.session_state.pop(name, None)
    blend_weights.forget()
    cell_overrides.forget()


def _ranking(base: PlanSettings, unit: str) -> PlanSettings:
    titles = {name: capitalised(known.title) for name, known in UTILITIES.items()}
    titles[BLEND] = "Weighted blend"
    utility = address.pick("Utility", "utility", titles, base.utility)
    mixed = blend_weights.weights(base.weights) if utility == BLEND else base.weights
    if utility in UTILITIES:
        st.caption(capitalised(UTILITIES[utility].meaning))
    left, right = st.columns(2, vertical_alignment="bottom")
    k = address.number(left, "Sites", "sites", base.sites, 1, 200)
    apart = address.number(
        right,
        "Minimum spacing, m",
        "apart",
        int(base.spacing_m),
        0,
        5000,
        50,
        f"Minimum distance between two sites, for the method “{METHOD_NAMES['exclusion']}”.",
    )
    methods = {name: METHOD_NAMES.get(name, name) for name in METHODS}
    method = address.pick("Selection method", "method", methods, base.method)
    floor = _floor(base, unit)
    risk = address.pick(
        "Risk",
        "trust",
        RISKS,
        str(base.risk),
        "Rank cells by the mean of their utility over all samples, or by a low quantile of it.",
    )
    lists = cell_overrides.listed(base)
    with st.expander("Required and excluded cells", expanded=any(lists.values())):
        cell_overrides.draw(lists)
    return PlanSettings.read(
        {
            **base.model_dump(),
            "utility": utility,
            "weights": mixed,
            "sites": k,
            "spacing_m": float(apart),
            "method": method,
            "min_demand": floor,
            "risk": "mean" if risk == "mean" else float(risk),
            **lists,
        }
    )


def _floor(base: PlanSettings, unit: str) -> float | None:
    kind = "auto" if base.min_demand is None else "none" if base.min_demand == 0 else "own"
    picked = address.pick(
        "Minimum demand",
        "demand_floor",
        MIN_DEMANDS,
        kind,
        "Stability alone selects cells with little traffic. Automatic: the median of the feasible "
        "cells for utilities that favour little traffic, else none. None: Eq. 6 as published.",
    )
    if picked == "own":
        return float(
            st.number_input(
                f"Minimum demand, {in_markdown(unit)}",
                0.0,
                value=float(base.min_demand or 1.0),
                key="min_demand",
                bind="query-params",
            )
        )
    return None if picked == "auto" else 0.0
