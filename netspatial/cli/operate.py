"""`netspatial operate`: who sleeps when, what that saves, and what users feel.

The same command again goes on with a run that was interrupted.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.places import Json
from netspatial.cli.plan import work

if TYPE_CHECKING:
    from netspatial.runs.kinds.operating_result import OperateRun

MOST_SHOWN = 12
"""Stations in the printed table; the files hold all."""


def operate(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    stations: Annotated[
        str, typer.Option(help="Ids with commas, a file of an area, or all.")
    ] = "all",
    hours: Annotated[int, typer.Option(help="Hours to operate, 1 to 168.")] = 168,
    when: Annotated[
        str,
        typer.Option(help="coming: after the measured hours; replay: the last of them again."),
    ] = "coming",
    policy: Annotated[
        str, typer.Option(help="greedy, rolling, milp, chance, swes, threshold, paper, ...")
    ] = "greedy",
    policy_param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of the policy; may be repeated.")
    ] = None,
    power: Annotated[
        str, typer.Option(help="earth-macro, tr38864-set1-cat1, ..., or a CSV of load and watts.")
    ] = "earth-macro",
    small_power: Annotated[
        str | None, typer.Option(help="The same of the capacity tier, where it differs.")
    ] = None,
    lead_h: Annotated[
        int,
        typer.Option(
            help="Hours by which measurements come too late: hour h is decided with what was "
            "measured to the end of hour h - 1 - lead."
        ),
    ] = 1,
    qoe_min: Annotated[float, typer.Option(help="Part of the traffic that must be served.")] = 0.99,
    forecaster: Annotated[
        str,
        typer.Option(
            help="combined, generator, seasonal-naive, hour-of-week, exponential-smoothing."
        ),
    ] = "combined",
    samples: Annotated[int, typer.Option(help="Draws of the forecast.")] = 19,
    service: Annotated[str, typer.Option(help="Which traffic the stations carry.")] = "total",
    buildings: Annotated[
        Path | None, typer.Option(help="Polygons with height_m, to trace rays through.")
    ] = None,
    co2: Annotated[float, typer.Option(help="Emissions of electricity, kg per kWh.")] = 0.25,
    price: Annotated[float, typer.Option(help="Price of electricity per kWh.")] = 0.20,
    seed: Annotated[int, typer.Option(help="Reproduces the run.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; else a fresh one below runs.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Schedule the sleep of stations from a forecast: kWh saved, and what users feel."""
    from netspatial.runs.kinds.operating_request import make_request, submit  # noqa: PLC0415  light start-up

    request = make_request(
        city,
        stations,
        hours=hours,
        when=when,
        policy=policy,
        policy_params=dict(_policy_param(text) for text in policy_param or []),
        power=power,
        small_power=small_power,
        lead_h=lead_h,
        qoe_min=qoe_min,
        forecaster=forecaster,
        samples=samples,
        service=service,
        buildings=buildings,
        co2_kg_per_kwh=co2,
        cost_per_kwh=price,
        seed=seed,
    )
    folder = submit(request, out).folder
    work(folder)
    show_schedule(folder, as_json=as_json)


def show_schedule(folder: Path, *, as_json: bool) -> None:
    """Print what the schedule saves and costs, who sleeps most, and where the files are."""
    from netspatial.runs.kinds.operating_result import (  # noqa: PLC0415  light start-up
        SCHEDULE,
        SCHEDULE_TABLE,
        OperateRun,
    )

    run = OperateRun.open(folder)
    metadata = run.summary
    if as_json:
        typer.echo(json.dumps(described(run), indent=2))
        return
    shown = console()
    shown.print(_figures(run))
    shown.print(_sleepers(run))
    facts, proxy = run.facts, metadata["traffic_reduction_ratio"]
    of = f"of the {facts['city']['provenance']} city '{facts['city']['name']}'"
    said = [
        *metadata["notes"],
        f"The paper's energy ratio (Eq. 19) would be {proxy:.4f}. {metadata['traffic_reduction_note']}",
        f"Power: {metadata['power']}.",
        f"Traffic of these hours is {facts['provenance']}, {of}. The schedule:",
    ]
    for text in said:
        shown.print(text, highlight=False)
    for name in (SCHEDULE_TABLE, SCHEDULE):
        shown.print(str(run.folder / name), soft_wrap=True, highlight=False)


