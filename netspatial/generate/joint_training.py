"""Joint training of the context's fusion with a generator, on the generator's loss.

Starts from a trained context and writes a new one, on which a generator is then trained separately.
The encoders stay frozen; only the fusion is trained.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.arrays import Indices
from netspatial.city.city import City
from netspatial.context.embed import ContextModel, load_context, save_context
from netspatial.context.features.extractor import Features
from netspatial.context.features.extractor import join as join_features
from netspatial.context.features.places import positions
from netspatial.context.fusion.feature_projector import to_batch
from netspatial.context.fusion.fusion_variants import FUSION_VARIANTS
from netspatial.context.fusion.losses import OBJECTIVES
from netspatial.context.training.fusion_training import FusionProgress, TrainedFusion
from netspatial.context.training.model_card import write_card
from netspatial.errors import BadInput
from netspatial.generate.city_data import load_series, with_embeddings
from netspatial.generate.data import TrainingSet, join
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.objective import Batch, TrainingRng, objective
from netspatial.generate.presets import Preset
from netspatial.generate.training import held_out_rows
from netspatial.progress import Progress, silent
from netspatial.randomness import key, stream
from netspatial.training import Best, cosine_decay, descend, follow

REFERENCE_EVERY = 50
"""Steps after which the mean embedding of each city's stations is computed again."""
VALIDATE_EVERY = 100
PATIENCE = 6
"""Validations without a lower held-out loss after which training stops."""
EMA_DECAY = 0.98
WARM_UP_STEPS = 100
BLOCK = 512
"""Stations per batch where no gradient is needed."""


@dataclass(frozen=True)
class JointTrainConfig:
    """Settings of the joint training.

    rate : learning rate of the fusion; the generator has that of its preset
    keep : weight of the fusion's own objective, so that it still embeds places where image or
           points of interest are missing
    """

    steps: int = 1_500
    rate: float = 3e-4
    keep: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class PairedStations:
    """Training series and the frozen features of their places, in the same order."""

    data: TrainingSet
    features: Features

    def take(self, rows: Indices) -> "PairedStations":
        """Return the chosen stations."""
        return PairedStations(self.data.take(rows), self.features.take(rows))


class Pair(nn.Module):
    """A fusion and a generator's flow in one module, which is trained and averaged together."""

    def __init__(self, fusion: nn.Module, flow: HierarchicalFlow) -> None:
        super().__init__()
        self.fusion, self.flow = fusion, flow

    def context(self, stations: PairedStations, city_means: Tensor) -> Tensor:
        """Return the generator's conditions of places, as `city_data.conditions` does, (n, D + k).

        city_means : (cities, d) mean embedding of each city's stations
        """
        batch = to_batch(stations.features)
        z: Tensor = self.fusion(batch, batch.has_image, batch.has_pois).z
        known = torch.from_numpy(stations.data.context)
        d, relative = z.shape[1], stations.data.relative_dim
        if not relative:
            return z
        difference = z - city_means[torch.from_numpy(stations.data.group)]
        difference = difference.masked_fill(known[:, d : 2 * d].isnan(), torch.nan)
        return torch.cat([z, difference, known[:, 2 * d :]], dim=1)

    @torch.no_grad()
    def city_means(self, stations: PairedStations) -> Tensor:
        """Return the mean embedding of each city's stations, (cities, d)."""
        parts = []
        for start in range(0, len(stations.data), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(stations.data)))
            batch = to_batch(stations.features.take(rows))
            parts.append(self.fusion(batch, batch.has_image, batch.has_pois).z)
        z, group = torch.cat(parts), torch.from_numpy(stations.data.group)
        cities = int(group.max()) + 1
        sums: Tensor = z.new_zeros(cities, z.shape[1]).index_add_(0, group, z)
        return sums / torch.bincount(group, minlength=cities).clamp(min=1)[:, None]


def read_stations(
    cities: Sequence[City],
    context: ContextModel,
    service: str = "total",
    report: Progress = silent,
) -> PairedStations:
    """Read the series of several cities' stations and the frozen features of their places."""
    sets, features = [], []
    for number, city in enumerate(cities):
        report(f"reading the stations of {city.name}", number / len(cities))
        found = load_series(city, service)
        sets.append(with_embeddings(city, found, context))
        features.append(context.extractor.read(city, positions(found.stations, city.crs)))
    return PairedStations(join(sets), join_features(features))


def train_context_jointly(
    out: Path,
    cities: Sequence[City],
    preset: Preset,
    settings: JointTrainConfig,
    *,
    begin: ContextModel | None = None,
    service: str = "total",
    report: Progress = silent,
) -> ContextModel:
    """Train a context jointly with a generator of these cities, and write it to `out`.

    begin : the context to start from; by default the built-in one
    """
    base = begin or load_context()
    if base.settings.recipe.design != "fusion":
        raise BadInput(
            f"The context in '{base.source}' has the design '{base.settings.recipe.design}'; only "
            "the design 'fusion' can be trained jointly with a generator."
        )
    stations = read_stations(cities, base, service, report)
    network, result = train_jointly(stations, base, preset, settings, report)
    recipe = base.settings.recipe
    facts = {
        **base.settings.facts,
        "begun_from": base.fingerprint,
        "traffic": {
            "cities": [city.name for city in cities],
            "provenance": stations.data.provenance,
            "licences": list(stations.data.licences),
            "service": service,
            "stations": len(stations.data),
            **result,
        },
    }
    trained = TrainedFusion(network, base.settings.shape, recipe, FusionProgress())
    save_context(out, trained, base.extractor, facts, write_card(base.extractor, recipe, facts))
    return load_context(out)


