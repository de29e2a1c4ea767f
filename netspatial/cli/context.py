"""`netspatial embed` embeds places; `netspatial train-context` trains the context model."""

import json
from pathlib import Path
from typing import Annotated

import typer

from netspatial.cli.progress import progress_bar


def embed(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="Parquet file to write: id, embedding, counts of surroundings.")
    ],
    places: Annotated[
        Path | None,
        typer.Option(
            help="Cells or points (.parquet, as of `netspatial grid`); default: the stations."
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a trained context model; default: the bundled one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Embed the surroundings of a city's cells or stations."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.context_file import write_context  # noqa: PLC0415
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.geoparquet import read_places  # noqa: PLC0415

    opened = City.open(city)
    table = opened.stations if places is None else read_places(places)
    with progress_bar() as progress:
        context = load_context(model).embed(
            opened,
            table,
            lambda what, share: progress(f"embedding {what} of {opened.name}", share),
        )
    write_context(context, out, opened.name, opened.record.provenance)
    summary = {
        "out": str(out),
        "places": len(context),
        "d": context.embedding.shape[1],
        "fingerprint": context.fingerprint,
        "with_image": int(context.has_image.sum()),
        "with_pois": int(context.has_pois.sum()),
    }
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        typer.echo(
            f"{summary['places']} embeddings of width {summary['d']} ({summary['with_image']} with "
            f"image, {summary['with_pois']} with POIs) written to {out}"
        )


def train_context(
    cities: Annotated[list[Path], typer.Argument(help="City folders for training.")],
    held_out: Annotated[
        list[Path], typer.Option(help="City folder for validation and early stopping; repeatable.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    vision: Annotated[str, typer.Option(help="Vision encoder.")] = "satvit",
    text: Annotated[str, typer.Option(help="Text encoder.")] = "minilm",
    patch_m: Annotated[float, typer.Option(help="Side of the image patch, m.")] = 640.0,
    radius_m: Annotated[float, typer.Option(help="Radius of the POIs in the text, m.")] = 300.0,
    wording: Annotated[str, typer.Option(help="POI wording: coarse or verbatim.")] = "coarse",
    design: Annotated[str, typer.Option(help="fusion, or the ablation clip.")] = "fusion",
    objective: Annotated[str, typer.Option(help="guarded, or the published paper.")] = "guarded",
    whiten: Annotated[str, typer.Option(help="none (centring only), or pca.")] = "none",
    d: Annotated[int, typer.Option(help="Width of the embedding.")] = 128,
    epochs: Annotated[int, typer.Option(help="Maximum epochs.")] = 60,
    places: Annotated[int, typer.Option(min=8, help="Places per city.")] = 1500,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train the fusion of image and POIs; the same command resumes a killed training."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.features.extractor import FeatureConfig  # noqa: PLC0415
    from netspatial.context.training.fusion_training import FusionTrainConfig  # noqa: PLC0415
    from netspatial.context.training.pipelines import make_context  # noqa: PLC0415

    with progress_bar() as progress:
        facts = make_context(
            out,
            [City.open(folder) for folder in cities],
            [City.open(folder) for folder in held_out],
            FeatureConfig(
                vision=vision, text=text, patch_m=patch_m, radius_m=radius_m, wording=wording
            ),
            FusionTrainConfig(
                design=design, objective=objective, whiten=whiten, d=d, epochs=epochs, seed=seed
            ),
            places,
            progress,
        )
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
    else:
        typer.echo(
            f"written to {out}: held-out loss {facts['held_out_loss']}, effective rank "
            f"{facts['effective_rank']} of {d}, best of {facts['epochs']} epochs"
        )
