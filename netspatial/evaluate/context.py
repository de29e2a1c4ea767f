"""`netspatial bench context`: linear probes of frozen encoders and of z, and embedding speed.

Tasks: eurosat, landuse (with the paper's ablation and the published loss), ghent (CORINE land
cover), degraded (fewer POIs, missing imagery) and speed.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspatial.city.city import City
from netspatial.context.embed import ContextModel, load_context
from netspatial.context.encoders import load_vision
from netspatial.context.training.eurosat import held_out, load_eurosat
from netspatial.evaluate import corine
from netspatial.evaluate.context_landuse import input_ablation_rows, landuse_rows
from netspatial.evaluate.context_speed import speed_rows
from netspatial.evaluate.probes import colour_statistics, linear_probe
from netspatial.evaluate.realdata import real_folder
from netspatial.evaluate.rows import ContextRow
from netspatial.progress import Progress, silent
from netspatial.simulate import simulate

VISION = ("rcf", "satvit")
"""Vision encoders that are probed by default."""
FIRST_SEED = 3000
"""First seed of the bench's cities; no bundled model was trained on them."""


@dataclass(frozen=True)
class ContextBenchSize:
    """Size of the bench: cities of each family, their size, and training epochs."""

    train_cities: int
    unseen_cities: int
    size_km: float
    stations: int
    pois: int
    places: int
    epochs: int


FULL = ContextBenchSize(5, 3, 8.0, 150, 4500, 800, 40)
QUICK = ContextBenchSize(2, 1, 4.0, 40, 1200, 200, 3)


def bench_context(
    real: Path | None = None,
    size: ContextBenchSize = FULL,
    vision: Sequence[str] = VISION,
    model: ContextModel | None = None,
    report: Progress = silent,
) -> list[ContextRow]:
    """Measure the encoders and the context `model`, by default the built-in one.

    real : folder of the measured data sets; tasks that need it are left out where there is none
    """
    model = model or load_context()
    rows: list[ContextRow] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = real_folder(real)
        if folder is not None:
            for number, name in enumerate(vision):
                report(f"probing {name} on real imagery", 0.2 * number / len(vision))
                rows += list(_real_rows(name, folder, Path(scratch)))
            rows += list(_colour_rows(folder))
        report("simulating cities", 0.2)
        cities = _cities(size, Path(scratch), report)
        train = [city for city in cities if city.record.parameters["family"] == "train"]
        unseen = [city for city in cities if city.record.parameters["family"] == "unseen"]
        report("probing land use in z", 0.5)
        rows += landuse_rows(model, train, unseen, size.places, size.epochs)
        report("probing with fewer POIs and less imagery", 0.85)
        rows += input_ablation_rows(model, train, unseen, size.places, Path(scratch))
        report("timing", 0.95)
        rows += speed_rows(model, unseen[0], Path(scratch))
    return rows


def _colour_rows(folder: Path) -> Iterator[ContextRow]:
    """Probe the baseline of all encoders: mean and deviation of the colours."""
    patches = load_eurosat(folder / "eurosat" / "eurosat_rgb.parquet")
    for probe in linear_probe(colour_statistics(patches.images), patches.labels):
        yield ContextRow("eurosat", "colour statistics", "accuracy", probe.accuracy, probe.seed)


def _real_rows(name: str, folder: Path, scratch: Path) -> Iterator[ContextRow]:
    """Probe an encoder on all EuroSAT patches, on the held-out ones, and on Ghent.

    An encoder that was trained on EuroSAT is evaluated on the held-out patches alone.
    """
    encoder = load_vision(name)
    patches = load_eurosat(folder / "eurosat" / "eurosat_rgb.parquet")
    untouched = held_out(patches.names)
    embedded = encoder.encode(patches.images)
    if name != "satvit":
        for probe in linear_probe(embedded, patches.labels):
            yield ContextRow("eurosat", name, "accuracy", probe.accuracy, probe.seed)
    for probe in linear_probe(embedded[untouched], patches.labels[untouched]):
        yield ContextRow(
            "eurosat", name, "accuracy on held-out patches", probe.accuracy, probe.seed
        )
    yield from corine.rows(name, encoder, folder / "ghent", scratch)


def _cities(size: ContextBenchSize, scratch: Path, report: Progress) -> list[City]:
    wanted = [("train", at) for at in range(size.train_cities)]
    wanted += [("unseen", at) for at in range(size.unseen_cities)]
    cities = []
    for done, (family, at) in enumerate(wanted):
        report(f"simulating {family} cities", 0.2 + 0.3 * done / len(wanted))
        cities.append(
            simulate(
                scratch / f"{family}-{at}",
                seed=FIRST_SEED + at,
                family="train" if family == "train" else "unseen",
                size_km=size.size_km,
                stations=size.stations,
                pois=size.pois,
                weeks=1,
            )
        )
    return cities


def mean_values(rows: Sequence[ContextRow]) -> dict[tuple[str, str, str], tuple[float, int]]:
    """Return the mean value and the number of seeds of each task, encoder and metric."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row.task, row.encoder, row.metric), []).append(row.value)
    return {name: (float(np.mean(values)), len(values)) for name, values in found.items()}
