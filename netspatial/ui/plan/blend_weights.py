"""The weights of a blended utility: which answers to "what makes a cell good" count, and how much.

Under the choice of the utility; they stand in the address as `blend=lsi:2,demand:1`.
"""

from collections.abc import Mapping

import streamlit as st

from netspatial.plan.utilities import UTILITIES
from netspatial.ui.components import address
from netspatial.viz.wording import capitalised

NAME = "blend"
FIRST = {"demand": 1.0, "lsi": 1.0}
"""What is mixed until somebody says otherwise."""
HEAVIEST = 10.0


def weights(base: Mapping[str, float]) -> dict[str, float]:
    """Let the user choose utilities and their weights; those of the shown run are the defaults."""
    usual = {name: weight for name, weight in base.items() if name in UTILITIES} or FIRST
    asked = _read(st.query_params.get(NAME)) or usual
    mixed = st.pills(
        "What is mixed",
        list(UTILITIES),
        format_func=lambda name: capitalised(UTILITIES[name].title),
        selection_mode="multi",
        default=list(asked),
        key="blend-of",
        help="Every cell is scored by the share of cells that it beats in each of these.",
    )
    found = {}
    columns = st.columns(2, vertical_alignment="bottom")
    for number, name in enumerate(name for name in UTILITIES if name in mixed):
        found[name] = float(
            columns[number % 2].number_input(
                capitalised(UTILITIES[name].title), 0.0, max(HEAVIEST, asked.get(name, 1.0)),
                asked.get(name, 1.0), 0.5, key=f"blend-{name}",
            )
        )  # fmt: skip
    address.tell(NAME, _written(found), _written(usual))
    return found


def forget() -> None:
    """Drop what was set."""
    for key in ("blend-of", *(f"blend-{name}" for name in UTILITIES)):
        st.session_state.pop(key, None)


def _written(mixed: Mapping[str, float]) -> str:
    return ",".join(f"{name}:{mixed[name]:g}" for name in UTILITIES if name in mixed)


def _read(text: str | None) -> dict[str, float]:
    """Read the weights of the address; what is no weight of a utility is left out."""
    found = {}
    for pair in (text or "").split(","):
        name, _, weight = pair.partition(":")
        if name in UTILITIES and weight.replace(".", "", 1).isdigit():
            found[name] = float(weight)
    return found
