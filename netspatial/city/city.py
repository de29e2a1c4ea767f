"""A city on disk: image, points of interest, stations, traffic and land use in one folder.

All later packages read places and measurements here. Any part may be missing; reading a missing
part raises an error that names it and how to get it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pydantic
import xarray as xr
from pyproj import CRS
from pyproj.exceptions import CRSError

from netspatial.checked import from_json, problem
from netspatial.city import checks, summary
from netspatial.city.traffic import measured
from netspatial.disk import Mark, atomic_folder, placed, settle
from netspatial.errors import BadInput, MissingPart, NetSpatialError, reason
from netspatial.geoparquet import check_shapes, in_lonlat, read_places
from netspatial.imagery import Bounds, Imagery
from netspatial.netcdf import open_dataset, sound
from netspatial.timeline import timezone_named
from netspatial.user_files.limits import COMMAND_LINE
from netspatial.user_files.netcdf import check_netcdf

if TYPE_CHECKING:  # only figures need plotly and pydeck
    import plotly.graph_objects as go
    import pydeck as pdk

Provenance = Literal["measured", "simulated", "generated"]
Part = Literal["imagery", "pois", "stations", "traffic", "landuse"]

FILES: dict[Part, str] = {
    "imagery": "imagery.tif",
    "pois": "pois.parquet",
    "stations": "stations.parquet",
    "traffic": "traffic.nc",
    "landuse": "landuse.parquet",
}
"""File of each part of a city folder."""

CITY = Mark("city.json", ("name", "crs", "bounds", "timezone", "provenance"))
"""Mark of a city folder."""
UNFINISHED = "incomplete.json"
"""Mark of a folder of an incomplete city; the file lists what is missing."""

HOW_TO_GET: dict[Part, str] = {
    "imagery": "put an RGB uint8 GeoTIFF there as imagery.tif",
    "pois": "put GeoParquet points with name and category there as pois.parquet",
    "stations": "put GeoParquet points with station_id there as stations.parquet",
    "traffic": "put hourly traffic (station, time) there as traffic.nc",
    "landuse": "put GeoParquet polygons with a column use there as landuse.parquet",
}

NEEDED_COLUMNS: dict[Part, tuple[str, ...]] = {
    "pois": ("name", "category"),
    "stations": ("station_id",),
    "landuse": ("use",),
}


SHAPES: dict[Part, tuple[str, ...]] = {
    "pois": ("Point",),
    "stations": ("Point",),
    "landuse": ("Polygon", "MultiPolygon"),
}
"""Geometry types of the rows of each table, as in shapely."""


class CityRecord(pydantic.BaseModel):
    """Content of `city.json`: place and time of the city, licences and provenance.

    Attributes
    ----------
    name : str
        Name of the city.
    crs : str
        Metric CRS for work, for example EPSG:32632.
    bounds : tuple of float
        West, south, east, north in degrees.
    timezone : str
        IANA name of the local clock, for example Europe/Rome.
    start : datetime, optional
        First hour of the traffic, UTC.
    provenance : str
        "measured", "simulated" or "generated".
    units : dict of str
        Unit of each traffic service.
    licences : dict of str
        Licence of each part.
    attribution : list of str
        Lines that must be shown with the city's data.
    seed : int, optional
        Seed of a simulated city.
    parameters : dict
        Parameters of a simulated city; sources and notes of a built one.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    name: str = pydantic.Field(min_length=1)
    crs: str
    bounds: tuple[float, float, float, float]
    timezone: str
    start: datetime | None = None
    provenance: Provenance
    units: dict[str, str] = {}
    licences: dict[str, str] = {}
    attribution: list[str] = []
    seed: int | None = None
    parameters: dict[str, Any] = {}

    @pydantic.field_validator("crs")
    @classmethod
    def _metric(cls, value: str) -> str:
        try:
            crs = CRS.from_user_input(value)
        except CRSError as error:
            raise ValueError(f"'{value}' is not a coordinate system") from error
        if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
            raise ValueError(f"'{value}' does not measure in metres; use a UTM zone")
        if crs.to_authority() is None:
            raise ValueError(f"'{value:.60}' has no authority code; use a UTM zone")
        return value

    @pydantic.field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return timezone_named(value)
        except BadInput as error:
            raise ValueError(str(error)) from error

    @pydantic.field_validator("bounds")
    @classmethod
    def _ordered(cls, value: Bounds) -> Bounds:
        west, south, east, north = value
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError("bounds are not west < east and south < north in degrees")
        return value


