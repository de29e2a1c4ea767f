"""Settings of traffic generation: cell size, samples, masks, period and model.

They take effect with the next run.
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
    "edge": "Not at the area's edge",
    "road": "Not on roads",
    "airport": "Not on airports",
}
BUILT_IN = "built-in"
MAX_WEEKS = 12

USED, IGNORED = "use", "ignore"
MEASURED = {USED: "Use measured stations", IGNORED: "Ignore"}

MORE = ("model", "measured", "start", "weeks")
KEYS = ("cell_m", "samples", "masks", "from_stations", "seed", *MORE)
"""Names of these settings in the session and in the address."""


def making(base: PlanRequest) -> dict[str, Any]:
    """Return the settings that the user makes, as fields of `PlanRequest`."""
    left, right = st.columns(2)
    cell_m = address.number(left, "Cell size, m", "cell_m", int(base.cell_m), 25, 1000, 25)
    samples = address.number(
        right,
        "Samples",
        "samples",
        base.samples,
        1,
        64,
        1,
        "Number of samples of the traffic that are generated for each cell.",
    )
    names = {name: MASK_NAMES.get(name, name) for name in MASKS}
    masks = address.pick_some("Where building is allowed", "masks", names, base.masks)
    left, right = st.columns(2, vertical_alignment="bottom")
    distance = address.number(
        left,
        "Distance to existing stations (m)",
        "from_stations",
        int(base.station_distance_m),
        0,
        2000,
        50,
        "Minimum distance of a new site to an existing station.",
    )
    seed = address.number(
        right,
        "Seed",
        "seed",
        base.seed,
        0,
        2**31 - 1,
        1,
        "The same seed and settings give the same result.",
    )
    in_address = any(st.query_params.get(name) for name in MORE)
    with st.expander("Model and weeks", expanded=in_address):
        model = pick_model(base.model)
        measured = address.pick(
            "Measured traffic",
            "measured",
            MEASURED,
            USED if base.measured else IGNORED,
            "The stations that were measured in this city correct the generated traffic.",
        )
        left, right = st.columns([3, 2])
        with left:
            start = _start(base.start)
        weeks = address.number(right, "Weeks", "weeks", base.weeks, 1, MAX_WEEKS)
    return {
        "cell_m": float(cell_m),
        "samples": samples,
        "masks": masks,
        "station_distance_m": float(distance),
        "seed": seed,
        "model": model,
        "measured": measured == USED,
        "start": start,
        "weeks": weeks,
    }


def changed(made: dict[str, Any], shown: PlanRequest) -> list[str]:
    """Return the names of the generation settings that differ from those of the shown run."""
    words = {
        "cell_m": "cell size",
        "samples": "samples",
        "seed": "seed",
        "masks": "where building is allowed",
        "station_distance_m": "distance to existing stations",
        "model": "model",
        "measured": "measured traffic",
        "start": "first day",
        "weeks": "weeks",
    }
    return [said for name, said in words.items() if made[name] != getattr(shown, name)]


def pick_model(base: str | None) -> str | None:
    """Return the model that the user selects: built-in (None), fine-tuned, or the shown run's."""
    runs = {run.name: run for run in finished_models(workspace.runs_folder())}
    folders = {name: str(model_of(run).resolve()) for name, run in runs.items()}
    usual = next((name for name, folder in folders.items() if folder == base), base or BUILT_IN)
    titles = {BUILT_IN: "Built-in model", **{name: title_of(run) for name, run in runs.items()}}
    if usual not in titles:
        titles[usual] = f"Folder {Path(usual).name}"
    picked = address.pick(
        "Model",
        "model",
        titles,
        usual,
        "Fine-tune one on the traffic of your city under *Cities and models*.",
    )
    return None if picked == BUILT_IN else folders.get(picked, base)


def title_of(run: Run) -> str:
    """Return the title of a model that was fine-tuned here."""
    manifest = run.manifest
    return f"Fine-tuned on {manifest.facts['city']['name']}, {manifest.created:%d %b %H:%M}"


def _start(base: str) -> str:
    """Return the first day that the user selects; the shown run's own hour until it is changed."""
    first = pd.Timestamp(base or DEFAULT_START).date()
    day = address.pick_day(
        "First day",
        "start",
        date(first.year, first.month, first.day),
        "The generated traffic starts on this day, local time.",
    )
    return base if day == first else day.isoformat()
