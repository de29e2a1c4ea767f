"""Cities that the learned correction is trained on: their stations, and several draws of levels.

A simulated city is drawn again for the same stations, so that its levels are new to a generator
that was trained on it; of a measured one its own levels are used.
"""

from pathlib import Path

import numpy as np

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.context.embed import ContextModel
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.generate.generator import Generator
from netspatial.generate.measured import read_places, read_stations
from netspatial.kriging.correction_tasks import TrainingCity
from netspatial.kriging.kernels import GROUPS, Places
from netspatial.randomness import key
from netspatial.simulate import redrawn_traffic

SIZES = ("family", "size_km", "stations", "weeks")


def correction_city(
    city: City, context_model: ContextModel, generator: Generator, redraws: int, kept: Path
) -> TrainingCity:
    """Return a city's stations and levels (draws, n); a file in the folder `kept` holds them.

    redraws : draws of a simulated city
    """
    made = (city_fingerprint(city), context_model.fingerprint, generator.fingerprint, redraws)
    file = kept / f"{key(0, *made):032x}.npz"
    if city.name in generator.facts.sources and not _is_redrawn(city):
        raise BadInput(
            f"The generator was trained on '{city.name}'; the correction needs other cities."
        )
    if not file.is_file():
        _write(file, *_read_city(city, context_model, generator, redraws))
    places, levels = _read(file)
    return TrainingCity(city.name, places, levels)


def _read_city(
    city: City, context_model: ContextModel, generator: Generator, redraws: int
) -> tuple[Places, Floats]:
    if not _is_redrawn(city):
        stations = read_stations(city, context_model, generator)
        return stations.places, stations.level[None]
    asked = city.record.parameters
    table = city.stations
    context = context_model.embed(city, table)
    traffic = redrawn_traffic(
        int(city.record.seed or 0),
        asked["family"],
        asked["size_km"],
        asked["stations"],
        asked["weeks"],
        range(1, redraws + 1),
    )
    if traffic.shape[1] != len(table):
        raise BadInput(
            f"'{city.name}' has {len(table)} stations, and this version simulates "
            f"{traffic.shape[1]}; simulate it again."
        )
    levels = np.log(np.maximum(traffic.mean(axis=2, dtype=np.float64), 1e-12))
    return read_places(city, table, context, context_model, generator), levels


def _is_redrawn(city: City) -> bool:
    """Return whether the simulator can draw the city again; not where rays were traced."""
    asked = city.record.parameters
    return (
        city.record.provenance == "simulated"
        and city.record.seed is not None
        and all(name in asked for name in SIZES)
        and "radio" not in asked
    )


def _write(file: Path, places: Places, levels: Floats) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    features = {name: places.features[name].astype(np.float32) for name in GROUPS}
    with atomic_file(file) as draft, draft.open("wb") as opened:
        np.savez(
            opened,
            allow_pickle=False,
            xy=places.xy,
            coverage=places.coverage,
            level=places.level,
            level_sd=places.level_sd,
            levels=levels,
            **features,
        )


def _read(file: Path) -> tuple[Places, Floats]:
    with np.load(file, allow_pickle=False) as arrays:
        features = {name: arrays[name].astype(np.float64) for name in GROUPS}
        places = Places(
            arrays["xy"], arrays["coverage"], arrays["level"], arrays["level_sd"], features
        )
        return places, arrays["levels"]