def make_record(**values: Any) -> CityRecord:
    """Return the record of a new city; raise with the first value that is not right.

    Parameters
    ----------
    **values : Any
        Fields of `CityRecord`.

    Returns
    -------
    CityRecord
        The checked record.

    Raises
    ------
    BadInput
        If a field is missing, unknown or wrong.

    Examples
    --------
    >>> record = make_record(
    ...     name="Milan",
    ...     crs="EPSG:32632",
    ...     bounds=(9.1, 45.4, 9.3, 45.5),
    ...     timezone="Europe/Rome",
    ...     provenance="measured",
    ... )
    >>> record.timezone
    'Europe/Rome'
    """
    try:
        return CityRecord(**values)
    except pydantic.ValidationError as error:
        raise BadInput(f"A city cannot be described so; {problem(error)}.") from error


@dataclass(frozen=True, repr=False)
class City:
    """An open city folder. Parts are read on first use and cached.

    In a notebook it shows its parts and a map of its stations.

    Attributes
    ----------
    folder : Path
        The folder.
    record : CityRecord
        The contents of its `city.json`.
    written : tuple of int, optional
        Version of the open folder: inode and modification time of its `city.json`.
    """

    folder: Path
    record: CityRecord
    written: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def open(cls, folder: str | Path) -> "City":
        """Open a city folder; only `city.json` is read.

        Parameters
        ----------
        folder : str or Path
            The folder, as `netspatial simulate` and `netspatial city build` write it.

        Returns
        -------
        City
            The city.

        Raises
        ------
        BadInput
            Where the folder is no city, or its record is not valid.
        """
        folder = Path(folder)
        content, written = _read_settled(folder)
        record = from_json(content, CityRecord, f"{folder / 'city.json'}")
        return cls(folder, record, written)

    @property
    def name(self) -> str:
        """The city's name."""
        return self.record.name

    @property
    def crs(self) -> CRS:
        """The metric CRS in which cells are cut and distances are measured."""
        return CRS.from_user_input(self.record.crs)

    @property
    def overlay(self) -> str:
        """Changes of the city in memory, as text; empty for a city as it is on disk."""
        return ""

    def path(self, part: Part) -> Path:
        """Return the file of a part; raise `MissingPart` where it is missing.

        Parameters
        ----------
        part : str
            "imagery", "pois", "stations", "traffic" or "landuse".

        Returns
        -------
        Path
            The file.

        Raises
        ------
        MissingPart
            If the city has no such part.
        BadInput
            If it is not a file, or the city was rewritten since it was opened.
        """
        path = self.folder / FILES[part]
        self._check_unchanged()
        if self.has(part) and not path.is_file():
            raise BadInput(
                f"{path} is not a file but a folder, a device or a link to nowhere; put the part "
                "of the city there, or remove it."
            )
        if not self.has(part):
            raise MissingPart(
                f"The city '{self.name}' has no {part} ({path.name} is not in '{self.folder}'): "
                f"{HOW_TO_GET[part]}."
            )
        return path

    def has(self, part: Part) -> bool:
        """Whether the city has this part, valid or not.

        Parameters
        ----------
        part : str
            "imagery", "pois", "stations", "traffic" or "landuse".

        Returns
        -------
        bool
            True where its file exists.
        """
        return os.path.lexists(self.folder / FILES[part])

    @property
    def parts(self) -> list[Part]:
        """The parts that the city has."""
        return [part for part in FILES if self.has(part)]

    @cached_property
    def imagery(self) -> Imagery:
        """The satellite image, not yet read."""
        return Imagery(self.path("imagery"))

    @cached_property
    def pois(self) -> gpd.GeoDataFrame:
        """Points of interest: name, category, address, source, geometry in EPSG:4326."""
        return self._places("pois")

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """Base stations: station_id, capacity, tier, technology, geometry in EPSG:4326."""
        table = self._places("stations")
        ids = table["station_id"]
        if ids.isna().any() or ids.astype(str).duplicated().any():
            raise BadInput(f"{self.path('stations')} has missing or duplicate station ids.")
        return table

    @cached_property
    def landuse(self) -> gpd.GeoDataFrame:
        """Land-use polygons: use, geometry in EPSG:4326. For feasibility and checks only."""
        return self._places("landuse")

    @cached_property
    def traffic(self) -> xr.Dataset:
        """Hourly traffic, one variable per service over (station, time); read lazily from disk."""
        path = self.path("traffic")
        check_netcdf(path, COMMAND_LINE)
        return open_dataset(path)

    def measured(self, *services: str) -> xr.Dataset:
        """Return the hourly traffic of services, (station, time), in memory and checked.

        Parameters
        ----------
        *services : str
            Names of services, for example "total".

        Returns
        -------
        xarray.Dataset
            One variable per service over (station, time), NaN where nothing was measured; times
            are UTC and increase.

        Raises
        ------
        BadInput
            If a service is missing or its values are not valid.
        """
        return measured(self.traffic, services, self.path("traffic"))

    @property
    def services(self) -> list[str]:
        """Names of the traffic services, 'total' first where it exists."""
        return sorted(map(str, self.traffic.data_vars), key=lambda name: (name != "total", name))

    def validate(self) -> list[str]:
        """Return one sentence per problem of the folder; empty when it is valid.

        Returns
        -------
        list of str
            The problems of all parts.
        """
        bounds = self.record.bounds
        found = checks.crs_problems(self.crs, bounds)
        checked: dict[Part, Callable[[], list[str]]] = {
            "imagery": lambda: (
                self.imagery.problems()
                + checks.image_problems(self.imagery.lonlat_bounds, bounds, self.imagery.cut_off())
            ),
            "pois": lambda: checks.poi_problems(self._table("pois"), bounds),
            "stations": lambda: checks.station_problems(self._table("stations"), bounds),
            "landuse": lambda: checks.landuse_problems(self._table("landuse"), bounds),
            "traffic": self._traffic_problems,
        }
        for part in self.parts:
            try:
                found += checked[part]()
            except NetSpatialError as error:
                found.append(str(error))
            if part not in self.record.licences:
                found.append(f"city.json has no licence for the {part}.")
        return found

    def describe(self) -> dict[str, Any]:
        """Return the city's record and a summary of each part, JSON-able.

        Returns
        -------
        dict
            Fields of the record, `size_km` (width, height), `parts` and `missing`.
        """
        record = self.record
        described: dict[Part, Callable[[], dict[str, Any]]] = {
            "imagery": lambda: summary.imagery_summary(self.imagery, self.crs),
            "pois": lambda: summary.pois_summary(self.pois),
            "stations": lambda: summary.stations_summary(self.stations),
            "landuse": lambda: summary.landuse_summary(self.landuse, self.crs),
            "traffic": lambda: summary.traffic_summary(self.measured(*self.services), record.units),
        }
        return {
            **record.model_dump(mode="json", exclude={"parameters", "units"}),
            "size_km": summary.extent_km(record.bounds),
            "parts": {part: described[part]() for part in self.parts},
            "missing": [part for part in FILES if not self.has(part)],
        }

    def plot(self, service: str | None = None) -> "go.Figure":
        """Return the chart of the hourly traffic of all stations together.

        Parameters
        ----------
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        plotly.graph_objects.Figure
            Local time, with shaded weekends.

        Raises
        ------
        MissingPart
            Where the city has no traffic.
        BadInput
            Where it has no such service.

        """
        from netspatial.viz.notebook_city import traffic_chart  # noqa: PLC0415  plotly is heavy

        return traffic_chart(self, None, service)

    def plot_station(self, station: str, service: str | None = None) -> "go.Figure":
        """Return the chart of the hourly traffic of one station.

        Parameters
        ----------
        station : str
            Id of a station.
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        plotly.graph_objects.Figure
        """
        from netspatial.viz.notebook_city import traffic_chart  # noqa: PLC0415  plotly is heavy

        return traffic_chart(self, station, service)

    def explore(self, service: str | None = None) -> "pdk.Deck":
        """Return an interactive map: image, places, and stations coloured by mean traffic.

        Parameters
        ----------
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        pydeck.Deck
            Loads deck.gl from its public address; ``to_html("map.html", offline=True)`` does not.

        """
        from netspatial.viz.notebook_city import stations_map  # noqa: PLC0415  pydeck is heavy

        return stations_map(self, service=service)

    def to_file(
        self, path: str | Path, part: Literal["stations", "pois", "landuse"] = "stations"
    ) -> Path:
        """Write one table of the city and return the path.

        Parameters
        ----------
        path : str or Path
            ``.gpkg``, ``.geojson``, ``.kml``, ``.parquet`` or ``.csv``.
        part : {"stations", "pois", "landuse"}
            The table.

        Returns
        -------
        Path
            The written file, with provenance and attribution.

        Raises
        ------
        MissingPart
            Where the city has no such part.
        BadInput
            Where the extension is not known.

        """
        from netspatial.place_files import write_places  # noqa: PLC0415  heavy

        if part not in SHAPES:
            raise BadInput(f"'{part}' is no table of a city; give one of {', '.join(SHAPES)}.")
        return write_places(getattr(self, part), path, self._origin(part))

    def __repr__(self) -> str:
        """Return one line: name, provenance, folder and parts."""
        return (
            f"<City '{self.name}' ({self.record.provenance}) in '{self.folder}': "
            f"{', '.join(self.parts) or 'no parts'}>"
        )

    def _repr_html_(self) -> str:
        from netspatial.viz.notebook_city import city_html  # noqa: PLC0415  heavy

        return city_html(self)

    def _origin(self, part: Part) -> dict[str, str]:
        """Provenance, licence and attribution of a part, for its files."""
        record = self.record
        return {
            "note": f"{record.provenance} city '{self.name}'",
            "licence": record.licences.get(part, "not stated"),
            "attribution": "; ".join(record.attribution) or "none named",
        }

    def _traffic_problems(self) -> list[str]:
        stations = self._table("stations") if self.has("stations") else None
        ids = None if stations is None else list(stations["station_id"].astype(str))
        with sound(self.path("traffic")):
            return checks.traffic_problems(self.traffic, ids, self.record.units)

    def _check_unchanged(self) -> None:
        """Raise where the folder was rewritten, so that old and new parts never mix."""
        described = self.folder / "city.json"
        if self.written is None or not described.is_file():
            return
        if _stamp(described.stat()) != self.written:
            raise BadInput(
                f"The city '{self.name}' was rewritten since it was opened; open it again."
            )

    def _table(self, part: Part) -> gpd.GeoDataFrame:
        """Read a table unchecked, for the checks."""
        path = self.path(part)
        return in_lonlat(read_places(path, NEEDED_COLUMNS[part]), path)

    def _places(self, part: Part) -> gpd.GeoDataFrame:
        """Read a table and check that every row has a valid geometry."""
        table = self._table(part)
        check_shapes(table, SHAPES[part], self.path(part))
        return table


