"""The bar of hours by itself: it goes on while it plays, and stands where it was paused."""

from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

COUNT, FIRST = 24, 19


def page() -> None:
    import streamlit as st  # noqa: PLC0415  the page is run on its own

    from netspatial.ui.components.hour_slider import hour_bar  # noqa: PLC0415

    st.text(hour_bar(24, "Hour", "{}:00".format, lambda: 19, prefix=""))


@pytest.fixture
def bar() -> AppTest:
    return AppTest.from_function(page).run()


def hour(bar: AppTest) -> int:
    return int(bar.text[0].value)


def test_it_begins_with_the_first_hour_asked_for(bar: AppTest) -> None:
    assert hour(bar) == FIRST
    assert bar.button(key="play").label == "Play"


def test_the_slider_leads_to_its_hour(bar: AppTest) -> None:
    bar.select_slider[0].set_value(3).run()
    assert hour(bar) == 3


def test_playing_goes_round_hour_by_hour(bar: AppTest) -> None:
    bar.button(key="play").click().run()
    seen = [hour(bar), *(hour(bar.run()) for _ in range(COUNT))]
    assert all((later - sooner) % COUNT == 1 for sooner, later in pairwise(seen))
    assert bar.button(key="play").label == "Pause"


def test_what_is_dragged_while_it_plays_goes_on_from_there(bar: AppTest) -> None:
    bar.button(key="play").click().run()
    bar.select_slider[0].set_value(5).run()
    assert hour(bar) == 6


def test_paused_it_stands_whatever_the_browser_says_late(bar: AppTest) -> None:
    bar.button(key="play").click().run()
    late = bar._tree.get_widget_states()
    shown = hour(bar.run())
    bar.button(key="play").click().run()
    assert hour(bar) == shown
    assert hour(bar._run(late)) == shown
    assert bar.button(key="play").label == "Play"


def test_it_plays_on_from_where_it_was_paused(bar: AppTest) -> None:
    for _ in range(2):
        bar.button(key="play").click().run()
    shown = hour(bar)
    bar.button(key="play").click().run()
    assert hour(bar) == (shown + 1) % COUNT


def test_an_hour_beyond_the_last_begins_anew(bar: AppTest) -> None:
    bar.session_state["hour"] = 167
    for _ in range(2):  # a press has the slider made anew
        bar.button(key="play").click().run()
    assert hour(bar) in range(COUNT)
