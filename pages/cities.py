"""Cities and models: list what is installed; simulate or add a city, fine-tune a model."""

from pathlib import Path

import streamlit as st

from netspatial.errors import BadInput, NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import finetuning, simulating
from netspatial.ui.cities.models import cities_panel, models_panel
from netspatial.ui.cities.new import add_panel, finetune_panel, simulate_panel
from netspatial.ui.components.jobs import follow
from netspatial.ui.server import workspace

STYLE = Path(__file__).parents[1] / "assets/operate.css"
MAKES = {simulating.KIND: "your city", finetuning.KIND: "your model"}
"""Kinds of runs that this page starts, and what each of them creates."""
SECTIONS = {
    "cities": "Cities",
    "models": "Models",
    "simulate": "Simulate a city",
    "add": "Add a city",
    "finetune": "Fine-tune",
}


def run_of_address() -> Run | None:
    """Return the run in the address if it creates a city or a model."""
    name = st.query_params.get("run", "")
    if not name:
        return None
    try:
        run = workspace.find_run(name)
    except BadInput as error:
        st.warning(in_markdown(error))
        leave()
        return None
    if run.manifest.kind not in MAKES:
        raise BadInput(f"The run '{name}' creates neither a city nor a model.")
    return run


def leave() -> None:
    """Remove the run from the address."""
    st.query_params.pop("run", None)


def report(run: Run) -> None:
    """Show the progress of a run, or its result once it is finished."""
    kind, progress = run.manifest.kind, run.progress()
    if progress.state != "finished":
        follow(run, MAKES[kind], leave)
        return
    facts = run.manifest.facts
    if kind == simulating.KIND:
        st.success(in_markdown(f"{facts['city']['name']} is ready."), icon=":material/check:")
    else:
        crps = facts["scores"].get("crps")
        st.success(
            f"The model is ready: fine-tuned on {in_markdown(facts['city']['name'])} "
            f"({facts['city']['provenance']}); held-out CRPS {crps:.3f} of the mean traffic.",
            icon=":material/check:",
        )
        for note in facts["notes"]:
            st.caption(in_markdown(note))


def main() -> None:
    """Lay out the page: an unfinished run on top, then one section at a time."""
    st.html(STYLE)
    st.title("Cities and models", anchor=False)
    folder = workspace.cities_folder()
    cities = workspace.cities()
    if run := run_of_address():
        report(run)
    room = st.segmented_control(
        "Section",
        list(SECTIONS),
        format_func=SECTIONS.__getitem__,
        key="room",
        default="cities",
        required=True,
        label_visibility="collapsed",
        bind="query-params",
    )
    try:
        if room == "cities":
            cities_panel(cities)
        elif room == "models":
            models_panel()
        elif room == "simulate":
            simulate_panel(folder)
        elif room == "add":
            add_panel(folder)
        else:
            finetune_panel(cities)
    except NetSpatialError as error:
        st.error(in_markdown(error), icon=":material/error:")


main()
