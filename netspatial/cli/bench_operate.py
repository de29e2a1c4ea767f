"""`netspatial bench operate`: saving and QoE of sleep policies, with the upper bound."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.evaluate.operate_report import OperateReport


def operate(
    work: Annotated[Path, typer.Option(help="Folder of simulated cities.")] = Path(
        "runs/bench-generate"
    ),
    cities: Annotated[int | None, typer.Option(min=1, max=3, help="Unseen cities.")] = None,
    stations: Annotated[
        int | None, typer.Option(min=4, help="Stations in the densest district of each city.")
    ] = None,
    hours: Annotated[int | None, typer.Option(min=24, max=168, help="Hours operated.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Policy to leave out, such as the slow 'chance'; repeatable."),
    ] = None,
    patience: Annotated[
        float | None,
        typer.Option(min=0.1, help="Time limit per hourly program of the policy 'chance', s."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One small district, two days.")] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
) -> None:
    """Compare sleep policies: planned on forecasts, evaluated on the traffic of unseen cities."""
    from netspatial.evaluate.operate import FULL, QUICK, bench_operate  # noqa: PLC0415  light start

    usual = QUICK if quick else FULL
    size = replace(
        usual,
        cities=cities or usual.cities,
        stations=stations or usual.stations,
        hours=hours or usual.hours,
        patience=patience or usual.patience,
        policies=_kept(usual.policies, without or []),
    )
    with progress_bar() as progress:
        report = bench_operate(work, size, progress)
    write_json(json_path, report.record())
    _print(report)


def _kept(policies: tuple[str, ...], without: list[str]) -> tuple[str, ...]:
    """Return the policies without those left out; the targets need some of them."""
    from netspatial.evaluate.operate import NEEDED  # noqa: PLC0415  light start-up

    for name in without:
        if name not in policies or name in NEEDED:
            free = [policy for policy in policies if policy not in NEEDED]
            raise BadInput(f"'{name}' cannot be left out; these can: {', '.join(free)}.")
    return tuple(policy for policy in policies if policy not in without)


def _print(report: "OperateReport") -> None:
    """Print a table per city and power model, forecast scores, run times and targets."""
    shown = console()
    for city, power in dict.fromkeys((row.city, row.power) for row in report.rows):
        table = _table(f"unseen {city}, {power}")
        heads = (
            "policy",
            "saved %",
            "QoE",
            "worst h",
            "Eq. 19",
            "act./d",
            "s",
            "gap pp",
            "above h",
            "kWh",
        )
        for head in heads:
            table.add_column(head, justify="left" if head == "policy" else "right", no_wrap=True)
        for row in report.rows:
            if (row.city, row.power) == (city, power):
                table.add_row(
                    row.policy,
                    f"{row.saving_pct:.2f}",
                    f"{row.qoe:.4f}",
                    f"{row.worst_hour:.3f}",
                    f"{row.traffic_reduction_ratio:.3f}",
                    f"{row.wakeups_per_cell_day:.2f}",
                    f"{row.seconds:.1f}",
                    f"{row.bound_gap_pp:.2f}",
                    f"{row.hours_above:g}",
                    f"{row.kwh_above:.1f}",
                )
        shown.print(table)
    table = _table("forecasts: daily, and once for all hours")
    for head in ("city", "model", "CRPS", "MAE", "RMSE", "cov90", "CRPS once"):
        table.add_column(head, justify="left" if head in ("city", "model") else "right")
    for daily, once in zip(report.forecast, report.ahead, strict=True):
        table.add_row(
            daily.city,
            daily.model,
            f"{daily.crps:.3f}",
            f"{daily.mae:.3f}",
            f"{daily.rmse:.3f}",
            f"{daily.cov90:.3f}",
            f"{once.crps:.3f}",
        )
    shown.print(table)
    for one in report.scale:
        shown.print(
            f"{one.stations:,} stations, {one.links:,} links, {one.hours} h: {one.seconds:.1f} s",
            highlight=False,
        )
    for city, coupled in report.coupled.items():
        shown.print(
            f"{city}: with load-coupled interference the loads of the default policy are "
            f"{coupled.ratio:.2f} times the planned ones; {coupled.too_much} of {coupled.hours:,} "
            f"station-hours do not fit ({coupled.planned_too_much} as planned)",
            highlight=False,
        )
    for target in report.targets:
        shown.print(
            f"{'met   ' if target.met else 'MISSED'} {target.name}: {target.value}", highlight=False
        )


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE, padding=(0, 0, 0, 1), title=title)
