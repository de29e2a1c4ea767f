"""How a planner has traffic generated: how finely, where, when and by which model.

Beside the settings of the ranking; all of it takes effect with the next run.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from netspatial.feasibility import MASKS
from netspatial.generate.calendar import DEFAULT_START
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.finetuning import finished_models, model_of
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.ui.components import address
from netspatial.ui.server import workspace

MASK_NAMES = {
    "water": "Not in water",
    "protected": "Not in parks",
    "near_station": "Not near a station",
    "edge": "Not on the border",
    "road": "Not on roads",
    "airport": "Not on airports",
}
SHIPPED = "shipped"
MOST_WEEKS = 12

MORE = ("model", "start", "weeks")
KEYS = ("cell_m", "samples", "masks", "from_stations", "seed", *MORE)
"""Names of these settings, in the session and in the address."""


def making(base: PlanRequest) -> dict[str, Any]:
    """Draw the settings, and return them as fields of `PlanRequest`."""
    left, right = st.columns(2)
    cell_m = address.number(left, "Cell, m", "cell_m", int(base.cell_m), 25, 1000, 25)
    samples = address.number(
        right, "Futures", "samples", base.samples, 1, 64, 1,
        "How many possible months are generated for each cell.",
    )  # fmt: skip
    names = {name: MASK_NAMES.get(name, name) for name in MASKS}
    masks = address.pick_some("Where a station may stand", "masks", names, base.masks)
    left, right = st.columns(2, vertical_alignment="bottom")
    distance = address.number(
        left, "To stations, m", "from_stations", int(base.station_distance_m), 0, 2000, 50,
        "Least distance of a new site to an existing station.",
    )  # fmt: skip
    seed = address.number(
        right, "Seed", "seed", base.seed, 0, 2**31 - 1, 1,
        "The same seed and settings give the same bytes.",
    )  # fmt: skip
    asked = any(st.query_params.get(name) for name in MORE)
    with st.expander("Model and weeks", expanded=asked):
        model = _model(base.model)
        left, right = st.columns([3, 2])
        with left:
            start = _start(base.start)
        weeks = address.number(right, "Weeks", "weeks", base.weeks, 1, MOST_WEEKS)
    return {
        "cell_m": float(cell_m),
        "samples": samples,
        "masks": masks,
        "station_distance_m": float(distance),
        "seed": seed,
        "model": model,
        "start": start,
        "weeks": weeks,
    }


def changed(made: dict[str, Any], shown: PlanRequest) -> list[str]:
    """Say which settings of generation differ from those of the shown run."""
    words = {
        "cell_m": "cell size",
        "samples": "futures",
        "seed": "seed",
        "masks": "where a station may stand",
        "station_distance_m": "distance to stations",
        "model": "the model",
        "start": "the first day",
        "weeks": "the weeks",
    }
    return [said for name, said in words.items() if made[name] != getattr(shown, name)]


def _model(base: str | None) -> str | None:
    """Let the user pick a model: the shipped one, one fine-tuned here, or that of the shown run."""
    runs = {run.name: run for run in finished_models(workspace.runs_folder())}
    folders = {name: str(model_of(run).resolve()) for name, run in runs.items()}
    usual = next((name for name, folder in folders.items() if folder == base), base or SHIPPED)
    titles = {SHIPPED: "The shipped one", **{name: title_of(run) for name, run in runs.items()}}
    if usual not in titles:
        titles[usual] = f"In the folder {Path(usual).name}"
    picked = address.pick(
        "Model", "model", titles, usual,
        "Fine-tune one on the traffic of your city under *Cities and models*.",
    )  # fmt: skip
    return None if picked == SHIPPED else folders.get(picked, base)


def title_of(run: Run) -> str:
    """Return what a model that was fine-tuned here is called."""
    manifest = run.manifest
    return f"Fine-tuned on {manifest.facts['city']['name']}, {manifest.created:%d %b %H:%M}"


def _start(base: str) -> str:
    """Let the user pick the first day; the hour of the shown run stays until the day is changed."""
    first = pd.Timestamp(base or DEFAULT_START).date()
    day = address.pick_day(
        "First day", "start", date(first.year, first.month, first.day),
        "The months begin here, on the clock of the city.",
    )  # fmt: skip
    return base if day == first else day.isoformat()
