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
    prefix : of the keys `hour`, `playing` and `play` in the session
    """
    hour, state = f"{prefix}hour", st.session_state
    if state.get(hour, count) >= count:
        state[hour] = first()
    plays = playing(prefix)
    if plays:
        state[hour] = (state[hour] + 1) % count
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            "Pause" if plays else "Play", key=f"{prefix}play", width=110,
            icon=":material/pause:" if plays else ":material/play_arrow:",
        ):  # fmt: skip
            state[f"{prefix}playing"] = not plays
            st.rerun()
        shown = st.select_slider(
            label, range(count), format_func=in_words, key=hour, label_visibility="collapsed"
        )
    return int(shown)
