"""A slider over hours with a Play button, for maps that show one hour.

Used for the mean week of a plan and the hours of a schedule; it advances with each redraw.
"""

from collections.abc import Callable

import streamlit as st


def playing(prefix: str) -> bool:
    """Return whether the slider whose keys begin with `prefix` is playing."""
    return bool(st.session_state.get(f"{prefix}playing", False))


def hour_slider(
    count: int, label: str, in_words: Callable[[int], str], first: Callable[[], int], prefix: str
) -> int:
    """Return the hour to show, of `count` hours that the user moves through or plays.

    first  : returns the initial hour, called if no valid hour is stored
    prefix : of the widget keys in the session; the current hour is stored under `hour`

    Each press of the button creates a new slider: while hours play, the browser lags behind, and
    its late events of the old slider would move a paused one.
    """
    state, plays = st.session_state, playing(prefix)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            "Pause" if plays else "Play",
            key=f"{prefix}play",
            width=110,
            icon=":material/pause:" if plays else ":material/play_arrow:",
        ):
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
