"""The hour slider by itself: it advances while it plays and stays where it was paused."""

from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

COUNT, FIRST = 24, 19


def page() -> None:
    import streamlit as st  # noqa: PLC0415  the page is run on its own

    from netspatial.ui.components.hour_slider import hour_slider  # noqa: PLC0415

    st.text(hour_slider(24, "Hour", "{}:00".format, lambda: 19, prefix=""))


@pytest.fixture
def bar() -> AppTest:
    return AppTest.from_function(page).run()


def hour(bar: AppTest) -> int:
    return int(bar.text[0].value)


def test_it_starts_at_the_initial_hour(bar: AppTest) -> None:
    assert hour(bar) == FIRST
    assert bar.button(key="play").label == "Play"


def test_moving_the_slider_sets_the_hour(bar: AppTest) -> None:
    bar.select_slider[0].set_value(3).run()
    assert hour(bar) == 3


def test_playing_advances_hour_by_hour_and_wraps_around(bar: AppTest) -> None:
    bar.button(key="play").click().run()
    seen = [hour(bar), *(hour(bar.run()) for _ in range(COUNT))]
    assert all((later - sooner) % COUNT == 1 for sooner, later in pairwise(seen))
    assert bar.button(key="play").label == "Pause"


def test_after_a_drag_it_plays_on_from_the_new_hour(bar: AppTest) -> None:
    bar.button(key="play").click().run()
    bar.select_slider[0].set_value(5).run()
    assert hour(bar) == 6


def test_late_browser_events_do_not_move_a_paused_slider(bar: AppTest) -> None:
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


def test_a_stored_hour_beyond_the_last_is_replaced(bar: AppTest) -> None:
    bar.session_state["hour"] = 167
    for _ in range(2):  # each press creates a new slider
        bar.button(key="play").click().run()
    assert hour(bar) in range(COUNT)
