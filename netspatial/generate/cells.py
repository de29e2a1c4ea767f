"""Traffic of the cells of an area in one call: grid, embedding, generator, measured stations."""

from pathlib import Path

import geopandas as gpd
import xarray as xr

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.context.embed import ContextModel, load_context
from netspatial.generate.calendar import DEFAULT_START
from netspatial.generate.generator import Generator
from netspatial.generate.measured import measure_city
from netspatial.grid import make_grid
from netspatial.kriging.learned_correction import LearnedCorrection
from netspatial.progress import Progress, silent, within


def generate_traffic(
    city: City | str | Path,
    area: Area,
    *,
    cell_m: float = 100.0,
    samples: int = 16,
    weeks: int = 4,
    start: str = DEFAULT_START,
    seed: int = 0,
    measured: bool = True,
    model: str | Path | None = None,
    context: str | Path | None = None,
    device: str = "cpu",
    progress: Progress = silent,
) -> xr.DataArray:
    """Generate hourly traffic (cell, sample, time) of the cells of an area, without a run folder.

    Parameters
    ----------
    city : City or path
        The city, or its folder.
    area : Area
        Where the cells lie; within the city's image.
    cell_m : float
        Side of a cell, metres.
    samples : int
        Samples per cell.
    weeks : int
        Whole weeks in each sample.
    start : str
        First local hour.
    seed : int
        Random seed.
    measured : bool
        Whether the city's measured traffic corrects the generated traffic.
    model, context : path, optional
        Folders of trained models; the bundled ones by default.
    device : str
        For example ``cpu`` or ``cuda``.
    progress : callable
        Called with what is being done and the share done.

    Returns
    -------
    xarray.DataArray
        Traffic with `lon` and `lat` per cell; its unit is in ``attrs["units"]``.

    Raises
    ------
    BadInput
        Where the area leaves the image or a setting is out of range.

    """
    opened = city if isinstance(city, City) else City.open(city)
    if opened.has("imagery"):
        area.check_within(opened.imagery.lonlat_bounds)
    cells = make_grid(area, cell_m, opened.crs)
    traffic = traffic_of_cells(
        opened,
        cells,
        load_context(context),
        Generator.load(model, device),
        samples=samples,
        weeks=weeks,
        start=start,
        seed=seed,
        measured=measured,
        progress=progress,
    )
    return traffic.assign_coords(
        lon=("cell", cells["lon"].to_numpy()), lat=("cell", cells["lat"].to_numpy())
    )


def traffic_of_cells(
    city: City,
    cells: gpd.GeoDataFrame,
    context_model: ContextModel,
    generator: Generator,
    *,
    samples: int,
    weeks: int,
    start: str,
    seed: int,
    measured: bool,
    correction: LearnedCorrection | None = None,
    progress: Progress = silent,
) -> xr.DataArray:
    """Generate traffic (cell, sample, time) of cells, corrected by the city's stations if any.

    correction : of the level that is kriged from the stations
    """
    embedded = context_model.embed(city, cells, within(progress, 0.0, 0.5))
    if measured and city.has("stations") and city.has("traffic"):
        progress("reading measured stations", 0.5)
        stations = measure_city(city, context_model, generator, correction=correction)
        return stations.sample(
            cells, embedded, samples, seed, weeks, start, within(progress, 0.6, 1.0)
        )
    zone = city.record.timezone
    return generator.sample(
        embedded, samples, seed, weeks, start, zone, progress=within(progress, 0.5, 1.0)
    )
