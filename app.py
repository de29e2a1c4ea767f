"""The web app: `streamlit run app.py`, or `make app` with everything it needs."""

from pathlib import Path

import streamlit as st

from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.ui.server.access import require_person
from netspatial.ui.server.navigation import use_navigation_of_app

HERE = Path(__file__).parent
use_navigation_of_app()

st.set_page_config(page_title="NetSpatial", page_icon=str(HERE / "assets/icon.svg"), layout="wide")
st.logo(HERE / "assets/logo.svg", size="large")
st.html(HERE / "assets/style.css")

page = st.navigation(
    [
        st.Page(
            HERE / "pages/plan.py", title="Plan", icon=":material/add_location_alt:", default=True
        ),
        st.Page(HERE / "pages/operate.py", title="Operate", icon=":material/bedtime:"),
        st.Page(HERE / "pages/compare.py", title="Compare", icon=":material/compare:"),
        st.Page(HERE / "pages/cities.py", title="Cities and models", icon=":material/database:"),
        st.Page(HERE / "pages/city.py", title="City", icon=":material/map:"),
    ],
    position="top",
)
try:
    require_person()
    page.run()
except NetSpatialError as error:
    st.error(in_markdown(error), icon=":material/error:")
