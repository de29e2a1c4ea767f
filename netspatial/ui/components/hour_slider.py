"""A slider over hours that also plays them: what a map of one hour stands under.

Shared by the week of a plan and the hours of a schedule; it moves on each time the page is drawn.
"""

from collections.abc import Callable

import streamlit as st


def playing(prefix: str) -> bool:
    """Say whether the bar whose keys begin with `prefix` is playing."""
    return bool(st.session_state.get(f"{prefix}playing", False))


def hour_bar(
    count: int, label: str, in_words: Callable[[int], str], first: Callable[[], int], prefix: str
) -> int:
    """Let the user go through `count` hours, or play them; return the one to show.

    first  : which hour to begin with, asked where none is known or it is beyond the last
    prefix : of the bar's keys in the session; the hour that is shown stands under `hour`

    Each press of the button makes a slider of its own: while hours play, the browser runs behind,
    and what it still says of the slider before would take a paused bar back.
    """
    state, plays = st.session_state, playing(prefix)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            "Pause" if plays else "Play", key=f"{prefix}play", width=110,
            icon=":material/pause:" if plays else ":material/play_arrow:",
        ):  # fmt: skip
            state[f"{prefix}playing"] = not plays
            state[f"{prefix}presses"] = state.get(f"{prefix}presses", 0) + 1
            st.rerun()
        slider, shown = f"{prefix}slider-{state.get(f'{prefix}presses', 0)}", f"{prefix}hour"
        if state.get(slider, count) >= count:
            state[slider] = state[shown] if state.get(shown, count) < count else first()
        if plays:
            state[slider] = (state[slider] + 1) % count
        state[shown] = st.select_slider(
            label, range(count), format_func=in_words, key=slider, label_visibility="collapsed"
        )
    return int(state[shown])
