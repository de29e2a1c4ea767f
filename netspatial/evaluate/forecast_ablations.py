"""Ablations of our network, pretrained on the same cities with the same budget and seed.

For the third table: few real days change no parameter of a pretrained network, so that an ablation
must be pretrained, too. Pretrained networks are kept beside the cities.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from netspatial.evaluate.forecast_data import SERVICES, SHAPE
from netspatial.evaluate.generate_data import TRAIN_SEEDS, simulated_city
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel, from_city
from netspatial.forecast.pretrained import PRETRAINING, pretrain
from netspatial.forecast.sim_mstnet import Options
from netspatial.forecast.training import TrainConfig
from netspatial.progress import Progress, silent


@dataclass(frozen=True)
class Part:
    """The differences of an ablation: options of the network, weighting of the task losses."""

    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"


@dataclass(frozen=True)
class PretrainingSize:
    """Pretraining of the networks of the third table: training budget and number of cities."""

    train_config: TrainConfig = PRETRAINING
    cities: int = len(TRAIN_SEEDS)


@dataclass(frozen=True)
class PretrainedAblations:
    """The networks of the third table in `work`, pretrained when first needed."""

    work: Path
    size: PretrainingSize
    report: Progress = silent

    def folder(self, part: Part) -> Path:
        """Return the folder of this network, which is pretrained if it does not exist."""
        found = self.work / "forecast-taught" / self._key(part)
        if not found.exists():
            made = pretrain(
                [self._city(seed) for seed in TRAIN_SEEDS[: self.size.cities]],
                SHAPE,
                train_config=self.size.train_config,
                options=part.options,
                task_weights=part.task_weights,
                progress=partial(self._report, part),
            )
            found.parent.mkdir(parents=True, exist_ok=True)
            made.save(found)
        return found

    def _city(self, seed: int) -> Panel:
        self.report(f"simulating pretraining city {seed}", 0.0)
        return from_city(simulated_city(self.work, "train", seed), SERVICES)

    def _report(self, part: Part, text: str, share: float) -> None:
        options = ", ".join(f"{name} {value}" for name, value in part.options.items())
        self.report(f"pretraining ({options or part.task_weights}): {text}", share)

    def _key(self, part: Part) -> str:
        """Return a hash of all settings of the pretraining."""
        settings = {
            "size": asdict(self.size),
            "options": asdict(Options(**part.options)),  # type: ignore[arg-type]
            "task_weights": part.task_weights,
            "shape": asdict(SHAPE),
            "services": SERVICES,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
