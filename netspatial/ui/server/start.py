"""`python -m netspatial.ui.server.start`: the app, with what its first visitor sees already in memory.

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
from netspatial.ui.server.access import check_address, known_hosts
from netspatial.ui.server.allowed_hosts import LOOPBACK, DemandFloor

APP = Path(__file__).parents[2] / "app.py"
PAGES = ("area_panel", "plan_panel", "operate_panel", "schedule_sleep")
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
    from netspatial.ui.components import cache  # noqa: PLC0415  takes seconds
    from netspatial.ui.components.library import cities_folder, city_version, find_cities  # noqa: PLC0415
    from netspatial.ui.operate import schedule_view  # noqa: PLC0415  takes seconds
    from netspatial.ui.plan import plan_view  # noqa: PLC0415  takes seconds

    for folder in find_cities(cities_folder()).values():
        run = plan_view.first_run(folder)
        if run is not None:
            cache.backdrop(folder, city_version(folder))
            stamped = plan_view.stamp(run)
            settings = plan_view.opened(run.folder, stamped).request.settings
            plan_view.shown(run.folder, stamped, settings.model_dump_json())
            plan_view.bounds_of(run.folder, stamped)
            if (schedule := schedule_view.first_run(folder)) is not None:
                schedule_view.opened(schedule.folder, schedule_view.stamp(schedule))
            return


def serve(port: int, address: str) -> None:
    """Serve the app, to names it is known by, until it is ended."""
    from starlette.middleware import Middleware  # noqa: PLC0415  comes with Streamlit

    hosts = known_hosts()
    app = st.App(APP, middleware=[Middleware(DemandFloor, hosts=hosts)])
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
    reader = argparse.ArgumentParser(
        prog="python -m netspatial.ui.server.start", description=__doc__
    )
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
