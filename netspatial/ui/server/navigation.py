"""Which pages the app has: those of `st.navigation` in app.py, also before that has run once."""

from streamlit.runtime.pages_manager import PagesManager


def use_navigation_of_app() -> None:
    """Keep Streamlit from taking the folder `pages/` for a list of pages of its own.

    It does so until app.py has called `st.navigation` once: the first request of a new server, if
    it is a link to a page, would run that file alone, without logo, style and navigation.
    """
    PagesManager.uses_pages_directory = False
