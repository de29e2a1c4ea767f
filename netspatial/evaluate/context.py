"""The bench of the context: what can be read from frozen encoders and from z, and how fast.

Tasks: eurosat, landuse (with the paper's ablation and the unguarded loss beside ours), ghent,
degraded (thinned POIs, missing imagery) and speed. A straight line reads the answer each time, so
that the embedding does the work.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspatial.city.city import City
from netspatial.context.embed import ContextModel, load_context
from netspatial.context.encoders import load_vision
from netspatial.context.training.eurosat import held_out, load_eurosat
from netspatial.evaluate import corine
from netspatial.evaluate.context_landuse import degraded_rows, landuse_rows
from netspatial.evaluate.context_speed import speed_rows
from netspatial.evaluate.probes import colour_statistics, linear_probe
from netspatial.evaluate.realdata import real_folder
from netspatial.evaluate.rows import Row
from netspatial.simulate import simulate

Tell = Callable[[str, float], None]

VISION = ("rcf", "satvit")
"""Vision encoders that are probed where the user names none."""
FIRST_SEED = 3000
"""The bench's own cities; no shipped model has learned from them."""


@dataclass(frozen=True)
class Size:
    """How much the bench simulates and trains: cities of each family, their size, epochs."""

    train_cities: int
    unseen_cities: int
    size_km: float
    stations: int
    pois: int
    places: int
    epochs: int


FULL = Size(5, 3, 8.0, 150, 4500, 800, 40)
QUICK = Size(2, 1, 4.0, 40, 1200, 200, 3)


def bench_context(
    real: Path | None = None,
    size: Size = FULL,
    vision: Sequence[str] = VISION,
    model: ContextModel | None = None,
    tell: Tell = lambda *_: None,
) -> list[Row]:
    """Measure the encoders and the context (the shipped one without `model`).

    real : folder of the measured sets; tasks that need it are left out where there is none
    """
    model = model or load_context()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = real_folder(real)
        if folder is not None:
            for number, name in enumerate(vision):
                tell(f"probing {name} on real imagery", 0.2 * number / len(vision))
                rows += list(_real_rows(name, folder, Path(scratch)))
            rows += list(_colour_rows(folder))
        tell("simulating cities", 0.2)
        cities = _cities(size, Path(scratch), tell)
        train = [city for city in cities if city.record.parameters["family"] == "train"]
        unseen = [city for city in cities if city.record.parameters["family"] == "unseen"]
        tell("reading land use from z", 0.5)
        rows += landuse_rows(model, train, unseen, size.places, size.epochs)
        tell("thinning POIs, losing imagery", 0.85)
        rows += degraded_rows(model, train, unseen, size.places, Path(scratch))
        tell("timing", 0.95)
        rows += speed_rows(model, unseen[0], Path(scratch))
    return rows


def _colour_rows(folder: Path) -> Iterator[Row]:
    """The mark that any encoder must beat: mean and deviation of the colours."""
    patches = load_eurosat(folder / "eurosat" / "eurosat_rgb.parquet")
    for probe in linear_probe(colour_statistics(patches.images), patches.labels):
        yield Row("eurosat", "colour statistics", "accuracy", probe.accuracy, probe.seed)


def _real_rows(name: str, folder: Path, scratch: Path) -> Iterator[Row]:
    """EuroSAT on all patches and on those that no encoder of ours trained on, and Ghent.

    An encoder that learned from EuroSAT is judged on the held-out patches alone.
    """
    encoder = load_vision(name)
    patches = load_eurosat(folder / "eurosat" / "eurosat_rgb.parquet")
    untouched = held_out(patches.names)
    embedded = encoder.encode(patches.images)
    if name != "satvit":
        for probe in linear_probe(embedded, patches.labels):
            yield Row("eurosat", name, "accuracy", probe.accuracy, probe.seed)
    for probe in linear_probe(embedded[untouched], patches.labels[untouched]):
        yield Row("eurosat", name, "accuracy on held-out patches", probe.accuracy, probe.seed)
    yield from corine.rows(name, encoder, folder / "ghent", scratch)


def _cities(size: Size, scratch: Path, tell: Tell) -> list[City]:
    wanted = [("train", at) for at in range(size.train_cities)]
    wanted += [("unseen", at) for at in range(size.unseen_cities)]
    cities = []
    for done, (family, at) in enumerate(wanted):
        tell(f"simulating {family} cities", 0.2 + 0.3 * done / len(wanted))
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


def mean_values(rows: Sequence[Row]) -> dict[tuple[str, str, str], tuple[float, int]]:
    """Return the mean value and the number of seeds of each task, encoder and metric."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row.task, row.encoder, row.metric), []).append(row.value)
    return {name: (float(np.mean(values)), len(values)) for name, values in found.items()}
