"""`netspatial bench ...`: benchmarks, one command each."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from netspatial.cli import (
    bench_app,
    bench_forecast,
    bench_generate,
    bench_operate,
    bench_plan,
    bench_radio,
    bench_robustness,
    bench_scenario,
    bench_sources,
)
from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.simulator import SimulatorReport, SimulatorRow

bench = typer.Typer(
    help="Benchmarks: quality, speed and robustness of models, planning, operation and the app."
)

JsonPath = Annotated[Path | None, typer.Option("--json", help="Write the rows to this file.")]
Real = Annotated[
    Path | None, typer.Option(help="Folder of measured data sets.", show_default="shared/data")
]


@bench.callback()
def benches() -> None:
    """Select a benchmark."""


bench.command("app")(bench_app.app)
bench.command("forecast")(bench_forecast.forecast)
bench.command("generate")(bench_generate.generate)
bench.command("operate")(bench_operate.operate)
bench.command("plan")(bench_plan.plan)
bench.command("radio")(bench_radio.radio)
bench.command("robustness")(bench_robustness.robustness)
bench.command("scenario")(bench_scenario.scenario)
bench.command("sources")(bench_sources.sources)


@bench.command("simulator")
def simulator(
    json_path: JsonPath = None,
    real: Real = None,
    cities: Annotated[int, typer.Option(min=1, help="Simulated cities of each family.")] = 8,
) -> None:
    """Compare simulated with measured traffic: autocorrelation, daily profile, spectrum, levels."""
    from netspatial.evaluate.simulator import bench_simulator  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        report = bench_simulator(real, cities, progress)
    write_json(json_path, report.record())
    _print(report)


@bench.command("context")
def context(
    json_path: JsonPath = None,
    real: Real = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a trained context model; default: the bundled one."),
    ] = None,
    vision: Annotated[
        list[str] | None, typer.Option(help="Vision encoder to probe; repeatable.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few small cities, rough results.")
    ] = False,
) -> None:
    """Evaluate encoders and context: land use, land cover, reduced data, cells per second."""
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.evaluate import context as task  # noqa: PLC0415

    with progress_bar() as progress:
        rows = task.bench_context(
            real,
            task.QUICK if quick else task.FULL,
            vision or task.VISION,
            load_context(model),
            progress,
        )
    write_json(json_path, {"rows": [asdict(row) for row in rows]})
    table = Table(
        "task", "encoder", "metric", "mean", "seeds", title="Probes of the context embedding"
    )
    for (name, encoder, metric), (value, seeds) in task.mean_values(rows).items():
        table.add_row(name, encoder, metric, f"{value:.3f}", str(seeds))
    console().print(table)


def _value(row: "SimulatorRow | None") -> str:
    """Return the value of a row, with its percentile among the simulated cities if it has one."""
    if row is None:
        return "-"
    if row.percentile is None:
        return f"{row.value:.3f}"
    return f"{row.value:.2f} p{row.percentile:.0f}"


def _print(report: "SimulatorReport") -> None:
    """Print one line per metric: simulated, measured, accepted range, verdict."""
    sets = list(dict.fromkeys(row.data for row in report.rows))
    headings = [name.removeprefix("simulated-") for name in sets]
    table = Table(
        Column("metric", no_wrap=True),
        *(Column(heading, justify="right", no_wrap=True) for heading in headings),
        Column("range", no_wrap=True),
        Column("verdict", no_wrap=True),
        title="Simulated (train, unseen) and measured traffic",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    reasons: dict[str, None] = {}
    for metric in dict.fromkeys(row.metric for row in report.rows):
        rows = {row.data: row for row in report.rows if row.metric == metric}
        judged = [row for row in rows.values() if row.verdict]
        low, high = judged[0].low, judged[0].high
        allowed = "" if low is None or high is None else f"{low:.2f}…{high:.2f}"
        shortly = []
        for row in judged:
            verdict, _, reason = row.verdict.partition(": ")
            shortly.append(verdict)
            if reason:
                reasons[f"{metric}: {reason}."] = None
        values = [_value(rows.get(name)) for name in sets]
        table.add_row(metric, *values, allowed, ", ".join(dict.fromkeys(shortly)))
    shown = console()
    shown.print(table)
    for reason in reasons:
        shown.print(reason, highlight=False, soft_wrap=True)
    shown.print(
        f"One full city of 12 km: {report.seconds:.1f} s, peak {report.peak_mb:.0f} MB.",
        highlight=False,
    )
