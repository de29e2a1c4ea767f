"""`netspatial operate`: a sleep schedule with its energy saving and QoE.

The same command resumes an interrupted run.
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

MAX_SHOWN = 12
"""Stations in the printed table; the files have all."""


def operate(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    stations: Annotated[
        str, typer.Option(help="Comma-separated ids, a file of an area, or all.")
    ] = "all",
    hours: Annotated[int, typer.Option(help="Hours to operate, 1 to 168.")] = 168,
    mode: Annotated[
        str,
        typer.Option(help="forecast: the upcoming hours; backtest: the last measured hours."),
    ] = "forecast",
    policy: Annotated[
        str, typer.Option(help="greedy, rolling, milp, chance, swes, threshold, paper, ...")
    ] = "greedy",
    policy_param: Annotated[
        list[str] | None, typer.Option(help="Policy parameter NAME=VALUE; repeatable.")
    ] = None,
    power: Annotated[
        str,
        typer.Option(
            help="Power model: earth-macro, tr38864-set1-cat1, ..., or a CSV of load and watts."
        ),
    ] = "earth-macro",
    small_power: Annotated[
        str | None, typer.Option(help="Power model of capacity stations; default: same as --power.")
    ] = None,
    lead_h: Annotated[
        int,
        typer.Option(
            help="Delay of measurements, h: hour h is decided on measurements up to the end of "
            "hour h - 1 - lead."
        ),
    ] = 1,
    qoe_min: Annotated[
        float, typer.Option(help="Share of the traffic that must be served.")
    ] = 0.99,
    forecaster: Annotated[
        str,
        typer.Option(
            help="combined, generator, seasonal-naive, hour-of-week, exponential-smoothing."
        ),
    ] = "combined",
    samples: Annotated[int, typer.Option(help="Samples of the forecast.")] = 19,
    service: Annotated[str, typer.Option(help="Service of the city's traffic.")] = "total",
    buildings: Annotated[
        Path | None, typer.Option(help="File of polygons with height_m, for ray tracing.")
    ] = None,
    co2: Annotated[float, typer.Option(help="Emissions of electricity, kg CO2 per kWh.")] = 0.25,
    price: Annotated[float, typer.Option(help="Price of electricity, € per kWh.")] = 0.20,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; default: a new one below runs.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="JSON file of a scenario that changes the city.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Schedule which stations can sleep, from a traffic forecast, and report saving and QoE."""
    from netspatial.runs.kinds.operating_request import make_request, submit  # noqa: PLC0415  light start-up

    request = make_request(
        city,
        stations,
        hours=hours,
        mode=mode,
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
        scenario=scenario,
    )
    folder = submit(request, out).folder
    work(folder)
    show_schedule(folder, as_json=as_json)


def show_schedule(folder: Path, *, as_json: bool) -> None:
    """Print the metrics of a schedule, the stations with the largest saving, and the files."""
    from netspatial.runs.kinds.operating_result import (  # noqa: PLC0415  light start-up
        SCHEDULE,
        SCHEDULE_TABLE,
        OperateRun,
    )

    run = OperateRun.open(folder)
    summary = run.summary
    if as_json:
        typer.echo(json.dumps(described(run), indent=2))
        return
    shown = console()
    shown.print(_figures(run))
    shown.print(_sleepers(run))
    facts = run.facts
    ratio, note = (summary[f"traffic_reduction_{name}"] for name in ("ratio", "note"))
    of = f"of the {facts['city']['provenance']} city '{facts['city']['name']}'"
    said = [
        *summary["notes"],
        f"The paper's energy ratio (Eq. 19) is {ratio:.4f}. {note}",
        f"Power: {summary['power']}.",
        f"Traffic of these hours is {facts['provenance']}, {of}. The schedule:",
    ]
    for text in said:
        shown.print(text, highlight=False)
    for name in (SCHEDULE_TABLE, SCHEDULE):
        shown.print(str(run.folder / name), soft_wrap=True, highlight=False)


def described(run: "OperateRun") -> dict[str, Any]:
    """Return a schedule for JSON output: its metrics and those of each station."""
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
    summary, asked = run.summary, run.request
    moved = summary["balanced"]
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_header=False,
        title=f"{run.facts['stations']} stations, {asked.hours} h, {asked.policy}, {asked.power}",
    )
    rows = {
        "energy": f"{_ranged(summary, 'energy_kwh', '{:,.1f}')} kWh, always-on "
        f"{_ranged(summary, 'always_on_kwh', '{:,.1f}')} kWh",
        "saved": f"{_ranged(summary, 'saving_pct', '{:.2f}')} %: "
        f"{_ranged(summary, 'saved_kwh', '{:,.1f}')} kWh, {summary['co2_kg']:,.1f} kg CO2, "
        f"{summary['cost']:,.2f} €",
        "served (QoE)": f"{_ranged(summary, 'qoe', '{:.4f}')}; worst hour "
        f"{_ranged(summary, 'worst_hour', '{:.4f}')}, "
        f"worst station {summary['worst_station']:.4f}",
        "asleep": f"{summary['asleep_share']:.1%} of all hours; "
        f"{summary['wakeups_per_station_day']:.2f} activations per station and day",
        "above always-on": f"{_ranged(summary, 'hours_above', '{:,.4g}')} hours, "
        f"{summary['share_above']:.1%} of all, {summary['kwh_above']:,.1f} kWh in total",
        "load over 0.9": f"{_ranged(summary, 'overload_hours', '{:,.4g}')} station-hours, "
        f"always-on {_ranged(summary, 'overload_hours_before', '{:,.4g}')}",
        f"load over {moved['threshold']:g}": f"{moved['overload_hours_before']} station-hours "
        f"with no traffic moved, {moved['overload_hours_after']} if load is moved without sleep"
        + (", for the mean traffic" if summary["ranges"] else ""),
    }
    if summary["ranges"]:
        rows["in brackets"] = "10 % and 90 % quantiles over the forecast's samples"
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _ranged(summary: dict[str, Any], name: str, form: str) -> str:
    """Return a metric, with its 80 % range for upcoming hours."""
    low_high = summary["ranges"].get(name)
    value = form.format(summary[name])
    if low_high is None:
        return value
    return f"{value} ({' to '.join(form.format(end) for end in low_high)})"


def _sleepers(run: "OperateRun") -> Table:
    """Return a table of the stations with the largest saving."""
    rows = run.stations.sort_values(["saved_kwh", "station_id"], ascending=[False, True])
    rows = rows.head(MAX_SHOWN)
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"The {len(rows)} stations with the largest saving",
    )
    for head in ("station", "asleep", "activations", "saved kWh", "load", "served"):
        table.add_column(head, justify="left" if head == "station" else "right")
    for row in rows.to_dict("records"):
        table.add_row(
            str(row["station_id"]),
            f"{row['asleep_share']:.0%}",
            str(row["activations"]),
            f"{row['saved_kwh']:.1f}",
            f"{row['load_before']:.2f}",
            f"{row['qoe']:.4f}",
        )
    return table


def _policy_param(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
