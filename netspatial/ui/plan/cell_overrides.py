"""Cells that a planner wants in any case, or never: two lists that stand in the address.

A cell is put on a list beside its charts and taken off there or in the side bar, and takes effect
at once.
"""

import streamlit as st

from netspatial.plan.settings import PlanSettings
from netspatial.ui.components import address
from netspatial.viz.plan_map import short_id

LISTS = {"must": "Must have", "forbidden": "Ruled out"}
"""Fields of the settings, also their names in the address, and what they are called."""
NOBODY = "none"

Lists = dict[str, tuple[str, ...]]


def listed(base: PlanSettings) -> Lists:
    """Return both lists: the address's, else those of the shown run."""
    found = {}
    for name in LISTS:
        text = st.query_params.get(name)
        found[name] = getattr(base, name) if text is None else _read(text)
        address.tell(name, _written(found[name]), _written(getattr(base, name)))
    return found


def draw(lists: Lists) -> None:
    """Show both lists; a press on a cell takes it off."""
    for name, title in LISTS.items():
        if lists[name]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(title, width="content")
                for cell in lists[name]:
                    st.button(
                        short_id(cell), key=f"off-{cell}", icon=":material/close:",
                        on_click=put, args=(cell, None, lists), help="Take it off the list.",
                    )  # fmt: skip
    if not any(lists.values()):
        st.caption(
            "Cells that are chosen in any case, or never: click one on the map, and say so beside "
            "its charts."
        )


def buttons(cell: str, settings: PlanSettings, *, feasible: bool) -> None:
    """Let the user put a cell on a list, or take it off."""
    lists = {name: tuple(getattr(settings, name)) for name in LISTS}
    on = next((name for name in LISTS if cell in lists[name]), None)
    offered = {
        "must": ("Must have", ":material/add_task:", "It is chosen in any case."),
        "forbidden": ("Rule out", ":material/block:", "It is never chosen."),
    }
    with st.container(horizontal=True, gap="small"):
        if on is not None:
            st.button(
                f"{LISTS[on]}: take it off the list", key="cell-off", icon=":material/close:",
                on_click=put, args=(cell, None, lists),
            )  # fmt: skip
            return
        for name, (title, icon, hint) in offered.items() if feasible else ():
            st.button(
                title, key=f"cell-{name}", icon=icon, help=hint, on_click=put,
                args=(cell, name, lists),
            )  # fmt: skip


def put(cell: str, onto: str | None, lists: Lists) -> None:
    """Put a cell onto a list, or off both."""
    for name in LISTS:
        kept = tuple(one for one in lists[name] if one != cell)
        st.query_params[name] = _written((*kept, cell) if name == onto else kept)


def forget() -> None:
    """Take both lists out of the address: another run has other cells."""
    for name in LISTS:
        st.query_params.pop(name, None)


def _written(cells: tuple[str, ...]) -> str:
    return ",".join(cells) or NOBODY


def _read(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if name and name != NOBODY))
