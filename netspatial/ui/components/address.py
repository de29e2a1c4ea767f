"""Widgets whose values are kept in the page's address, so that a view can be shared as a link.

Streamlit itself writes labels into the address; these write names, so that a link stays valid when
a label changes.
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
    """Return the option that the user selects; `options` maps names to labels."""
    known = {**options, default: options.get(default, default)}
    picked = st.selectbox(
        label,
        list(known),
        index=list(known).index(_initial(name, known, default)),
        format_func=known.__getitem__,
        key=name,
        filter_mode=None,
        help=hint,
    )
    write(name, picked, default)
    return picked


def switch(label: str, name: str, options: Mapping[str, str], default: str) -> str:
    """Return the option that the user selects in a row of a few options."""
    picked = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=name,
        default=_initial(name, options, default),
        required=True,
        label_visibility="collapsed",
    )
    chosen = str(picked)
    write(name, chosen, default)
    return chosen


def pick_some(
    label: str, name: str, options: Mapping[str, str], default: Sequence[str]
) -> tuple[str, ...]:
    """Return the options that the user selects; an empty selection is 'none' in the address."""
    text = st.query_params.get(name)
    initial = default if text is None else text.split(",")
    picked = st.pills(
        label,
        list(options),
        format_func=options.__getitem__,
        selection_mode="multi",
        default=[option for option in options if option in initial],
        key=name,
    )
    chosen = tuple(option for option in options if option in picked)
    usual = tuple(option for option in options if option in default)
    write(name, ",".join(chosen) or "none", ",".join(usual) or "none")
    return chosen


def pick_day(label: str, name: str, default: date, hint: str | None = None) -> date:
    """Return the day that the user selects; it is written into the address as 2026-01-05."""
    try:
        initial = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        initial = default
    initial = min(max(initial, FIRST_DAY), LAST_DAY)
    picked = cast(
        "date | None",
        st.date_input(
            label,
            initial,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key=name,
            help=hint,
            format="YYYY-MM-DD",
        ),
    )
    day = picked or default
    write(name, day.isoformat(), default.isoformat())
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
    """Return the number that the user sets; a run submitted elsewhere may exceed the limits."""
    picked = place.number_input(
        label,
        min(least, value),
        max(most, value),
        value,
        step,
        key=name,
        bind="query-params",
        help=hint,
    )
    return int(picked)


def write(name: str, value: str | None, default: str | None = None) -> None:
    """Write a value into the address, or remove it if it is the default."""
    if value is None or value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def _initial(name: str, options: Mapping[str, str], default: str) -> str:
    """Return the value in the address if it is one of the options, else the default."""
    initial = st.query_params.get(name, default)
    return initial if initial in options else default
