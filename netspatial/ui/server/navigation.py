"""The pages of the app, for its navigation and for links between them."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager

from netspatial.bundled_weights import app_root

PAGES = {
    "plan": ("Plan", ":material/add_location_alt:"),
    "operate": ("Operate", ":material/bedtime:"),
    "compare": ("Compare", ":material/compare:"),
    "cities": ("Cities and models", ":material/database:"),
    "city": ("City", ":material/map:"),
    "validate": ("Validate", ":material/query_stats:"),
}
"""File in `pages/`, with title and icon; the first is shown first."""


def app_page(name: str) -> StreamlitPage:
    """Return a page of the app by the name of its file."""
    title, icon = PAGES[name]
    file = app_root() / "pages" / f"{name}.py"
    return st.Page(file, title=title, icon=icon, default=name == next(iter(PAGES)))


def use_navigation_of_app() -> None:
    """Keep Streamlit from taking the folder `pages/` for a list of pages of its own.

    It does so until app.py has called `st.navigation` once: the first request of a new server, if
    it is a link to a page, would run that file alone, without logo, style and navigation.
    """
    PagesManager.uses_pages_directory = False
