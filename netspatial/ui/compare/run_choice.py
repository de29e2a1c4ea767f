"""Selection of the two runs to compare, and the table of their different settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from markupsafe import Markup

from netspatial.area import Area
from netspatial.plain_text import in_markdown
from netspatial.plan.utilities import UTILITIES
from netspatial.runs.jobs.run import Run
from netspatial.scenario.scenario import Scenario
from netspatial.templates import render
from netspatial.ui.components import panels
from netspatial.ui.components.scenarios import in_one_line
from netspatial.ui.operate.choices import FORECASTER_NAMES, MODES, POLICY_NAMES, power_name
from netspatial.ui.plan.areas import size_words
from netspatial.ui.plan.choices import METHOD_NAMES
from netspatial.viz.plan_map import short_id
from netspatial.viz.wording import capitalised

SIDES = ("a", "b")

WORDS = {
    "city": "City",
    "area": "Area",
    "cell_m": "Cell size, m",
    "samples": "Samples",
    "weeks": "Weeks",
    "seed": "Seed",
    "start": "First hour",
    "masks": "Where building is allowed",
    "station_distance_m": "Distance to existing stations, m",
    "model": "Model",
    "context": "Context model",
    "generator": "Generator",
    "utility": "Utility",
    "sites": "Sites",
    "spacing_m": "Minimum spacing, m",
    "method": "Selection method",
    "min_demand": "Minimum demand",
    "risk": "Risk",
    "weights": "Weights of the blend",
    "radius_m": "Service radius, m",
    "coverage_radius_m": "Service radius of coverage stations, m",
    "required": "Required cells",
    "excluded": "Excluded cells",
    "stations": "Stations",
    "hours": "Hours",
    "mode": "Period",
    "policy": "Policy",
    "policy_params": "Policy parameters",
    "power": "Power model",
    "small_power": "Power model of capacity stations",
    "qoe_min": "Traffic served, at least",
    "forecaster": "Forecast method",
    "scenario": "Scenario",
}


def two_runs(runs: list[Run]) -> tuple[Run, Run] | None:
    """Return the two runs that the user selects; None if there are fewer than two."""
    names = {run.name: run for run in runs}
    if len(names) < 2:
        return None
    picked = []
    for number, (side, column) in enumerate(zip(SIDES, st.columns(2, gap="medium"), strict=True)):
        wanted = st.query_params.get(side)
        if wanted and wanted not in names:
            st.warning(
                in_markdown(f"There is no run '{wanted:.60}' here; it may have been deleted.")
            )
            st.query_params.pop(side, None)
        at = list(names).index(wanted) if wanted in names else number
        with column:
            name = st.selectbox(
                f"{'First' if side == 'a' else 'Second'} run",
                list(names),
                index=at,
                key=f"compare-{side}",
                format_func=lambda name: title_of(names[name]),
                filter_mode=None,
            )
        st.query_params[side] = name
        picked.append(names[name])
    return picked[0], picked[1]


def title_of(run: Run) -> str:
    """Return the title of a run in a list: what it did, where and when."""
    manifest = run.manifest
    request, city = manifest.request, Path(str(manifest.request["city"])).name
    made = f"{manifest.created:%d %b %H:%M}"
    if manifest.kind == "plan":
        settings = request["settings"]
        by = utility_name(settings["utility"])
        return f"{city}: {settings['sites']} sites by {by}, {made} ({run.name})"
    policy = POLICY_NAMES.get(request["policy"], request["policy"])
    return f"{city}: {policy}, {len(request['stations'])} stations, {request['hours']} h, {made}"


def utility_name(name: str) -> str:
    """Return the title of a utility."""
    return UTILITIES[name].title if name in UTILITIES else name


def provenance_badges(runs: tuple[Run, Run]) -> None:
    """Show the provenances of the two cities and of the two runs."""
    facts = [run.manifest.facts for run in runs]
    kinds = [fact["city"]["provenance"] for fact in facts] + [fact["provenance"] for fact in facts]
    for kind in panels.BADGES:
        if kind in kinds:
            panels.provenance_badge(kind)


def differences(different: list[tuple[str, Any, Any]]) -> Markup:
    """Return the HTML of the settings that differ; one sentence if none does."""
    rows = [
        (WORDS.get(name, name), in_words(name, a), in_words(name, b)) for name, a, b in different
    ]
    return render("ui/compare/differences.html", rows=rows)


def in_words(name: str, value: Any) -> str:
    """Return the value of a setting in words."""
    if value is None:
        return ABSENT.get(name, "–")
    if name in IN_WORDS:
        return IN_WORDS[name](value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value)[:60]


ABSENT = {"min_demand": "automatic", "model": "built-in", "context": "built-in"}
IN_WORDS: dict[str, Callable[[Any], str]] = {
    "area": lambda shape: size_words(Area.from_geojson({"type": "Feature", "geometry": shape})),
    "city": lambda folder: Path(str(folder)).name,
    "stations": lambda ids: f"{len(ids)} stations",
    "mode": lambda name: MODES.get(name, str(name)),
    "policy": lambda name: POLICY_NAMES.get(name, str(name)),
    "forecaster": lambda name: FORECASTER_NAMES.get(name, str(name)),
    "power": power_name,
    "small_power": power_name,
    "utility": lambda name: capitalised(utility_name(str(name))),
    "method": lambda name: METHOD_NAMES.get(name, str(name)),
    "weights": lambda mixed: (
        ", ".join(f"{utility_name(name)} {weight:g}" for name, weight in mixed.items()) or "–"
    ),
    "scenario": lambda record: in_one_line(Scenario.read(record)),
    "required": lambda cells: ", ".join(map(short_id, cells)) or "–",
    "excluded": lambda cells: ", ".join(map(short_id, cells)) or "–",
    "model": lambda folder: Path(str(folder)).parent.name,
}
