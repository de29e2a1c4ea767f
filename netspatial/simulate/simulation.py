"""Simulate a city folder from a seed: land, image, places, stations and a month of traffic.

The public interface of the simulator. Later stages and benchmarks read only the folder.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from pyproj import Transformer

from netspatial.arrays import Floats32
from netspatial.city.city import City, make_record, write_city
from netspatial.errors import BadInput
from netspatial.imagery import Bounds
from netspatial.progress import Progress, silent
from netspatial.radio.raytraced import require_tracer
from netspatial.simulate.growth import Grown, grow, grow_traced
from netspatial.simulate.image import render
from netspatial.simulate.parameters import Family
from netspatial.simulate.pois import scatter_pois
from netspatial.simulate.services import UNITS
from netspatial.simulate.stations import station_table
from netspatial.simulate.town import Town, landuse_polygons
from netspatial.simulate.traffic import as_dataset, draw_calendar, draw_traffic

Association = Literal["distance", "raytraced"]
"""Basis of the association of demand with stations: distance, or rays through buildings."""


LIMITS: dict[str, tuple[float, float, str]] = {
    "seed": (0, 2**63 - 1, ""),
    "size_km": (1.0, 60.0, " km"),
    "stations": (1, 20_000, ""),
    "pois": (0, 1_000_000, ""),
    "gsd_m": (1.0, 20.0, " m"),
    "weeks": (1, 26, ""),
    "redraw": (0, 2**63 - 1, ""),
}
"""Smallest and largest value of each argument, and its unit."""

LICENCE = "CC0-1.0"
ATTRIBUTION = "Simulated by NetSpatial; no real place, people or network"

STEPS: dict[str, float] = {
    "drawing land and network": 0.2,
    "placing points of interest": 0.05,
    "drawing the traffic": 0.1,
    "painting the image": 0.65,
}
"""Steps of a simulation, in order, and the approximate share of time of each."""
TRACED_STEPS: dict[str, float] = {
    "tracing rays": 0.87,
    "placing points of interest": 0.01,
    "drawing the traffic": 0.02,
    "painting the image": 0.1,
}
"""The same for a ray-traced simulation."""


def simulate(
    folder: str | Path,
    seed: int = 7,
    family: Family = "train",
    size_km: float = 12,
    stations: int = 300,
    pois: int = 10_000,
    gsd_m: float = 5,
    weeks: int = 4,
    redraw: int = 0,
    radio: Association = "distance",
    progress: Progress = silent,
) -> City:
    """Simulate a city into `folder` and open it. The same arguments give the same bytes.

    Parameters
    ----------
    folder : str or Path
        New or empty folder, or a city that is replaced.
    seed : int
        Seed of everything that is drawn.
    family : str
        "train" or "unseen", two families of cities with disjoint parameters.
    size_km : float
        Side of the square city, 1 to 60 km.
    stations : int
        Stations, up to 20,000.
    pois : int
        Points of interest on the map, up to a million.
    gsd_m : float
        Metres per pixel of the image, 1 to 20.
    weeks : int
        Times 168 hours of traffic, from a Monday 00:00 on the local clock; where the clock
        changes meanwhile, the last day is an hour longer or shorter.
    redraw : int
        Another number draws levels, residuals, events, holidays and outages anew for the same
        city: the difference between two redraws is what the location does not determine.
    radio : str
        "distance", or "raytraced" by Sionna RT through the town's buildings: materials, heights
        and powers are drawn with the city and stored in `city.json`.
    progress : callable
        Called with the step and the share done.

    Returns
    -------
    City
        The open city.

    Raises
    ------
    BadInput
        If an argument is out of range, or the folder holds something else.
    """
    _check(
        seed=seed,
        size_km=size_km,
        stations=stations,
        pois=pois,
        gsd_m=gsd_m,
        weeks=weeks,
        redraw=redraw,
    )
    if family not in get_args(Family):
        raise BadInput(f"There is no family '{family}' of cities; use train or unseen.")
    if radio not in get_args(Association):
        raise BadInput(f"There is no radio '{radio}'; use distance or raytraced.")
    target = Path(folder)
    check_target(target)
    if radio == "raytraced":
        require_tracer()
        report = _Report(progress, TRACED_STEPS)
        report.begin("tracing rays")
        grown = grow_traced(seed, family, size_km, stations, report.within)
    else:
        report = _Report(progress, STEPS)
        report.begin("drawing land and network")
        grown = grow(seed, family, size_km, stations)
    town, network, sites, drawn = grown.town, grown.network, grown.sites, grown.drawn
    table = station_table(town, network, sites.capacity, sites.carried.mix.argmax(axis=1))

    report.begin("placing points of interest")
    places = scatter_pois(town, pois, drawn["pois"])

    report.begin("drawing the traffic")
    calendar = draw_calendar(seed, town.timezone, weeks)
    services, holidays = draw_traffic(seed, redraw, network, sites, calendar, drawn["traffic"])

    record = make_record(
        name=f"Simulated city {seed} ({family})",
        crs=town.crs.to_string(),
        bounds=_lonlat_bounds(town),
        timezone=town.timezone,
        start=calendar.utc[0].tz_localize("UTC").to_pydatetime(),
        provenance="simulated",
        units=UNITS,
        licences=dict.fromkeys(("imagery", "pois", "stations", "traffic", "landuse"), LICENCE),
        attribution=[ATTRIBUTION],
        seed=seed,
        parameters={
            "family": family,
            "size_km": size_km,
            "stations": stations,
            "pois": pois,
            "gsd_m": gsd_m,
            "weeks": weeks,
            "redraw": redraw,
            "holidays": [str(calendar.start.date() + timedelta(int(day))) for day in holidays],
            "drawn": drawn,
        }
        | _traced_parameters(grown),
    )
    with write_city(target, record) as draft:
        draft.write_pois(places)
        draft.write_stations(table)
        draft.write_landuse(landuse_polygons(town))
        draft.write_traffic(as_dataset(services, network.station_ids, calendar, town.timezone))
        report.begin("painting the image")
        render(town, gsd_m, draft.imagery_path, report.within)
    report.end()
    return City.open(target)


def redrawn_traffic(
    seed: int, family: Family, size_km: float, stations: int, weeks: int, redraws: Iterable[int]
) -> Floats32:
    """Return total traffic of a city's stations under several redraws, (redraws, stations, hours).

    The same as `simulate` writes for each of them, without painting the city again.

    Parameters
    ----------
    seed : int
        Seed of the city.
    family : str
        "train" or "unseen".
    size_km : float
        Side of the city, km.
    stations : int
        Stations.
    weeks : int
        Times 168 hours.
    redraws : iterable of int
        Numbers of the redraws.

    Returns
    -------
    ndarray of float32, (redraws, stations, hours)
        Traffic, GB/h.
    """
    grown = grow(seed, family, size_km, stations)
    calendar = draw_calendar(seed, grown.town.timezone, weeks)
    drawn = grown.drawn["traffic"]
    return np.stack(
        [
            draw_traffic(seed, redraw, grown.network, grown.sites, calendar, drawn)[0]["total"]
            for redraw in redraws
        ]
    ).astype(np.float32)


def check_target(folder: Path) -> None:
    """Raise `BadInput` where `folder` holds anything other than a city."""
    if folder.is_file():
        raise BadInput(f"'{folder}' is a file; a folder for the city is needed.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "city.json").is_file():
        raise BadInput(
            f"'{folder}' contains something other than a city; give a new or an empty folder."
        )


def _traced_parameters(grown: Grown) -> dict[str, object]:
    """Additional parameters in `city.json` of a ray-traced city; else none."""
    if grown.radio is None:
        return {}
    return {"radio": "raytraced", "drawn": grown.drawn | {"radio": asdict(grown.radio)}}


class _Report:
    """Reports the steps of a simulation as one share of the whole."""

    def __init__(self, progress: Progress, steps: dict[str, float]) -> None:
        self._progress = progress
        self._steps = steps
        self._step = ""
        self._begun = 0.0

    def begin(self, step: str) -> None:
        """Report that a step begins; those before it are done."""
        names = list(self._steps)
        self._step = step
        self._begun = sum(self._steps[name] for name in names[: names.index(step)])
        self._progress(step, self._begun)

    def within(self, _what: str, share: float) -> None:
        """Report the share done of the current step."""
        self._progress(self._step, self._begun + share * self._steps[self._step])

    def end(self) -> None:
        """Report that everything is done."""
        self._progress("done", 1.0)


def _check(**arguments: float) -> None:
    """Raise `BadInput` for the first argument outside its limits."""
    for name, value in arguments.items():
        low, high, unit = LIMITS[name]
        if not (np.isfinite(value) and low <= value <= high):
            raise BadInput(
                f"{name} is {value}{unit}; between {low:g} and {high:g}{unit} would be right."
            )


def _lonlat_bounds(town: Town) -> Bounds:
    """Return west, south, east, north of the town in degrees."""
    to_degrees = Transformer.from_crs(town.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(
        town.left, town.bottom, town.left + town.size_m, town.bottom + town.size_m
    )
    return west, south, east, north
