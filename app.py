"""The web app: `streamlit run app.py`, or `make app` with everything it needs."""

from pathlib import Path

import streamlit as st

from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.ui.server.access import require_person
from netspatial.ui.server.navigation import PAGES, app_page, use_navigation_of_app

HERE = Path(__file__).parent
use_navigation_of_app()

st.set_page_config(page_title="NetSpatial", page_icon=str(HERE / "assets/icon.svg"), layout="wide")
st.logo(HERE / "assets/logo.svg", size="large")
st.html(HERE / "assets/style.css")

page = st.navigation([app_page(name) for name in PAGES], position="top")
try:
    require_person()
    page.run()
except NetSpatialError as error:
    st.error(in_markdown(error), icon=":material/error:")
