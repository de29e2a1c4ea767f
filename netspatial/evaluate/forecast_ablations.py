"""Ours with other parts, taught on the same cities, by the same budget and seed as the default.

For the third table: few real days change no parameter of a taught network, so what a part is worth
shows only where cities taught without it, too. What was taught is kept beside the cities.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
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

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Part:
    """What is other than by default: options of the network, how losses are combined."""

    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"


@dataclass(frozen=True)
class Teachings:
    """How the networks of the third table are taught: by which budget, on how many cities."""

    budget: TrainConfig = PRETRAINING
    cities: int = len(TRAIN_SEEDS)


@dataclass(frozen=True)
class PretrainedAblations:
    """The networks of the third table in `work`, taught when they are first asked for."""

    work: Path
    size: Teachings
    report: Report = lambda *_: None

    def folder(self, part: Part) -> Path:
        """Where the network of these parts lies; it is taught if it does not."""
        found = self.work / "forecast-taught" / self._key(part)
        if not found.exists():
            made = pretrain(
                [self._city(seed) for seed in TRAIN_SEEDS[: self.size.cities]],
                SHAPE,
                budget=self.size.budget,
                options=part.options,
                task_weights=part.task_weights,
                progress=partial(self._told, part),
            )
            found.parent.mkdir(parents=True, exist_ok=True)
            made.save(found)
        return found

    def _city(self, seed: int) -> Panel:
        self.report(f"city {seed} to teach", 0.0)
        return from_city(simulated_city(self.work, "train", seed), SERVICES)

    def _told(self, part: Part, text: str, share: float) -> None:
        other = ", ".join(f"{name} {value}" for name, value in part.options.items())
        self.report(f"teaching ({other or part.task_weights}): {text}", share)

    def _key(self, part: Part) -> str:
        """A name for all that decides what is taught."""
        decides = {
            "size": asdict(self.size),
            "options": asdict(Options(**part.options)),  # type: ignore[arg-type]
            "task_weights": part.task_weights,
            "shape": asdict(SHAPE),
            "services": SERVICES,
        }
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]
