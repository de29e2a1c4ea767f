"""A finished schedule of the small city, computed with the fastest forecaster."""

from pathlib import Path

from netspatial.city.city import City
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating import work_on
from netspatial.runs.kinds.operating_request import make_request, submit

QUICK = {"hours": 24, "mode": "backtest", "forecaster": "seasonal-naive", "samples": 4}


def write_schedule(city: City, folder: Path, **choices: object) -> Run:
    """Schedule all six stations for a day."""
    run = submit(make_request(city, "all", **{**QUICK, **choices}), folder)
    work_on(run)
    return run
