"""`netspatial scenario`: new, add and show, for the JSON files of scenarios."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from netspatial.cli.places import Around, Bbox, Json, SideM, drawn_area
from netspatial.errors import BadInput

scenario = typer.Typer(help="Scenarios: lists of changes to a city for `plan` and `operate`.")

File = Annotated[Path, typer.Argument(help="JSON file of the scenario.", show_default=False)]
CityFolder = Annotated[
    Path | None, typer.Option(help="City folder against which the changes are checked.")
]


@scenario.command()
def new(
    file: File,
    name: Annotated[str, typer.Option(help="Name of the scenario.", show_default=False)],
) -> None:
    """Create a scenario without changes."""
    from netspatial.scenario.files import write_scenario  # noqa: PLC0415  light start-up
    from netspatial.scenario.scenario import Scenario  # noqa: PLC0415  light start-up

    if file.exists():
        raise BadInput(f"'{file}' exists; give another file, or add changes to it.")
    write_scenario(Scenario.read({"name": name}), file)
    typer.echo(f"The scenario '{name}' is in {file}; it has no changes yet.")


@scenario.command()
def add(
    file: File,
    change: Annotated[
        str,
        typer.Argument(
            help="add_places, remove_places, add_station, move_station, switch_off, "
            "upgrade_station or grow.",
            show_default=False,
        ),
    ],
    at: Annotated[str | None, typer.Option(help="Place as lon,lat.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Of added places: mall, campus, homes, offices, nightlife, industry; of removed "
            "ones: food, shop, office, ..., default all."
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option(help="Shops of a mall, buildings of a campus, homes, ...")
    ] = None,
    radius_m: Annotated[float | None, typer.Option(help="Radius of the changed places, m.")] = None,
    station: Annotated[str | None, typer.Option(help="Id of the station.")] = None,
    capacity: Annotated[
        float | None, typer.Option(help="Capacity of the station, traffic per hour.")
    ] = None,
    tier: Annotated[
        str | None, typer.Option(help="Tier of an added station: coverage or capacity.")
    ] = None,
    height_m: Annotated[
        float | None, typer.Option(help="Antenna height of an added station, m.")
    ] = None,
    factor: Annotated[
        float | None, typer.Option(help="Growth factor of a district; 1.3 is 30 % more.")
    ] = None,
    area: Annotated[Path | None, typer.Option(help="File of the district that grows.")] = None,
    bbox: Bbox = None,
    around: Around = None,
    side_m: SideM = None,
    city: CityFolder = None,
) -> None:
    """Add a change to a scenario; nothing is written if it is not valid."""
    from netspatial.scenario.files import read_scenario, write_scenario  # noqa: PLC0415  light start-up

    fields: dict[str, Any] = {
        "kind": kind,
        "count": count,
        "radius_m": radius_m,
        "station_id": station,
        "capacity": capacity,
        "tier": tier,
        "height_m": height_m,
        "factor": factor,
    }
    if at is not None:
        fields |= _place(at)
    if any(option is not None for option in (area, bbox, around)):
        fields["area"] = drawn_area(bbox, around, side_m, area, 400.0).to_geojson()
    given = {name: value for name, value in fields.items() if value is not None}
    changed = read_scenario(file).with_change({"change": change, **given})
    if city is not None:
        _check(changed, city)
    write_scenario(changed, file)
    typer.echo(f"Change {len(changed.changes)}: {changed.changes[-1].sentence}")


@scenario.command()
def show(file: File, city: CityFolder = None, as_json: Json = False) -> None:
    """Show the changes of a scenario; with --city, check them there."""
    from netspatial.scenario.files import read_scenario  # noqa: PLC0415  light start-up

    found = read_scenario(file)
    if city is not None:
        _check(found, city)
    if as_json:
        typer.echo(json.dumps(found.model_dump(mode="json"), indent=2))
        return
    typer.echo(f"{found.name}: {len(found.changes) or 'no'} changes")
    for sentence in found.sentences:
        typer.echo(f"- {sentence}")


def _check(scenario: Any, folder: Path) -> None:
    """Raise where the scenario does not fit the city."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.scenario.changed_city import apply  # noqa: PLC0415  light start-up

    apply(City.open(folder), scenario)


def _place(text: str) -> dict[str, float]:
    try:
        lon, lat = (float(word) for word in text.split(","))
    except ValueError as error:
        raise BadInput(f"The option --at is '{text}'; give lon,lat in degrees.") from error
    return {"lon": lon, "lat": lat}
