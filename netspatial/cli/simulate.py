"""`netspatial simulate`: a simulated city from a seed."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from netspatial.cli.console import console
from netspatial.cli.progress import progress_bar


def simulate(
    out: Annotated[Path, typer.Option(help="Folder of the new city.", show_default=False)],
    seed: Annotated[int, typer.Option(help="The same seed gives the same city.")] = 7,
    family: Annotated[
        Literal["train", "unseen"], typer.Option(help="train or unseen: disjoint kinds of cities.")
    ] = "train",
    size_km: Annotated[float, typer.Option(help="Side of the square city, km.")] = 12.0,
    stations: Annotated[int, typer.Option(help="Number of base stations.")] = 300,
    pois: Annotated[int, typer.Option(help="Number of points of interest.")] = 10_000,
    gsd_m: Annotated[float, typer.Option(help="Metres per pixel of the image.")] = 5.0,
    weeks: Annotated[int, typer.Option(help="Weeks of hourly traffic.")] = 4,
    redraw: Annotated[
        int, typer.Option(help="Another number resamples what the location does not determine.")
    ] = 0,
    radio: Annotated[
        Literal["distance", "raytraced"],
        typer.Option(
            help="What decides which station carries whose traffic: distance, or rays traced "
            "through the buildings by Sionna RT (extra radio). Rays take about half a minute of "
            "processor time per km²; materials, building heights and powers are drawn with the "
            "city and stored in city.json."
        ),
    ] = "distance",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Simulate a city: image, land use, points of interest, stations and hourly traffic."""
    from netspatial.simulate import simulate as draw_city  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        city = draw_city(
            out,
            seed=seed,
            family=family,
            size_km=size_km,
            stations=stations,
            pois=pois,
            gsd_m=gsd_m,
            weeks=weeks,
            redraw=redraw,
            radio=radio,
            progress=progress,
        )
    if as_json:
        record = city.record.model_dump(mode="json")
        typer.echo(json.dumps({"folder": str(out), **record}, indent=2))
        return
    console().print(
        f"{city.name} is in {out}: {size_km:g} km, {len(city.stations)} stations, "
        f"{len(city.pois)} points of interest, weeks of traffic: {weeks}. All of it is simulated.",
        soft_wrap=True,
        highlight=False,
    )