@dataclass(frozen=True)
class CityDraft:
    """A city being written. Its target appears only when all of it is written.

    Attributes
    ----------
    folder : Path
        The temporary folder.
    """

    folder: Path

    @property
    def imagery_path(self) -> Path:
        """Path for the image."""
        return self.folder / FILES["imagery"]

    def write_pois(self, pois: gpd.GeoDataFrame) -> None:
        """Write points of interest (name, category, address, source).

        Parameters
        ----------
        pois : geopandas.GeoDataFrame
            Points in any CRS.

        Raises
        ------
        BadInput
            If the table has no CRS.
        """
        self._write_table("pois", pois)

    def write_stations(self, stations: gpd.GeoDataFrame) -> None:
        """Write stations (station_id and, where known, capacity, tier, technology).

        Parameters
        ----------
        stations : geopandas.GeoDataFrame
            Points in any CRS.

        Raises
        ------
        BadInput
            If the table has no CRS.
        """
        self._write_table("stations", stations)

    def write_landuse(self, landuse: gpd.GeoDataFrame) -> None:
        """Write land-use polygons (use).

        Parameters
        ----------
        landuse : geopandas.GeoDataFrame
            Polygons in any CRS.

        Raises
        ------
        BadInput
            If the table has no CRS.
        """
        self._write_table("landuse", landuse)

    def write_traffic(self, traffic: xr.Dataset) -> None:
        """Write hourly traffic (station, time), each variable with its `units`.

        Parameters
        ----------
        traffic : xarray.Dataset
            One variable per service; times in UTC without a zone.

        Notes
        -----
        Packed in memory first: the HDF5 library crashes the process on a full disk.
        """
        encoding = {
            name: {"dtype": "float32", "zlib": True, "complevel": 4, "shuffle": True}
            for name in traffic.data_vars
        }
        packed = traffic.to_netcdf(engine="h5netcdf", encoding=encoding)
        (self.folder / FILES["traffic"]).write_bytes(packed)

    def _write_table(self, part: Part, table: gpd.GeoDataFrame) -> None:
        if table.crs is None:
            raise BadInput(f"The {part} have no coordinate system; use EPSG:4326.")
        table.to_crs("EPSG:4326").to_parquet(self.folder / FILES[part], index=False)


