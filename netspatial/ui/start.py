"""`python -m netspatial.ui.start`: the app, with what its first visitor sees already in memory.

`streamlit run app.py` shows the same; there the first visitor waits for libraries and pictures.
"""

import argparse
import gc
import logging
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from netspatial.errors import NetSpatialError

APP = Path(__file__).parents[2] / "app.py"
PAGES = ("area_panel", "plan_panel", "operate_panel", "operate_stations")
"""Modules of the pages that open first; what these import is nearly all there is."""


def prepare() -> None:
    """Import the pages, and read the example that is shown first."""
    logging.disable(logging.WARNING)  # Streamlit warns where something is kept before a page runs
    for name in PAGES:
        import_module(f"netspatial.ui.{name}")
    with suppress(NetSpatialError):  # the page says what is amiss, to whoever opens it
        _read_example()
    logging.disable(logging.NOTSET)
    gc.collect()
    gc.freeze()  # Streamlit sweeps all memory after each run of a page; what is here now stays


def _read_example() -> None:
    """Keep the first example of a city as the page will ask for it."""
    from netspatial.ui import memory, operate_shown, shown_plan  # noqa: PLC0415  takes seconds
    from netspatial.ui.library import cities_folder, edition, find_cities  # noqa: PLC0415

    for folder in find_cities(cities_folder()).values():
        run = shown_plan.first_run(folder)
        if run is not None:
            memory.backdrop(folder, edition(folder))
            stamped = shown_plan.stamp(run)
            settings = shown_plan.opened(run.folder, stamped).request.settings
            shown_plan.shown(run.folder, stamped, settings.model_dump_json())
            shown_plan.bounds_of(run.folder, stamped)
            if (schedule := operate_shown.first_run(folder)) is not None:
                operate_shown.opened(schedule.folder, operate_shown.stamp(schedule))
            return


def main() -> None:
    """Prepare, then serve."""
    reader = argparse.ArgumentParser(prog="python -m netspatial.ui.start", description=__doc__)
    reader.add_argument("--port", type=int, default=8501, help="where the app listens")
    reader.add_argument("--address", default="127.0.0.1", help="who may reach it; loopback alone")
    words = reader.parse_args()
    os.environ |= {
        "STREAMLIT_SERVER_PORT": str(words.port),
        "STREAMLIT_SERVER_ADDRESS": words.address,
        "STREAMLIT_SERVER_HEADLESS": "true",
    }
    prepare()
    from streamlit.web.cli import main as streamlit  # noqa: PLC0415  reads those words

    sys.argv = ["streamlit", "run", str(APP)]
    streamlit()


if __name__ == "__main__":
    main()
