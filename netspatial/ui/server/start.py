"""Start the app (`python -m netspatial.ui.server.start`) with the first view already cached.

`streamlit run app.py` serves the same app to this machine only; there the first visitor waits for
libraries and images, and the responses lack the headers of `allowed_hosts`.
"""

import argparse
import gc
import logging
import sys
from contextlib import suppress
from importlib import import_module

import streamlit as st

from netspatial.bundled_weights import app_root
from netspatial.errors import NetSpatialError
from netspatial.ui.server.access import check_address, known_hosts
from netspatial.ui.server.allowed_hosts import LOOPBACK, AllowedHosts
from netspatial.ui.server.navigation import use_navigation_of_app

APP = app_root() / "app.py"
PAGES = ("plan.area_panel", "plan.panel", "operate.panel", "operate.stations")
"""Modules of the first pages; they import nearly all that the app needs."""


def prepare() -> None:
    """Import the pages and cache the example that is shown first."""
    logging.disable(logging.WARNING)  # Streamlit warns if its cache is used outside a page
    for name in PAGES:
        import_module(f"netspatial.ui.{name}")
    with suppress(NetSpatialError):  # the page shows the error
        _read_example()
    logging.disable(logging.NOTSET)
    gc.collect()
    gc.freeze()  # Streamlit collects garbage after each run of a page; skip what is loaded now


def _read_example() -> None:
    """Cache the first example as the page requests it."""
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
    """Serve the app under its allowed host names until it is stopped."""
    from starlette.middleware import Middleware  # noqa: PLC0415  comes with Streamlit

    hosts = known_hosts()
    use_navigation_of_app()
    app = st.App(APP, middleware=[Middleware(AllowedHosts, hosts=hosts)])
    sys.argv = [str(APP)]  # Streamlit looks for its settings folder beside it
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
    """Read the options, prepare the app and serve it."""
    reader = argparse.ArgumentParser(
        prog="python -m netspatial.ui.server.start", description=__doc__
    )
    reader.add_argument("--port", type=int, default=8501, help="port to listen on")
    reader.add_argument("--address", default="127.0.0.1", help="address to listen on")
    options = reader.parse_args()
    try:
        check_address(options.address)
        prepare()
        serve(options.port, options.address)
    except NetSpatialError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