@contextmanager
def write_city(folder: str | Path, record: CityRecord) -> Iterator[CityDraft]:
    """Write a city: fill the draft inside the block; the folder appears when the block ends.

    Parameters
    ----------
    folder : str or Path
        Target folder; an existing city there is replaced.
    record : CityRecord
        The contents of `city.json`.

    Yields
    ------
    CityDraft
        The draft that takes the parts.
    """
    with atomic_folder(Path(folder), known_by=CITY) as draft:
        (draft / "city.json").write_text(record.model_dump_json(indent=2) + "\n")
        yield CityDraft(draft)


def unfinished(folder: Path) -> Path:
    """Return the folder that stores the fetched parts of an incomplete city."""
    folder = placed(folder)
    return folder.with_name(f"{folder.name}.incomplete")


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_ino, status.st_mtime_ns


def _read_settled(folder: Path) -> tuple[bytes, tuple[int, int]]:
    """Read `city.json` and its stamp; wait while the folder is being replaced."""
    described = folder / "city.json"
    if described.exists() and not described.is_file():
        raise BadInput(f"'{described}' is not a file; a city folder needs the file city.json.")
    for _ in range(2):
        settle(folder)
        try:
            with described.open("rb") as file:
                return file.read(), _stamp(os.fstat(file.fileno()))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError as error:
            raise BadInput(f"{described} cannot be read: {reason(error)}.") from error
    begun = next((f for f in (folder, unfinished(folder)) if (f / UNFINISHED).is_file()), None)
    hint = (
        ""
        if begun is None
        else (
            f" It is incomplete: '{begun / UNFINISHED}' lists what is missing, and the same "
            "`netspatial city build` resumes it."
        )
    )
    if folder.is_dir():
        raise BadInput(f"'{folder}' is not a city folder: it has no city.json.{hint}")
    raise BadInput(f"There is no city folder '{folder}'.{hint}")
