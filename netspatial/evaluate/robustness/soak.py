"""Many generations in one process: memory must not grow with their number."""

import json
from multiprocessing.context import ForkServerContext
from pathlib import Path

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.context.embed import load_context
from netspatial.evaluate.robustness.attempt import CallLimits, call_function
from netspatial.evaluate.robustness.material import NotGood
from netspatial.evaluate.robustness.report import Soak
from netspatial.generate.generator import Generator
from netspatial.grid import make_grid

WARM_UP = 20
"""Generations before memory is first looked at: libraries keep what they will use again."""
SIDE_M, CELL_M = 500.0, 250.0
LIMITS = CallLimits(cpu_s=3600, wall_s=7200)


def generate_often(folder: str, generations: int) -> None:
    """Generate the traffic of an area again and again; print how much memory grew, MB."""
    import psutil  # noqa: PLC0415  an extra

    city, process = City.open(folder), psutil.Process()
    west, south, east, north = city.record.bounds
    middle = Area.around((west + east) / 2, (south + north) / 2, SIDE_M)
    cells = make_grid(middle, CELL_M, city.crs)
    context, generator = load_context(), Generator.load()
    begun = 0
    for number in range(WARM_UP + generations):
        if number == WARM_UP:
            begun = process.memory_info().rss
        traffic = generator.sample(context.embed(city, cells), samples=4, seed=number, weeks=1)
        del traffic
    print(json.dumps((process.memory_info().rss - begun) / 1e6))  # noqa: T201


def soak(context: ForkServerContext, material: Path, work: Path, generations: int) -> Soak:
    """Return how much memory grows over so many generations in a process of their own."""
    folder = work / "soak"
    folder.mkdir()
    attempt = call_function(
        context,
        generate_often,
        (str(material / "city"), generations),
        folder,
        folder / "notes",
        LIMITS,
    )
    if attempt.code != 0:
        raise NotGood(f"The generations do not end well: {attempt.err.strip()[-300:]}")
    return Soak(float(json.loads(attempt.out)))
