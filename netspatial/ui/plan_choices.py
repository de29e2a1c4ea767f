"""What a planner may set: how finely to generate, and how to rank what was generated.

Settings of the first kind take effect with the next run; those of the second at once. All of them
stand in the address of the page, unless they are those of the run that is shown.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from netspatial.feasibility import MASKS
from netspatial.plan.settings import PlanSettings
from netspatial.plan.siting import RULES
from netspatial.plan.utilities import UTILITIES
from netspatial.runs.request import PlanRequest
from netspatial.ui import address
from netspatial.ui.wording import capitalised

RULE_NAMES = {
    "top-k": "Best by utility",
    "exclusion": "Best, kept apart",
    "greedy": "Most coverage, step by step",
    "max-coverage": "Most coverage, exact",
    "p-median": "Nearest to all demand, exact",
}
MASK_NAMES = {
    "water": "Not in water",
    "protected": "Not in parks",
    "near_station": "Not near a station",
    "edge": "Not on the border",
}
FLOORS = {"auto": "Automatic", "none": "No floor", "own": "My own"}
TRUST = {"mean": "Mean of all futures", "0.25": "Cautious (P25)", "0.1": "Very cautious (P10)"}


KEYS = (
    "utility", "k", "apart", "rule", "guard", "floor", "trust",
    "cell_m", "samples", "masks", "from_stations", "seed",
)  # fmt: skip
"""Names of all settings, in the session and in the address."""


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
    return Choices(_making(base), settings)


def forget() -> None:
    """Drop what was set, so that the next run's own settings are the ones that show."""
    for name in KEYS:
        st.session_state.pop(name, None)


def changed(making: dict[str, Any], shown: PlanRequest) -> list[str]:
    """Say which settings of generation differ from those of the shown run."""
    words = {
        "cell_m": "cell size",
        "samples": "futures",
        "seed": "seed",
        "masks": "where a station may stand",
        "station_distance_m": "distance to stations",
    }
    return [said for name, said in words.items() if making[name] != getattr(shown, name)]


def _ranking(base: PlanSettings, unit: str) -> PlanSettings:
    titles = {name: capitalised(known.title) for name, known in UTILITIES.items()}
    utility = address.pick("What makes a cell good", "utility", titles, base.utility)
    if utility in UTILITIES:
        st.caption(capitalised(UTILITIES[utility].meaning))
    left, right = st.columns(2)
    k = _number(left, "Sites", "k", base.k, 1, 200)
    apart = _number(
        right, "Apart, m", "apart", int(base.exclusion_m), 0, 5000, 50,
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
    return PlanSettings.read(
        {
            **base.model_dump(),
            "utility": utility,
            "k": k,
            "exclusion_m": float(apart),
            "rule": rule,
            "floor": floor,
            "risk": "mean" if trust == "mean" else float(trust),
        }
    )


def _floor(base: PlanSettings, unit: str) -> float | None:
    kind = "auto" if base.floor is None else "none" if base.floor == 0 else "own"
    picked = address.pick(
        "Floor on demand",
        "guard",
        FLOORS,
        kind,
        "Steadiness alone would choose dead cells. Automatic: the median of the feasible "
        "cells, where the utility rewards small traffic. No floor is Eq. 6 as it was published.",
    )
    if picked == "own":
        return float(
            st.number_input(
                f"At least, {unit}",
                0.0,
                value=float(base.floor or 1.0),
                key="floor",
                bind="query-params",
            )
        )
    return None if picked == "auto" else 0.0


def _making(base: PlanRequest) -> dict[str, Any]:
    left, right = st.columns(2)
    cell_m = _number(left, "Cell, m", "cell_m", int(base.cell_m), 25, 1000, 25)
    samples = _number(
        right, "Futures", "samples", base.samples, 1, 64, 1,
        "How many possible months are generated for each cell.",
    )  # fmt: skip
    names = {name: MASK_NAMES.get(name, name) for name in MASKS}
    masks = address.pick_some("Where a station may stand", "masks", names, base.masks)
    left, right = st.columns(2)
    distance = _number(
        left, "From stations, m", "from_stations", int(base.station_distance_m), 0, 2000, 50,
        "Least distance of a new site to an existing station.",
    )  # fmt: skip
    seed = _number(
        right, "Seed", "seed", base.seed, 0, 2**31 - 1, 1,
        "The same seed and settings give the same bytes.",
    )  # fmt: skip
    return {
        "cell_m": float(cell_m),
        "samples": samples,
        "masks": masks,
        "station_distance_m": float(distance),
        "seed": seed,
    }


def _number(
    place: DeltaGenerator,
    label: str,
    name: str,
    value: int,
    least: int,
    most: int,
    step: int = 1,
    hint: str | None = None,
) -> int:
    """Let the user set a number; a run that was asked for elsewhere may lie beyond the limits."""
    number = place.number_input(
        label, min(least, value), max(most, value), value, step, key=name, bind="query-params",
        help=hint,
    )  # fmt: skip
    return int(number)
