"""`netspatial city build`: a city from data sources, listed before they are fetched."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.places import Around, Bbox, File, SideM, drawn_area
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.city.city import Part
    from netspatial.sources.build import Order
    from netspatial.sources.contract import Estimate

Many = list[str] | None


def build(
    name: Annotated[str, typer.Argument(help="Name of the city.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder to write the city into.", show_default=False)],
    timezone: Annotated[
        str | None, typer.Option(help="Time zone, such as Europe/Rome; default: that of the area.")
    ] = None,
    bbox: Bbox = None,
    around: Around = None,
    side_m: SideM = None,
    file: File = None,
    imagery: Annotated[
        str | None, typer.Option(help="A GeoTIFF, COG or VRT; xyz: or sentinel2:.")
    ] = None,
    pois: Annotated[
        Many, typer.Option(help="Points of interest: a file, osm:, overpass, overture; repeatable.")
    ] = None,
    landuse: Annotated[
        Many,
        typer.Option(help="Land use: a file of shapes, raster:, osm:, overpass; repeatable."),
    ] = None,
    stations: Annotated[
        Many, typer.Option(help="Stations: a file, opencellid:; repeatable.")
    ] = None,
    traffic: Annotated[
        str | None, typer.Option(help="Measured traffic: tidy:, wide: or telecom-italia:.")
    ] = None,
    limit_km2: Annotated[float, typer.Option(help="Maximum area, km2.")] = 5000.0,
    provenance: Annotated[
        Literal["measured", "simulated", "generated"], typer.Option(help="Provenance of the data.")
    ] = "measured",
    yes: Annotated[
        bool, typer.Option("--yes", help="Fetch from the internet without asking.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from private networks.")
    ] = False,
    max_mb: Annotated[float, typer.Option(help="Maximum size of one response, MB.")] = 2000.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be fetched, with sizes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Build a city from sources; each is a file or KIND:WHERE#option=value&option=value.

    If a part fails, OUT.incomplete lists what is missing; the same command resumes without fetching
    again.
    """
    from netspatial.sources.build import Order, build_city, estimates  # noqa: PLC0415  light start-up
    from netspatial.sources.contract import SourceSettings  # noqa: PLC0415  light start-up
    from netspatial.sources.net import Net  # noqa: PLC0415  light start-up
    from netspatial.sources.place_clock import clock_of  # noqa: PLC0415  light start-up

    area = drawn_area(bbox, around, side_m, file, limit_km2)
    zone = timezone or clock_of(area)
    asked: dict[Part, list[str]] = {
        "imagery": [imagery] if imagery else [],
        "pois": pois or [],
        "landuse": landuse or [],
        "stations": stations or [],
        "traffic": [traffic] if traffic else [],
    }

    def order(consent: bool) -> "Order":
        net = Net(consent=consent, private=allow_private, max_mb=max_mb)
        return Order(name, area, SourceSettings(zone, net), asked, provenance)

    planned = [
        (str(step.part), step.spec.kind, estimate, there)
        for step, estimate, there in estimates(order(yes), out)
    ]
    if dry_run and as_json:
        listing = {"city": name, "timezone": zone, "fetch": [_row(*row) for row in planned]}
        typer.echo(json.dumps(listing, indent=2))
        return
    _show(f"{name}, time zone {zone}", planned)
    if dry_run:
        return
    outside = any(estimate.from_net and not there for _, _, estimate, there in planned)
    if outside and not yes:
        _ask()
    with progress_bar() as progress:
        built = build_city(order(yes or outside), out, progress)
    record = built.record.model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps({"folder": str(out), **record}, indent=2))
        return
    for source in record["parameters"]["sources"]:
        for note in source["notes"]:
            typer.echo(f"{source['part']}: {note}")
    for note in record["parameters"]["notes"]:
        typer.echo(note)
    typer.echo(f"{built.name} is in {out} and valid: {', '.join(built.parts)}.")


def _ask() -> None:
    """Ask for consent on the terminal; raise BadInput without it."""
    try:
        agreed = typer.confirm("Fetch this from the internet?", err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise BadInput(
            "Nothing was fetched: fetching needs your consent, on the terminal or by --yes."
        )


def _show(title: str, planned: list[tuple[str, str, "Estimate", bool]]) -> None:
    table = Table("part", "source", "content", "MB", title=f"{title}: data to fetch")
    for part, kind, estimate, there in planned:
        size = "present" if there else _size(estimate)
        table.add_row(part, kind, estimate.what, size)
    console(stderr=True).print(table)


def _size(estimate: "Estimate") -> str:
    if estimate.megabytes is None:
        return "unknown"
    return f"{estimate.megabytes:,.1f}" + (" from the internet" if estimate.from_net else "")


def _row(part: str, kind: str, estimate: "Estimate", there: bool) -> dict[str, Any]:
    return {
        "part": part,
        "from": kind,
        "what": estimate.what,
        "megabytes": estimate.megabytes,
        "from_net": estimate.from_net,
        "there": there,
    }
