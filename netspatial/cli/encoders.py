"""`netspatial encoders` lists the frozen encoders; `netspatial train-satvit` trains the own one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from netspatial.cli.console import console
from netspatial.cli.progress import progress_bar
from netspatial.context.encoders import TEXT, VISION


def encoders(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the frozen encoders with option value, width and licence."""
    kinds = [
        {"name": name, "sense": sense, **asdict(kind)}
        for sense, registered in (("vision", VISION), ("text", TEXT))
        for name, kind in registered.items()
    ]
    if as_json:
        typer.echo(json.dumps({"encoders": kinds}, indent=2))
        return
    table = Table(title="Frozen encoders", box=SIMPLE_HEAD)
    table.add_column("option", no_wrap=True)
    table.add_column("description; weights")
    table.add_column("width", no_wrap=True)
    table.add_column("licence", no_wrap=True)
    for sense, title in (("vision", "images"), ("text", "text")):
        table.add_section()
        table.add_row(Text(title, style="bold"))
        for kind in kinds:
            if kind["sense"] == sense:
                about = f"{kind['about']}; {kind['weights']}"
                table.add_row(kind["usage"], about, kind["dim"], kind["licence"])
    console().print(table)


def train_satvit(
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    eurosat: Annotated[
        Path, typer.Option(help="EuroSAT RGB patches: Parquet with name, label, jpeg.")
    ],
    cities: Annotated[
        int, typer.Option(min=0, help="Simulated cities used for training as well.")
    ] = 8,
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 1200,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Train a small Vision Transformer for satellite patches, about 30 minutes on one core."""
    # light commands need no torch
    from netspatial.context.training.satvit_pipeline import make_satvit  # noqa: PLC0415
    from netspatial.evaluate.probes import eurosat_accuracy  # noqa: PLC0415

    with progress_bar() as progress:
        report = make_satvit(out, eurosat, cities, steps, seed, threads, progress, eurosat_accuracy)
    typer.echo(report)
