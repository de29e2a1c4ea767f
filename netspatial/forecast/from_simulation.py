"""A forecaster that has walked through many simulated cities before it sees its first real day.

The way to forecast where days, not weeks, were measured: what simulations teach is learnt once for
a set of tasks and a shape of windows, whatever place comes, and real windows then move it only as
far as they make it better. Where they are forecast better by what they teach alone, simulations
are not listened to: a clock or a life unlike the simulated ones must not do harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from netspatial.arrays import AnyFloats
from netspatial.errors import BadInput
from netspatial.forecast.configurations import draw_configurations
from netspatial.forecast.forecaster import Progress
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Build, Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.simulated import simulated_windows
from netspatial.forecast.training import TrainConfig, validation_loss
from netspatial.forecast.transfer import ADAPTING, State, adapt
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.simulate.services import UNITS

ALIKE = {"internet": "data", "traffic": "data", "users": "call"}
"""The simulated service that stands in for a task of another name; `data` does for all others."""
LEARNING = TrainConfig(steps=600, lr=3e-3, evaluate_every=100, patience=4)
ALONE = TrainConfig(steps=300, batch=32, lr=4e-3, evaluate_every=50, patience=3)
CONFIGURATIONS = 44
JUDGING = 4
"""So many configurations say when to stop; nothing is learnt from them."""
EACH = 500
"""Windows of each configuration."""
LEAST_PART = 4
"""One in so many input steps is known in every simulated window: young stations know few."""
HOURS = 24


@dataclass(eq=False)
class FromSimulation(NetworkForecaster):
    """A network that learns from simulations first.

    budget         : for learning from simulations
    adapting       : for going on with real windows
    alone          : for learning from real windows alone, the other way that is tried
    configurations : simulated cities, beside those that say when to stop
    services       : simulated service that each task is learnt from, where its name does not say
    listened       : whether what came of simulations forecast the windows to stop by better
    """

    budget: TrainConfig = LEARNING
    adapting: TrainConfig = ADAPTING
    alone: TrainConfig = ALONE
    configurations: int = CONFIGURATIONS
    services: Mapping[str, str] = field(default_factory=dict)
    listened: bool | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Learn from simulations, which is done once in a process; then go on with real windows."""
        if window_weights is not None:
            raise BadInput("Windows that follow simulations all weigh the same; leave weights out.")
        panel = windows.panels[0]
        check_hourly(panel)
        network = self.begin(windows, seed)
        network.load_state_dict(self._pretrained(panel.side, seed, progress))
        self.learnt_from = ("simulated",)
        adapt(self, windows, validation, self.adapting, seed, progress)
        alone = self.afresh(self.alone).fit(windows, validation, seed, progress)
        self.listened = _loss(self, validation) <= _loss(alone, validation)
        if not self.listened:
            self.take_over(alone)
        return self

    def _pretrained(self, side: int, seed: int, progress: Progress | None) -> State:
        """Parameters that simulations teach, whatever place they are for."""
        services = tuple(self.services.get(task, simulated_service(task)) for task in self.tasks)
        start = _Start(
            self.build,
            self.shape,
            services,
            side,
            tuple(sorted(self.options.items())),
            self.task_weights,
            self.budget,
            self.configurations,
            seed,
        )
        if start not in _TAUGHT:
            _TAUGHT[start] = _teach(start, progress)
        return _TAUGHT[start]


def check_hourly(panel: Panel) -> None:
    """Refuse a history on whose steps nothing is simulated."""
    if panel.steps_per_day != HOURS:
        raise BadInput(
            f"Simulations are hourly and this history has {panel.steps_per_day} steps a day; "
            "sum it to hours, or learn from it alone."
        )


def simulated_service(task: str) -> str:
    """Return the simulated service that a task is learnt from by its name."""
    return task if task in UNITS else ALIKE.get(task, "data")


def _loss(forecaster: NetworkForecaster, windows: Windows) -> float:
    if forecaster.network is None:
        raise BadInput(f"The forecaster '{forecaster.name}' has not been trained yet.")
    return validation_loss(forecaster.network, windows, forecaster.device)


@dataclass(frozen=True)
class _Start:
    """All that decides what simulations teach; what tasks are called does not."""

    build: Build
    shape: WindowSpec
    services: tuple[str, ...]
    side: int
    options: tuple[tuple[str, Option], ...]
    task_weights: str
    budget: TrainConfig
    configurations: int
    seed: int


_TAUGHT: dict[_Start, State] = {}
"""What was taught in this process: minutes of work that further places need not repeat."""


def _teach(start: _Start, progress: Progress | None) -> State:
    names = tuple(f"{number} {service}" for number, service in enumerate(start.services))
    learnt_from, judged = _simulations(start, names, progress)
    forecaster = NetworkForecaster(
        "from simulation",
        start.build,
        start.shape,
        names,
        start.budget,
        dict(start.options),
        start.task_weights,
        calibrated=False,
    )
    forecaster.fit(learnt_from, judged, start.seed, progress)
    if forecaster.network is None:
        raise BadInput("Nothing was learnt from simulations.")
    return forecaster.network.state_dict()


def _simulations(
    start: _Start, names: tuple[str, ...], progress: Progress | None
) -> tuple[Windows, Windows]:
    """Simulated windows to learn from and others, of other cities, to stop by."""
    drawn = draw_configurations(start.seed, start.configurations + JUDGING)
    windows = simulated_windows(
        drawn,
        start.shape,
        start.services,
        EACH * len(drawn),
        least=-(-start.shape.context_length // LEAST_PART),
        side=start.side,
        names=names,
        progress=progress,
    )
    judging = windows.config >= start.configurations
    return windows.take(np.flatnonzero(~judging)), windows.take(np.flatnonzero(judging))
