"""Speed of embedding 900 cells of 100 m with a cold and a warm cache.

A task of `netspatial bench context`.
"""

import time
from dataclasses import replace
from pathlib import Path

from netspatial.area import Area
from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.context.features.embedding_cache import EmbeddingCache
from netspatial.evaluate.rows import ContextRow
from netspatial.grid import make_grid

SIDE_M = 3000.0


def speed_rows(model: ContextModel, city: City, scratch: Path) -> list[ContextRow]:
    """Time the embedding of a square of 3 km in the middle of the city, encoders loaded before."""
    west, south, east, north = city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, SIDE_M)
    cells = make_grid(area, 100.0, city.crs)
    cells = cells[cells["inside"] > 0.5]
    # a fresh model, so that the cache of this machine is neither used nor filled
    extractor = replace(model.extractor, cache=EmbeddingCache(scratch / "cache"))
    fresh = ContextModel(model.weights, model.source)
    fresh.__dict__["extractor"] = extractor
    seconds = {}
    for state in ("cold", "warm"):
        start = time.perf_counter()
        context = fresh.embed(city, cells)
        seconds[state] = time.perf_counter() - start
    name = f"{model.reading.vision}+{model.reading.text}"
    rows = [
        ContextRow("speed", name, "cells", float(len(context))),
        ContextRow("speed", name, "POIs in the area", float(_pois_in(city, cells.total_bounds))),
    ]
    for state, taken in seconds.items():
        rows += [
            ContextRow("speed", name, f"seconds, {state}", taken),
            ContextRow("speed", name, f"cells per second, {state}", len(context) / taken),
        ]
    return rows


def _pois_in(city: City, bounds: "Floats") -> int:
    return len(city.pois.to_crs(city.crs).cx[bounds[0] : bounds[2], bounds[1] : bounds[3]])
