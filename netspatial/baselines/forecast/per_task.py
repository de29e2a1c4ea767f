"""A single-task method on several tasks: one independent network per task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Build, Option
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.window_forecaster import Quantiles, WindowForecaster
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent, within
from netspatial.weights import load_weights, prefixed, save_weights, under

KIND = "forecaster-per-task"


@dataclass(eq=False)
class PerTask(WindowForecaster):
    """One `NetworkForecaster` of `build` for each task; the budget is that of each."""

    name: str
    build: Build
    shape: WindowSpec
    tasks: tuple[str, ...]
    train_config: TrainConfig = field(default_factory=TrainConfig)
    options: Mapping[str, Option] = field(default_factory=dict)
    parts: tuple[NetworkForecaster, ...] = ()

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Self:
        """Train the networks one after the other."""
        self.check(windows)
        parts = []
        for number, task in enumerate(self.tasks):
            part = NetworkForecaster(
                self.name, self.build, self.shape, (task,), self.train_config, self.options
            )
            one = within(progress, number / len(self.tasks), (number + 1) / len(self.tasks))
            part.fit(windows.with_tasks((task,)), validation.with_tasks((task,)), seed, one)
            parts.append(part)
        self.parts = tuple(parts)
        return self

    def quantiles_of(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Quantiles:
        """Quantiles (N, H, K, Q) in real units, not negative, rising along Q."""
        self._ready()
        self.check(windows)
        found = [part.quantiles_of(windows.with_tasks(part.tasks), levels) for part in self.parts]
        return np.concatenate(found, axis=2)

    def save(self, folder: Path) -> str:
        """Write all networks to one folder; return its fingerprint."""
        self._ready()
        tensors: dict[str, NDArray[Any]] = {}
        configs: dict[str, dict[str, Any]] = {}
        for part in self.parts:
            own, configs[part.tasks[0]] = part.written()
            tensors |= prefixed(part.tasks[0], own)
        card = "\n".join(part.card() for part in self.parts)
        config = {"name": self.name, "tasks": list(self.tasks), "parts": configs}
        return save_weights(folder, KIND, tensors, config, card)

    @classmethod
    def load(cls, folder: Path, networks: Mapping[str, Build]) -> Self:
        """Read a forecaster written by `save`. networks : `build` functions by name."""
        saved = load_weights(folder, KIND)
        parts = []
        for task in saved.config["tasks"]:
            own, config = under(task, saved.tensors), saved.config["parts"][task]
            parts.append(NetworkForecaster.read(own, config, str(folder), networks))
        first = parts[0]
        return cls(
            first.name,
            first.build,
            first.shape,
            tuple(saved.config["tasks"]),
            first.train_config,
            first.options,
            tuple(parts),
        )

    def _ready(self) -> None:
        if not self.parts:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
