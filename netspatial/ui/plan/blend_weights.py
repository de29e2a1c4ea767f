"""The weights of a blended utility, in the page's address as `blend=lsi:2,demand:1`."""

from collections.abc import Mapping

import streamlit as st

from netspatial.plan.utilities import UTILITIES
from netspatial.ui.components import address
from netspatial.viz.wording import capitalised

NAME = "blend"
FIRST = {"demand": 1.0, "lsi": 1.0}
"""Default weights."""
HEAVIEST = 10.0


def weights(base: Mapping[str, float]) -> dict[str, float]:
    """Return the weights that the user sets; those of the shown run are the defaults."""
    usual = {name: weight for name, weight in base.items() if name in UTILITIES} or FIRST
    initial = _read(st.query_params.get(NAME)) or usual
    mixed = st.pills(
        "Utilities in the blend",
        list(UTILITIES),
        format_func=lambda name: capitalised(UTILITIES[name].title),
        selection_mode="multi",
        default=list(initial),
        key="blend-of",
        help="In each utility a cell's score is the share of cells that it outranks.",
    )
    found = {}
    columns = st.columns(2, vertical_alignment="bottom")
    for number, name in enumerate(name for name in UTILITIES if name in mixed):
        found[name] = float(
            columns[number % 2].number_input(
                capitalised(UTILITIES[name].title),
                0.0,
                max(HEAVIEST, initial.get(name, 1.0)),
                initial.get(name, 1.0),
                0.5,
                key=f"blend-{name}",
            )
        )
    address.write(NAME, _written(found), _written(usual))
    return found


def forget() -> None:
    """Reset the weights."""
    for key in ("blend-of", *(f"blend-{name}" for name in UTILITIES)):
        st.session_state.pop(key, None)


def _written(mixed: Mapping[str, float]) -> str:
    return ",".join(f"{name}:{mixed[name]:g}" for name in UTILITIES if name in mixed)


def _read(text: str | None) -> dict[str, float]:
    """Return the weights in the address; invalid entries are ignored."""
    found = {}
    for pair in (text or "").split(","):
        name, _, weight = pair.partition(":")
        if name in UTILITIES and weight.replace(".", "", 1).isdigit():
            found[name] = float(weight)
    return found
