"""`netspatial city`, `netspatial area` and `netspatial grid`: inspect cities, areas and cells."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from netspatial.cli.console import console
from netspatial.errors import BadInput

if TYPE_CHECKING:
    import geopandas as gpd

    from netspatial.area import Area

MAX_ROWS = 20
"""Maximum printed entries of one kind; --json has all."""

city = typer.Typer(help="Describe, validate and build city folders.")

Folder = Annotated[Path, typer.Argument(help="City folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Bbox = Annotated[str | None, typer.Option(help="West,south,east,north in degrees.")]
Around = Annotated[str | None, typer.Option(help="Lon,lat of the centre; requires --side-m.")]
SideM = Annotated[float | None, typer.Option(help="Side of the square around the centre, m.")]
File = Annotated[
    Path | None, typer.Option(help="GeoJSON, GeoParquet, KML or zipped shapefile of the area.")
]
LimitKm2 = Annotated[float, typer.Option(help="Maximum area, km2.")]
Out = Annotated[Path | None, typer.Option(help="Write to this .parquet or .geojson file.")]


@city.command()
def describe(folder: Folder, as_json: Json = False) -> None:
    """Describe the content of a city folder."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up

    described = City.open(folder).describe()
    if as_json:
        typer.echo(json.dumps(described, indent=2))
        return
    table = Table("what", "value", title=described["name"], show_header=False)
    for name, value in _flat(described):
        table.add_row(name, value)
    console().print(table)


@city.command()
def validate(folder: Folder, as_json: Json = False) -> None:
    """List the problems of a city folder; the exit code is 1 if there are any."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up

    opened = City.open(folder)
    problems = opened.validate()
    if as_json:
        typer.echo(json.dumps({"city": opened.name, "problems": problems}, indent=2))
    elif problems:
        for problem in problems:
            typer.echo(f"- {problem}")
    else:
        typer.echo(f"{opened.name} is valid: {', '.join(opened.parts) or 'no parts yet'}.")
    raise typer.Exit(1 if problems else 0)


def area(
    bbox: Bbox = None,
    around: Around = None,
    side_m: SideM = None,
    file: File = None,
    limit_km2: LimitKm2 = 400.0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Check an area: size, bounds and problems."""
    checked = drawn_area(bbox, around, side_m, file, limit_km2)
    if out is not None:
        checked.to_file(out)
    if as_json:
        typer.echo(json.dumps(checked.to_geojson(), indent=2))
        return
    west, south, east, north = checked.bounds
    typer.echo(f"{checked.area_km2:,.4f} km2, centred on {_lonlat(checked)}")
    typer.echo(f"west {west:.6f}, south {south:.6f}, east {east:.6f}, north {north:.6f}")
    for note in checked.notes:
        typer.echo(note)
    if out is not None:
        typer.echo(f"written to {out}")


