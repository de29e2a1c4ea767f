"""Required and excluded cells: two lists that are kept in the page's address.

A cell is added beside its charts and removed there or in the side bar; the ranking follows at once.
"""

import streamlit as st

from netspatial.plan.settings import PlanSettings
from netspatial.ui.components import address
from netspatial.viz.plan_map import short_id

LISTS = {"required": "Required", "excluded": "Excluded"}
"""Fields of the settings, which are also their names in the address, and their titles."""
NOBODY = "none"

Lists = dict[str, tuple[str, ...]]


def listed(base: PlanSettings) -> Lists:
    """Return both lists from the address, else from the shown run."""
    found = {}
    for name in LISTS:
        text = st.query_params.get(name)
        found[name] = getattr(base, name) if text is None else _read(text)
        address.write(name, _written(found[name]), _written(getattr(base, name)))
    return found


def draw(lists: Lists) -> None:
    """Show both lists; a click on a cell removes it."""
    for name, title in LISTS.items():
        if lists[name]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(title, width="content")
                for cell in lists[name]:
                    st.button(
                        short_id(cell),
                        key=f"off-{cell}",
                        icon=":material/close:",
                        on_click=put,
                        args=(cell, None, lists),
                        help="Remove from the list.",
                    )
    if not any(lists.values()):
        st.caption(
            "Required cells are always selected, excluded cells never. Click a cell on the map "
            "and press Require or Exclude beside its charts."
        )


def buttons(cell: str, settings: PlanSettings, *, feasible: bool) -> None:
    """Let the user add a cell to a list, or remove it."""
    lists = {name: tuple(getattr(settings, name)) for name in LISTS}
    on = next((name for name in LISTS if cell in lists[name]), None)
    offered = {
        "required": ("Require", ":material/add_task:", "Always select this cell."),
        "excluded": ("Exclude", ":material/block:", "Never select this cell."),
    }
    with st.container(horizontal=True, gap="small"):
        if on is not None:
            st.button(
                f"{LISTS[on]}: remove from the list",
                key="cell-off",
                icon=":material/close:",
                on_click=put,
                args=(cell, None, lists),
            )
            return
        for name, (title, icon, hint) in offered.items() if feasible else ():
            st.button(
                title,
                key=f"cell-{name}",
                icon=icon,
                help=hint,
                on_click=put,
                args=(cell, name, lists),
            )


def put(cell: str, onto: str | None, lists: Lists) -> None:
    """Move a cell to a list, or remove it from both."""
    for name in LISTS:
        kept = tuple(one for one in lists[name] if one != cell)
        st.query_params[name] = _written((*kept, cell) if name == onto else kept)


def forget() -> None:
    """Remove both lists from the address, because another run has other cells."""
    for name in LISTS:
        st.query_params.pop(name, None)


def _written(cells: tuple[str, ...]) -> str:
    return ",".join(cells) or NOBODY


def _read(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if name and name != NOBODY))
