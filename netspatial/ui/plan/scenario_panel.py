"""Scenario editor of the plan page: changes are placed by a click on the map and listed.

The scenario as it is edited is the one of the next run; saving keeps it for other runs.
"""

from collections.abc import Callable
from typing import Any

import folium
import streamlit as st

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.scenario.changed_city import apply
from netspatial.scenario.contract import Spot
from netspatial.scenario.growth import MAX_FACTOR
from netspatial.scenario.place_kinds import PLACE_KINDS
from netspatial.scenario.places import MAX_COUNT, MAX_RADIUS_M
from netspatial.scenario.scenario import Scenario
from netspatial.ui.components import cache
from netspatial.ui.components.library import city_version
from netspatial.ui.components.scenarios import save_scenario, saved_scenarios

EDITED = "scenario-edited"
UNNAMED = "My scenario"
MARK = "#e4572e"

Fields = dict[str, Any]


def edited_scenario() -> Scenario:
    """Return the scenario as the user edited it; one without changes by default."""
    scenario: Scenario = st.session_state.get(EDITED, Scenario())
    return scenario


def is_edited(shown: Scenario) -> bool:
    """Return whether the user changed the scenario of the shown run."""
    return bool(st.session_state.get(EDITED, shown) != shown)


def forget_scenario() -> None:
    """Reset the editor to the scenario of the next shown run."""
    st.session_state.pop(EDITED, None)


def scenario_panel(city: City, shown: Scenario, district: dict[str, Any] | None) -> None:
    """Show the editor.

    shown    : scenario of the shown run, the first one to be edited
    district : GeoJSON of the selected area, which a growth factor applies to
    """
    st.session_state.setdefault(EDITED, shown)
    with st.expander(
        "Scenario", icon=":material/construction:", expanded=bool(edited_scenario().changes)
    ):
        _saved()
        _listed()
        _form(city, district)


def scenario_marks(scenario: Scenario) -> list[folium.Circle]:
    """Return a circle for each change at a place, of its size on the ground."""
    return [
        folium.Circle(
            (change.lat, change.lon), radius=change.extent_m, color=MARK, weight=2, fill=True
        )
        for change in scenario.changes
        if isinstance(change, Spot)
    ]


def _saved() -> None:
    known = saved_scenarios()
    st.selectbox(
        "Saved scenarios",
        list(known),
        index=None,
        key="scenario-saved",
        placeholder="Open a saved one" if known else "None is saved yet",
        disabled=not known,
        filter_mode=None,
        on_change=_open,
    )


def _open() -> None:
    name = st.session_state.get("scenario-saved")
    if name is not None:
        st.session_state[EDITED] = saved_scenarios()[name]
        st.session_state.pop("scenario-name", None)


def _listed() -> None:
    scenario = edited_scenario()
    if not scenario.changes:
        st.caption("No changes: the city is planned as it is.")
        return
    for number, change in enumerate(scenario.changes):
        said, off = st.columns([6, 1], vertical_alignment="center")
        said.caption(in_markdown(change.sentence))
        off.button(
            "",
            key=f"scenario-off-{number}",
            icon=":material/close:",
            on_click=_remove,
            args=(number,),
            help="Remove this change.",
        )
    st.text_input("Name", scenario.name, max_chars=80, key="scenario-name")
    save, clear = st.columns(2)
    save.button("Save", key="scenario-save", width="stretch", on_click=_save)
    clear.button("Clear", key="scenario-clear", width="stretch", on_click=_clear)


def _form(city: City, district: dict[str, Any] | None) -> None:
    kind = st.selectbox(
        "Add a change",
        list(FORMS),
        format_func=lambda name: FORMS[name][0],
        key="scenario-change",
        filter_mode=None,
    )
    title, ask, needs_place = FORMS[kind]
    fields = ask(city)
    place = st.session_state.get("clicked")
    if needs_place:
        if place is None:
            st.caption("Click the map where it happens.")
        else:
            fields |= {"lon": place[0], "lat": place[1]}
            st.caption(f"At the last click: {place[1]:.5f}, {place[0]:.5f}.")
    if kind == "grow":
        st.caption("The district is the selected area." if district else "Draw an area first.")
        fields["area"] = district
    st.button(
        "Add",
        key="scenario-add",
        icon=":material/add:",
        width="stretch",
        disabled=(needs_place and place is None) or (kind == "grow" and district is None),
        on_click=_add,
        args=(city, {"change": kind, **fields}),
        help=title,
    )


def _add(city: City, change: Fields) -> None:
    before = edited_scenario()
    named = before if before.name else before.model_copy(update={"name": UNNAMED})
    try:
        after = named.with_change(change)
        apply(city, after)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state[EDITED] = after


def _remove(number: int) -> None:
    scenario = edited_scenario()
    kept = scenario.changes[:number] + scenario.changes[number + 1 :]
    st.session_state[EDITED] = scenario.model_copy(update={"changes": kept})


def _save() -> None:
    record = edited_scenario().model_dump(mode="json")
    try:
        scenario = Scenario.read({**record, "name": st.session_state["scenario-name"]})
        save_scenario(scenario)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state[EDITED] = scenario


def _clear() -> None:
    st.session_state[EDITED] = Scenario()
    st.session_state.pop("scenario-name", None)


def _place_fields(_: City) -> Fields:
    kind = st.selectbox(
        "What is built",
        list(PLACE_KINDS),
        format_func=lambda name: PLACE_KINDS[name].title.split(" ", 1)[1].capitalize(),
        key="scenario-kind",
        filter_mode=None,
    )
    count = st.number_input(
        f"Number of {PLACE_KINDS[kind].unit}", 1, MAX_COUNT, 40, key="scenario-count"
    )
    return {"kind": kind, "count": int(count)}


def _radius_field(_: City) -> Fields:
    radius = st.number_input("Radius, m", 10, int(MAX_RADIUS_M), 150, key="scenario-radius")
    return {"radius_m": float(radius)}


def _new_station_fields(_: City) -> Fields:
    name = st.text_input("Id of the new station", "new-1", max_chars=60, key="scenario-new")
    tier = st.selectbox("Tier", ["capacity", "coverage"], key="scenario-tier", filter_mode=None)
    return {"station_id": name, "tier": tier, **_capacity_field()}


def _station_field(city: City) -> Fields:
    if not city.has("stations"):
        return {"station_id": ""}
    table = cache.station_table(city.folder, city_version(city.folder), None)
    name = st.selectbox("Station", table["station_id"].tolist(), key="scenario-station")
    return {"station_id": name}


def _upgrade_fields(city: City) -> Fields:
    return {**_station_field(city), **_capacity_field()}


def _capacity_field() -> Fields:
    capacity = st.number_input("Capacity, traffic per hour", 0.1, value=100.0, key="scenario-cap")
    return {"capacity": float(capacity)}


def _factor_field(_: City) -> Fields:
    factor = st.number_input("Factor", 0.05, MAX_FACTOR, 1.3, 0.05, key="scenario-factor")
    return {"factor": float(factor)}


FORMS: dict[str, tuple[str, Callable[[City], Fields], bool]] = {
    "add_places": ("Build a quarter", _place_fields, True),
    "remove_places": ("Remove places of interest", _radius_field, True),
    "add_station": ("Add a station", _new_station_fields, True),
    "move_station": ("Move a station", _station_field, True),
    "switch_off": ("Switch a station off", _station_field, False),
    "upgrade_station": ("Change a station's capacity", _upgrade_fields, False),
    "grow": ("Scale the demand of a district", _factor_field, False),
}
"""Each kind of change: its title, the fields it asks for, and whether it happens at a click."""
