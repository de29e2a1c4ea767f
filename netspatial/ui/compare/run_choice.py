"""Which two saved runs are laid side by side, and what each is called."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.area import Area
from netspatial.plain_text import in_markdown
from netspatial.plan.utilities import UTILITIES
from netspatial.runs.jobs.run import Run
from netspatial.ui.components import panels
from netspatial.ui.operate.choices import POLICY_NAMES, power_name
from netspatial.ui.plan.areas import size_words
from netspatial.ui.plan.choices import RULE_NAMES
from netspatial.viz.plan_map import short_id

SIDES = ("a", "b")
COLOURS = {"a": "#2b8b93", "b": "#d98a1f"}
"""Teal and amber: the first and the second run in every chart."""

WORDS = {
    "city": "City",
    "area": "Area",
    "cell_m": "Cell, m",
    "samples": "Futures",
    "weeks": "Weeks",
    "seed": "Seed",
    "start": "First hour",
    "masks": "Where a station may stand",
    "station_distance_m": "From stations, m",
    "model": "Model",
    "context": "Context model",
    "generator": "Generator",
    "utility": "Utility",
    "k": "Sites",
    "spacing_m": "Apart, m",
    "rule": "How sites are picked",
    "floor": "Floor on demand",
    "risk": "Which futures count",
    "weights": "Weights of the blend",
    "must": "Must have",
    "forbidden": "Ruled out",
    "stations": "Stations",
    "hours": "Hours",
    "when": "Which hours",
    "policy": "Policy",
    "policy_params": "Knobs",
    "power": "Power model",
    "small_power": "Power of capacity stations",
    "qoe_min": "Traffic served, at least",
    "forecaster": "Forecaster",
}


def two_runs(runs: list[Run]) -> tuple[Run, Run] | None:
    """Let the user choose two runs; the address names them. None where there are not two."""
    names = {run.name: run for run in runs}
    if len(names) < 2:
        return None
    picked = []
    for number, (side, column) in enumerate(zip(SIDES, st.columns(2, gap="medium"), strict=True)):
        asked = st.query_params.get(side)
        if asked and asked not in names:
            st.warning(
                in_markdown(f"There is no run '{asked:.60}' here; it may have been deleted.")
            )
            st.query_params.pop(side, None)
        at = list(names).index(asked) if asked in names else number
        with column:
            name = st.selectbox(
                f"{'First' if side == 'a' else 'Second'} run", list(names), index=at,
                key=f"compare-{side}", format_func=lambda name: title_of(names[name]),
                filter_mode=None,
            )  # fmt: skip
        st.query_params[side] = name
        picked.append(names[name])
    return picked[0], picked[1]


def title_of(run: Run) -> str:
    """Return what a run is called in a list: what it did, where and when."""
    manifest = run.manifest
    asked, city = manifest.request, Path(str(manifest.request["city"])).name
    made = f"{manifest.created:%d %b %H:%M}"
    if manifest.kind == "plan":
        settings = asked["settings"]
        by = utility_name(settings["utility"])
        return f"{city}: {settings['k']} sites by {by}, {made} ({run.name})"
    policy = POLICY_NAMES.get(asked["policy"], asked["policy"])
    return f"{city}: {policy}, {len(asked['stations'])} stations, {asked['hours']} h, {made}"


def utility_name(name: str) -> str:
    """Return what a utility is called."""
    return UTILITIES[name].title if name in UTILITIES else name


def provenance_badges(runs: tuple[Run, Run]) -> None:
    """Say whose numbers are compared: of which kind of city, and whether a model made them."""
    facts = [run.manifest.facts for run in runs]
    kinds = [fact["city"]["provenance"] for fact in facts] + [fact["provenance"] for fact in facts]
    for kind in panels.BADGES:
        if kind in kinds:
            panels.provenance_badge(kind)


def differences(asked: list[tuple[str, Any, Any]]) -> str:
    """Return the HTML of the settings that differ; one sentence where none does."""
    if not asked:
        return '<p class="ns-lead">Both runs were asked the same.</p>'
    rows = "".join(
        f"<tr><th>{escape(WORDS.get(name, name))}</th>"
        f"<td>{escape(in_words(name, a))}</td><td>{escape(in_words(name, b))}</td></tr>"
        for name, a, b in asked
    )
    return (
        '<table class="ns-two"><thead><tr><th>Asked differently</th><th>First</th><th>Second</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def in_words(name: str, value: Any) -> str:
    """Say the value of a setting."""
    if value is None:
        return ABSENT.get(name, "–")
    if name in SAID:
        return SAID[name](value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value)[:60]


ABSENT = {"floor": "automatic", "model": "shipped", "context": "shipped"}
SAID: dict[str, Callable[[Any], str]] = {
    "area": lambda shape: size_words(Area.from_geojson({"type": "Feature", "geometry": shape})),
    "city": lambda folder: Path(str(folder)).name,
    "stations": lambda ids: f"{len(ids)} stations",
    "policy": lambda name: POLICY_NAMES.get(name, str(name)),
    "power": power_name,
    "small_power": power_name,
    "utility": lambda name: utility_name(str(name)),
    "rule": lambda name: RULE_NAMES.get(name, str(name)),
    "weights": lambda mixed: (
        ", ".join(f"{utility_name(name)} {weight:g}" for name, weight in mixed.items()) or "–"
    ),
    "must": lambda cells: ", ".join(map(short_id, cells)) or "–",
    "forbidden": lambda cells: ", ".join(map(short_id, cells)) or "–",
    "model": lambda folder: Path(str(folder)).parent.name,
}
