"""The run that the address of a page names, shared by the pages that open runs."""

from collections.abc import Callable

import streamlit as st

from netspatial.errors import BadInput
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.run import Run
from netspatial.ui.server import workspace


def run_named(name: str, kind: str) -> Run:
    """Return the run of this name that the user may view; raise if it is of another kind."""
    run = workspace.find_run(name)
    if run.manifest.kind != kind:
        raise BadInput(f"The run '{name}' is a run of '{run.manifest.kind}', not of '{kind}'.")
    return run


def run_of_address(kind: str, leave: Callable[[], None], parameter: str = "run") -> Run | None:
    """Return the run in the address; warn and call `leave` if there is no such run.

    parameter : of the address, which holds the name
    """
    name = st.query_params.get(parameter)
    if not name:
        return None
    try:
        return run_named(name, kind)
    except BadInput as error:
        st.warning(in_markdown(error))
        leave()
        return None
