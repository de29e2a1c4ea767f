"""The choice of a city in the side bar, shared by the pages that open runs."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from netspatial.city.city import City


def choose_city(
    cities: dict[str, Path], first: Callable[[Path], bool], on_change: Callable[[], None]
) -> City:
    """Return the city that the user selects.

    first     : whether a folder is the one to begin with; else it is the first of the list
    on_change : called when another city is selected
    """
    at = next((number for number, path in enumerate(cities.values()) if first(path)), 0)
    name = st.selectbox(
        "City",
        list(cities),
        index=at,
        key="city",
        bind="query-params",
        on_change=on_change,
        filter_mode=None,
    )
    return City.open(cities[name])