def described(run: "OperateRun") -> dict[str, Any]:
    """Return a schedule for programs: its measures, and each station's."""
    stations = json.loads(run.stations.drop(columns="geometry").to_json(orient="records"))
    asked = run.request
    return {
        "run": str(run.folder),
        "policy": asked.policy,
        "power": asked.power,
        "hours": asked.hours,
        "provenance": run.facts["provenance"],
        **run.summary,
        "stations": stations,
    }


def _figures(run: "OperateRun") -> Table:
    metadata, asked = run.summary, run.request
    moved = metadata["balanced"]
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_header=False,
        title=f"{run.facts['stations']} stations, {asked.hours} h, {asked.policy}, {asked.power}",
    )
    rows = {
        "energy": f"{_ranged(metadata, 'energy_kwh', '{:,.1f}')} kWh, all awake "
        f"{_ranged(metadata, 'always_on_kwh', '{:,.1f}')} kWh",
        "saved": f"{_ranged(metadata, 'saving_pct', '{:.2f}')} %: "
        f"{_ranged(metadata, 'saved_kwh', '{:,.1f}')} kWh, {metadata['co2_kg']:,.1f} kg CO2, "
        f"{metadata['cost']:,.2f} in money",
        "served (QoE)": f"{_ranged(metadata, 'qoe', '{:.4f}')}; worst hour "
        f"{_ranged(metadata, 'worst_hour', '{:.4f}')}, worst station {metadata['worst_station']:.4f}",
        "asleep": f"{metadata['asleep_share']:.1%} of all hours; "
        f"{metadata['wakeups_per_station_day']:.2f} wakings a station and day",
        "above all awake": f"{_ranged(metadata, 'hours_above', '{:,.4g}')} hours, "
        f"{metadata['share_above']:.1%} of all, by {metadata['kwh_above']:,.1f} kWh in sum",
        "load over 0.9": f"{_ranged(metadata, 'overload_hours', '{:,.4g}')} station-hours, all awake "
        f"{_ranged(metadata, 'overload_hours_before', '{:,.4g}')}",
        f"load over {moved['threshold']:g}": f"{moved['overload_hours_before']} station-hours at "
        f"home; {moved['overload_hours_after']} if load were moved without sleep"
        + (", of the mean traffic" if metadata["ranges"] else ""),
    }
    if metadata["ranges"]:
        rows["in brackets"] = "10 % and 90 % quantiles over the forecast's samples"
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _ranged(metadata: dict[str, Any], name: str, form: str) -> str:
    """Return a figure, with its range where it is of hours yet to come."""
    low_high = metadata["ranges"].get(name)
    value = form.format(metadata[name])
    if low_high is None:
        return value
    return f"{value} ({' to '.join(form.format(end) for end in low_high)})"


def _sleepers(run: "OperateRun") -> Table:
    """The stations that save most."""
    rows = run.stations.sort_values(["saved_kwh", "station_id"], ascending=[False, True])
    rows = rows.head(MOST_SHOWN)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"The {len(rows)} that save most")
    for head in ("station", "asleep", "wakings", "saved kWh", "load", "served"):
        table.add_column(head, justify="left" if head == "station" else "right")
    for row in rows.to_dict("records"):
        table.add_row(
            str(row["station_id"]),
            f"{row['asleep_share']:.0%}",
            str(row["wakings"]),
            f"{row['saved_kwh']:.1f}",
            f"{row['load_before']:.2f}",
            f"{row['qoe']:.4f}",
        )
    return table


def _policy_param(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
