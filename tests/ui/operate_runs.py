"""A finished schedule of the small city, made by the product with the quickest forecaster."""

from pathlib import Path

from netspatial.city import City
from netspatial.runs.operating import work_on
from netspatial.runs.operating_request import ask, make_request
from netspatial.runs.run import Run

QUICK = {"hours": 24, "when": "replay", "forecaster": "seasonal-naive", "samples": 4}


def write_schedule(city: City, folder: Path, **choices: object) -> Run:
    """Operate all six stations for a day."""
    run = ask(make_request(city, "all", **{**QUICK, **choices}), folder)
    work_on(run)
    return run
