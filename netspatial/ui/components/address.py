"""Choices that stand in the address of the page by their own names, so that a view is a link.

Streamlit binds a choice to the address by what it is called on screen; a link that is handed on
should not change with the wording.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


def pick(
    label: str, name: str, options: Mapping[str, str], default: str, hint: str | None = None
) -> str:
    """Let the user pick one of `options`, from its name to what it is called."""
    known = {**options, default: options.get(default, default)}
    picked = st.selectbox(
        label,
        list(known),
        index=list(known).index(_asked(name, known, default)),
        format_func=known.__getitem__,
        key=name,
        filter_mode=None,
        help=hint,
    )
    tell(name, picked, default)
    return picked


def switch(label: str, name: str, options: Mapping[str, str], default: str) -> str:
    """Let the user switch between a few options that lie side by side."""
    picked = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=name,
        default=_asked(name, options, default),
        required=True,
        label_visibility="collapsed",
    )
    chosen = str(picked)
    tell(name, chosen, default)
    return chosen


def pick_some(
    label: str, name: str, options: Mapping[str, str], default: Sequence[str]
) -> tuple[str, ...]:
    """Let the user pick any of `options`; none of them stands in the address as 'none'."""
    text = st.query_params.get(name)
    asked = default if text is None else text.split(",")
    picked = st.pills(
        label,
        list(options),
        format_func=options.__getitem__,
        selection_mode="multi",
        default=[option for option in options if option in asked],
        key=name,
    )
    chosen = tuple(option for option in options if option in picked)
    usual = tuple(option for option in options if option in default)
    tell(name, ",".join(chosen) or "none", ",".join(usual) or "none")
    return chosen


def pick_day(label: str, name: str, default: date, hint: str | None = None) -> date:
    """Let the user pick a day; it stands in the address as 2026-01-05."""
    try:
        asked = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        asked = default
    asked = min(max(asked, FIRST_DAY), LAST_DAY)
    picked = cast(
        "date | None",
        st.date_input(
            label, asked, min_value=FIRST_DAY, max_value=LAST_DAY, key=name, help=hint,
            format="YYYY-MM-DD",
        ),
    )  # fmt: skip
    day = picked or default
    tell(name, day.isoformat(), default.isoformat())
    return day


def number(
    place: DeltaGenerator,
    label: str,
    name: str,
    value: int,
    least: int,
    most: int,
    step: int = 1,
    hint: str | None = None,
) -> int:
    """Let the user set a number; a run that was asked for elsewhere may lie beyond the limits."""
    picked = place.number_input(
        label, min(least, value), max(most, value), value, step, key=name, bind="query-params",
        help=hint,
    )  # fmt: skip
    return int(picked)


def tell(name: str, value: str | None, default: str | None = None) -> None:
    """Write a value into the address, or take it out where it is the usual one."""
    if value is None or value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def _asked(name: str, options: Mapping[str, str], default: str) -> str:
    """Return what the address asks for, where it is one of the options."""
    asked = st.query_params.get(name, default)
    return asked if asked in options else default
