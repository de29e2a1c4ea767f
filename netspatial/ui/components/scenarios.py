"""Saved scenarios of the user, and how a scenario is shown and chosen on several pages."""

import re
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from netspatial.errors import BadInput
from netspatial.scenario.files import read_scenario, write_scenario
from netspatial.scenario.scenario import Scenario
from netspatial.ui.server import workspace

FOLDER = "scenarios"
"""Folder of the scenario files beside the runs."""
NONE = "none"
"""Choice of no scenario."""


def scenarios_folder() -> Path:
    """Return the folder of the user's scenarios."""
    return workspace.runs_folder() / FOLDER


def saved_scenarios() -> dict[str, Scenario]:
    """Return the user's saved scenarios by name; files that are none are skipped."""
    found = {}
    for path in sorted(scenarios_folder().glob("*.json")):
        try:
            scenario = read_scenario(path)
        except BadInput:
            continue
        found[scenario.name] = scenario
    return found


def save_scenario(scenario: Scenario) -> Path:
    """Write a scenario beside the user's runs, named after it; an older one is replaced."""
    plain = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")[:60]
    if not plain:
        raise BadInput("A scenario needs a name with at least one letter or digit.")
    path = scenarios_folder() / f"{plain}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_scenario(scenario, path)
    return path


def pick_scenario(key: str, shown: Scenario) -> Scenario:
    """Return the scenario that the user selects: none, a saved one, or that of the shown run."""
    known = {NONE: Scenario(), **saved_scenarios()}
    if shown.changes:
        known[shown.name] = shown
    names = list(known)
    picked = st.selectbox(
        "Scenario",
        names,
        index=names.index(shown.name) if shown.changes else 0,
        format_func=lambda name: "None" if name == NONE else name,
        key=key,
        filter_mode=None,
        help="Changes of the city that are assumed. Scenarios are made on the page Site planning.",
    )
    return known[picked]


def stations_after(ids: Sequence[str], scenario: Scenario) -> list[str]:
    """Return the selected stations without those switched off, and with those added."""
    gone = {it.station for it in scenario.changes if it.change == "switch_off"}
    new = [it.station for it in scenario.changes if it.change == "add_station"]
    kept = [name for name in ids if name not in gone]
    return [*kept, *(name for name in new if name is not None and name not in kept)]


def in_one_line(scenario: Scenario) -> str:
    """Return the name of a scenario with its changes."""
    if not scenario.changes:
        return "none"
    return f"{scenario.name}: {' '.join(scenario.sentences)}"
