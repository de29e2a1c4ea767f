"""Cards and maps of notebooks: names from data are text, and nothing is fetched for a card."""

import base64
import re
import xml.etree.ElementTree as ET

import pandas as pd
import pydeck as pdk
from hypothesis import given
from hypothesis import strategies as st

from netspatial.viz.city_map import city_map
from netspatial.viz.notebook_page import MAX_ROWS, card, notebook_map
from netspatial.viz.svg_map import MapFrame

BAD = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
NOWHERE = pdk.ViewState(latitude=45, longitude=9, zoom=10)


@given(st.text(max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    page = card(f"<{text}", [text + "<b>"], pd.DataFrame({text: [text + "<i>"]}))
    tags = set(re.findall(r"<(/?\w+)", page))
    assert tags <= {
        *("div", "/div", "b", "/b", "table", "/table", "thead", "/thead"),
        *("tbody", "/tbody", "tr", "/tr", "th", "/th", "td", "/td"),
    }


def test_a_picture_is_an_image_of_the_page_itself() -> None:
    frame = MapFrame((9.0, 45.0, 9.1, 45.1), 300)
    page = card("Town", [], picture=frame.svg(BAD, marks=[frame.mark(9.05, 45.05, "red", BAD)]))
    (packed,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    picture = ET.fromstring(base64.b64decode(packed))  # noqa: S314  our own
    assert [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")] == [BAD]
    assert not re.findall(r"https?://", page)


def test_a_long_table_is_cut_and_counted() -> None:
    page = card("Town", [], pd.DataFrame({"rank": range(MAX_ROWS + 3)}))
    assert page.count("<tr") == MAX_ROWS + 1
    assert "and 3 more" in page


def named_layer(name: str) -> pdk.Layer:
    data = pd.DataFrame({"lon": [9.0], "lat": [45.0], "title": [name], "detail": [name]})
    return pdk.Layer("ScatterplotLayer", data=data, get_position=["lon", "lat"])


def test_a_name_cannot_run_as_script_in_a_map() -> None:
    page = notebook_map([named_layer(BAD)], NOWHERE).to_html(as_string=True)
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    shown = notebook_map([named_layer(BAD)], NOWHERE).layers[0].data[0]["title"]
    assert shown.startswith("&lt;/script&gt;")


def test_a_map_has_the_options_of_the_app_s_map() -> None:
    ours = notebook_map([named_layer("s1")], NOWHERE).to_json()
    app = city_map([named_layer("s1")], NOWHERE).to_json()
    assert re.sub(r'"id":"[^"]+"', "", ours) == re.sub(r'"id":"[^"]+"', "", app)