def grid(
    bbox: Bbox = None,
    around: Around = None,
    side_m: SideM = None,
    file: File = None,
    limit_km2: LimitKm2 = 400.0,
    city: Annotated[
        Path | None,
        typer.Option(help="City folder, for CRS and feasibility; without an area, the whole city."),
    ] = None,
    cell_m: Annotated[float, typer.Option(help="Side of a square cell, m.")] = 100.0,
    h3: Annotated[int | None, typer.Option(help="H3 hexagons of this resolution instead.")] = None,
    skip_mask: Annotated[
        list[str] | None, typer.Option(help="Feasibility mask to skip; repeatable.")
    ] = None,
    station_distance_m: Annotated[
        float, typer.Option(help="Minimum distance to an existing station, m.")
    ] = 200.0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Create the cells of an area and, with --city, their feasibility."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.grid import GRIDS, utm_zone  # noqa: PLC0415  light start-up

    opened = None if city is None else City.open(city)
    drawn = (bbox, around, side_m, file)
    if opened is not None and drawn == (None, None, None, None):
        checked = _whole(opened.record.bounds)
    else:
        checked = drawn_area(*drawn, limit_km2)
        if opened is not None and opened.has("imagery"):
            checked.check_within(opened.imagery.lonlat_bounds)
    crs = utm_zone(checked) if opened is None else opened.crs
    kind, size = ("square", cell_m) if h3 is None else ("h3", h3)
    cells = GRIDS[kind](checked, size, crs)
    summary: dict[str, Any] = {
        "cells": len(cells),
        "kind": kind,
        "size": size,
        "crs": crs.to_string(),
        "area_km2": round(checked.area_km2, 6),
        "whole_cells": int((cells["inside"] > 1 - 1e-6).sum()),
    }
    if opened is not None:
        from netspatial.feasibility import MASKS, Rules, feasibility  # noqa: PLC0415  light start-up

        masks = masks_without(list(MASKS), skip_mask or [])
        cells = feasibility(cells, opened, masks, Rules(station_distance_m=station_distance_m))
        summary["feasible"] = _counts(cells, "feasible")
        summary["reasons"] = _counts(cells[cells["feasible"] != "yes"], "reason")
    elif skip_mask:
        raise BadInput("The option --skip-mask needs --city: masks read a city's data.")
    if out is not None:
        from netspatial.place_files import write_places  # noqa: PLC0415  light start-up

        write_places(cells, out)
        summary["out"] = str(out)
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
        return
    table = Table("what", "value", title="Cells", show_header=False)
    for name, value in _flat(summary):
        table.add_row(name, value)
    console().print(table)


def drawn_area(
    bbox: str | None, around: str | None, side_m: float | None, file: Path | None, limit_km2: float
) -> "Area":
    """Return the area given by exactly one of the options."""
    from netspatial.area import Area  # noqa: PLC0415  light start-up

    if sum(option is not None for option in (bbox, around, file)) != 1:
        raise BadInput("Give the area by exactly one of --bbox, --around and --file.")
    if (around is None) != (side_m is None):
        raise BadInput("The options --around and --side-m go together: a centre and a side.")
    if bbox is not None:
        west, south, east, north = _numbers("--bbox", bbox, "west,south,east,north")
        return Area.from_bounds(west, south, east, north, limit_km2=limit_km2)
    if around is not None and side_m is not None:
        lon, lat = _numbers("--around", around, "lon,lat")
        return Area.around(lon, lat, side_m, limit_km2=limit_km2)
    return Area.from_file(file or "", limit_km2=limit_km2)


def _whole(bounds: tuple[float, float, float, float]) -> "Area":
    """Return the bounds of a city as an area without size limit."""
    from netspatial.area import Area  # noqa: PLC0415  light start-up

    return Area.from_bounds(*bounds, limit_km2=math.inf)


def _numbers(option: str, text: str, names: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(names.split(",")):
        raise BadInput(f"The option {option} is '{text}'; give {names} in degrees.")
    return numbers


def masks_without(known: list[str], skip_mask: list[str]) -> list[str]:
    """Return the names of the masks that are not skipped."""
    for name in skip_mask:
        if name not in known:
            raise BadInput(f"There is no mask '{name}'; the masks are {', '.join(known)}.")
    return [name for name in known if name not in skip_mask]


def _counts(cells: "gpd.GeoDataFrame", column: str) -> dict[str, int]:
    return {str(value): int(count) for value, count in cells[column].value_counts().items()}


def _lonlat(area: "Area") -> str:
    return f"{area.centroid.x:.6f}, {area.centroid.y:.6f} (lon, lat)"


def _flat(record: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Return nested values as (dotted name, text) rows, with long lists shortened."""
    rows: list[tuple[str, str]] = []
    for name, value in list(record.items())[:MAX_ROWS]:
        if isinstance(value, dict):
            rows += _flat(value, f"{above}{name}.")
        elif value is not None and value != []:
            many = isinstance(value, list | tuple)
            rows.append((f"{above}{name}", ", ".join(map(str, value)) if many else str(value)))
    if len(record) > MAX_ROWS:
        rows.append((f"{above}...", f"{len(record) - MAX_ROWS} more, see --json"))
    return rows
