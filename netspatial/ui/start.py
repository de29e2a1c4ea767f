"""`python -m netspatial.ui.start`: the app, with what its first visitor sees already in memory.

`streamlit run app.py` shows the same, to this machine alone; there the first visitor waits for
libraries and pictures, and no answer carries the headers of `guard`.
"""

import argparse
import gc
import logging
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import streamlit as st

from netspatial.errors import NetSpatialError
from netspatial.ui.access import check_address, known_hosts
from netspatial.ui.guard import LOOPBACK, Guard

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


def serve(port: int, address: str) -> None:
    """Serve the app, to names it is known by, until it is ended."""
    from starlette.middleware import Middleware  # noqa: PLC0415  comes with Streamlit

    hosts = known_hosts()
    app = st.App(APP, middleware=[Middleware(Guard, hosts=hosts)])
    sys.argv = [str(APP)]  # beside it lies the folder of Streamlit's settings
    app.run(
        config={
            "server.port": port,
            "server.address": address,
            "server.headless": True,
            "server.allowedHosts": [*LOOPBACK, *hosts],
            "server.corsAllowedOrigins": [f"https://{host}" for host in hosts],
        }
    )


def main() -> None:
    """Prepare, then serve."""
    reader = argparse.ArgumentParser(prog="python -m netspatial.ui.start", description=__doc__)
    reader.add_argument("--port", type=int, default=8501, help="where the app listens")
    reader.add_argument("--address", default="127.0.0.1", help="who may reach it; loopback alone")
    words = reader.parse_args()
    try:
        check_address(words.address)
        prepare()
        serve(words.port, words.address)
    except NetSpatialError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
