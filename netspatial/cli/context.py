"""`netspatial embed` reads places into embeddings; `netspatial train-context` makes the reader."""

import json
from pathlib import Path
from typing import Annotated

import typer

from netspatial.cli.progress import progress_bar


def embed(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Parquet file to write: id, z, what is around.")],
    places: Annotated[
        Path | None,
        typer.Option(help="Cells or points (a .parquet file of `netspatial grid`); else stations."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained context; else the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Embed the surroundings of a city's cells or stations."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.context_file import write_context  # noqa: PLC0415
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.geoparquet import read_places  # noqa: PLC0415

    opened = City.open(city)
    table = opened.stations if places is None else read_places(places)
    with progress_bar() as tell:
        context = load_context(model).embed(
            opened,
            table,
            lambda done, of: tell(f"embedding places of {opened.name}", done / max(of, 1)),
        )
    write_context(context, out, opened.name, opened.record.provenance)
    metadata = {
        "out": str(out),
        "places": len(context),
        "d": context.z.shape[1],
        "fingerprint": context.fingerprint,
        "with_image": int(context.has_image.sum()),
        "with_pois": int(context.has_pois.sum()),
    }
    if as_json:
        typer.echo(json.dumps(metadata, indent=2))
    else:
        typer.echo(
            f"{metadata['places']} places in {metadata['d']} numbers each ({metadata['with_image']} with an "
            f"image, {metadata['with_pois']} with POIs), written to {out}"
        )


def train_context(
    cities: Annotated[list[Path], typer.Argument(help="City folders to learn from.")],
    held_out: Annotated[
        list[Path], typer.Option(help="City folder to judge and stop on; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    vision: Annotated[str, typer.Option(help="Vision encoder.")] = "satvit",
    text: Annotated[str, typer.Option(help="Text encoder.")] = "minilm",
    patch_m: Annotated[float, typer.Option(help="Side of the image patch, m.")] = 640.0,
    radius_m: Annotated[float, typer.Option(help="Reach of the POIs in words, m.")] = 300.0,
    wording: Annotated[str, typer.Option(help="Wording of POIs: coarse or verbatim.")] = "coarse",
    design: Annotated[str, typer.Option(help="fusion, or the ablation clip.")] = "fusion",
    objective: Annotated[str, typer.Option(help="guarded, or the published paper.")] = "guarded",
    whiten: Annotated[str, typer.Option(help="none (centring only), or pca.")] = "none",
    d: Annotated[int, typer.Option(help="Width of z.")] = 128,
    epochs: Annotated[int, typer.Option(help="Most epochs.")] = 60,
    places: Annotated[int, typer.Option(min=8, help="Places of each city.")] = 1500,
    seed: Annotated[int, typer.Option(help="Reproduces the run.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Train the fusion of image and POIs; a killed training goes on when called again."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.features.extractor import FeatureConfig  # noqa: PLC0415
    from netspatial.context.training.fusion_training import Recipe  # noqa: PLC0415
    from netspatial.context.training.pipelines import make_context  # noqa: PLC0415

    with progress_bar() as tell:
        facts = make_context(
            out,
            [City.open(folder) for folder in cities],
            [City.open(folder) for folder in held_out],
            FeatureConfig(
                vision=vision, text=text, patch_m=patch_m, radius_m=radius_m, wording=wording
            ),
            Recipe(
                design=design, objective=objective, whiten=whiten, d=d, epochs=epochs, seed=seed
            ),
            places,
            tell,
        )
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
    else:
        typer.echo(
            f"written to {out}: held-out loss {facts['held_out_loss']}, effective rank "
            f"{facts['effective_rank']} of {d}, best of {facts['epochs']} epochs"
        )