def train_jointly(
    stations: PairedStations,
    base: ContextModel,
    preset: Preset,
    settings: JointTrainConfig,
    report: Progress = silent,
) -> tuple[nn.Module, dict[str, float]]:
    """Train the fusion on the loss of a new generator, which is trained at the same time.

    Stops when the loss of held-out stations no longer falls. Returns the best fusion, its number
    of steps and its held-out loss.
    """
    held_rows = held_out_rows(stations.data, settings.seed)
    fitted = stations.take(np.flatnonzero(~held_rows))
    held = stations.take(np.flatnonzero(held_rows))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_seed(settings, "initial weights"))
        pair = _begin(fitted.data, base, preset)
        slow, best = copy.deepcopy(pair).eval(), copy.deepcopy(pair).eval()
        optimiser = torch.optim.AdamW(
            [
                {"params": pair.flow.parameters(), "peak": preset.learning_rate},
                {"params": pair.fusion.parameters(), "peak": settings.rate},
            ],
            weight_decay=preset.weight_decay,
        )
        lowest = Best()
        for step in range(settings.steps):
            if step % REFERENCE_EVERY == 0:
                city_means = pair.city_means(fitted)
            _step(pair, fitted, city_means, optimiser, settings, step)
            follow(slow, pair, step, EMA_DECAY)
            if (step + 1) % VALIDATE_EVERY and step + 1 < settings.steps:
                continue
            loss = validation_loss(slow, held, settings.seed)
            if lowest.beaten_by(loss, step + 1):
                best.load_state_dict(slow.state_dict())
            report(
                f"joint training of fusion and generator, step {step + 1}: "
                f"held-out loss {loss:.4f}, best {lowest.loss:.4f}",
                (step + 1) / settings.steps,
            )
            if lowest.worse >= PATIENCE:
                break
    return best.fusion, {"steps": lowest.at, "held_out_loss": round(lowest.loss, 5)}


def validation_loss(pair: Pair, held: PairedStations, seed: int) -> float:
    """Return the generator's loss on held-out stations, with the same random numbers each time."""
    city_means = pair.city_means(held)
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(held.data), BLOCK):
            part = held.take(np.arange(start, min(start + BLOCK, len(held.data))))
            rng = TrainingRng(
                torch.Generator().manual_seed(key(seed, "together", "judge", start) % 2**63),
                torch.device("cpu"),
            )
            terms = objective(pair.flow, _batch(pair, part, city_means), rng)
            total += float(torch.stack(list(terms.values())).sum()) * len(part.data)
    return total / len(held.data)


def _begin(data: TrainingSet, base: ContextModel, preset: Preset) -> Pair:
    flow = HierarchicalFlow(
        preset,
        data.context.shape[1] - data.relative_dim,
        one_week=data.one_week,
        relative_dim=data.relative_dim,
    )
    hours = torch.from_numpy(data.hours.astype(np.int64))
    flow.fit_statistics(torch.from_numpy(data.x), hours, torch.from_numpy(data.context))
    return Pair(copy.deepcopy(base.network), flow).train()


def _batch(pair: Pair, stations: PairedStations, city_means: Tensor) -> Batch:
    data = stations.data
    return Batch(
        torch.from_numpy(data.x),
        torch.from_numpy(data.hours.astype(np.int64)),
        pair.context(stations, city_means),
    )


def _step(
    pair: Pair,
    fitted: PairedStations,
    city_means: Tensor,
    optimiser: torch.optim.Optimizer,
    settings: JointTrainConfig,
    step: int,
) -> None:
    """Take one step on the generator's loss plus the weighted loss of the fusion."""
    random = stream(settings.seed, "together", step)
    size = min(pair.flow.preset.batch, len(fitted.data))
    part = fitted.take(random.choice(len(fitted.data), size, replace=False))
    rng = TrainingRng(
        torch.Generator().manual_seed(_seed(settings, "step", step)), torch.device("cpu")
    )
    torch.manual_seed(_seed(settings, "dropout", step))
    terms = objective(pair.flow, _batch(pair, part, city_means), rng)
    own = FUSION_VARIANTS["fusion"].loss(
        pair.fusion, to_batch(part.features), random, OBJECTIVES["guarded"]
    )
    loss = torch.stack(list(terms.values())).sum() + settings.keep * own
    warm, fall = min(1.0, (step + 1) / WARM_UP_STEPS), cosine_decay(step, settings.steps)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * warm * fall
    descend(loss, optimiser, pair.flow.parameters(), pair.fusion.parameters())


def _seed(settings: JointTrainConfig, *names: str | int) -> int:
    return key(settings.seed, "together", *names) % 2**63
