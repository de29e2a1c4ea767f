"""Forecaster that is pre-trained on simulated cities and then fine-tuned on real windows.

For histories of days rather than weeks. Pre-training happens once per set of tasks and window
shape; real windows then change the parameters only as far as the validation loss falls. If training
on real windows alone gives a lower validation loss, the simulations are not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from netspatial.arrays import AnyFloats
from netspatial.errors import BadInput
from netspatial.forecast.configurations import draw_configurations
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Build, Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.simulated import simulated_windows
from netspatial.forecast.training import TrainConfig, validation_loss
from netspatial.forecast.transfer import ADAPTING, State, adapt
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent
from netspatial.simulate.services import UNITS

ALIKE = {"internet": "data", "traffic": "data", "users": "call"}
"""Simulated service for tasks of other names; `data` for all not listed."""
LEARNING = TrainConfig(steps=600, lr=3e-3, evaluate_every=100, patience=4)
ALONE = TrainConfig(steps=300, batch=32, lr=4e-3, evaluate_every=50, patience=3)
CONFIGURATIONS = 44
VALIDATION_CONFIGURATIONS = 4
"""Configurations of the validation set."""
EACH = 500
"""Windows of each configuration."""
MIN_PART = 4
"""At least one in this many input steps of a window is known, as for new stations."""
HOURS = 24


@dataclass(eq=False)
class FromSimulation(NetworkForecaster):
    """A network that is pre-trained on simulations.

    Further attributes are those of `NetworkForecaster`.

    Attributes
    ----------
    train_config : TrainConfig
        Of training on simulations.
    adapting : TrainConfig
        Of fine-tuning on real windows.
    alone : TrainConfig
        Of training on real windows alone, the alternative.
    configurations : int
        Number of simulated cities for training.
    services : mapping from str to str
        Simulated service of a task, where its name does not determine it.
    pretraining_helped : bool or None
        Whether pre-training on simulations gave the lower validation loss; None before training.
    """

    train_config: TrainConfig = LEARNING
    adapting: TrainConfig = ADAPTING
    alone: TrainConfig = ALONE
    configurations: int = CONFIGURATIONS
    services: Mapping[str, str] = field(default_factory=dict)
    pretraining_helped: bool | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Train on simulations, once per process; then fine-tune on real windows.

        Parameters
        ----------
        windows : Windows
            Hourly training windows.
        validation : Windows
            For early stopping and interval calibration.
        seed : int
            Of the simulations and the training.
        progress : Progress
            Called during simulation and training.
        window_weights : array, optional
            Not supported after simulations.

        Returns
        -------
        FromSimulation
            Itself.

        Raises
        ------
        BadInput
            If window weights are given or the history is not hourly.
        """
        if window_weights is not None:
            raise BadInput("Window weights are not supported after simulations; leave them out.")
        panel = windows.panels[0]
        check_hourly(panel)
        network = self.begin(windows, seed)
        network.load_state_dict(self._pretrained(panel.side, seed, progress))
        self.trained_on = ("simulated",)
        adapt(self, windows, validation, self.adapting, seed, progress)
        alone = self.afresh(self.alone).fit(windows, validation, seed, progress)
        self.pretraining_helped = _loss(self, validation) <= _loss(alone, validation)
        if not self.pretraining_helped:
            self.take_over(alone)
        return self

    def _pretrained(self, side: int, seed: int, progress: Progress) -> State:
        """Parameters pre-trained on simulations, for any place."""
        services = tuple(self.services.get(task, simulated_service(task)) for task in self.tasks)
        start = _Start(
            self.build,
            self.shape,
            services,
            side,
            tuple(sorted(self.options.items())),
            self.task_weights,
            self.train_config,
            self.configurations,
            seed,
        )
        if start not in _PRETRAINED:
            _PRETRAINED[start] = _pretrain(start, progress)
        return _PRETRAINED[start]


def check_hourly(panel: Panel) -> None:
    """Raise an error unless the history is hourly, like the simulations.

    Parameters
    ----------
    panel : Panel
        The history.

    Raises
    ------
    BadInput
        If it has other steps.
    """
    if panel.steps_per_day != HOURS:
        raise BadInput(
            f"Simulations are hourly and this history has {panel.steps_per_day} steps per day; "
            "aggregate it to hours, or train on it alone (init 'scratch')."
        )


def simulated_service(task: str) -> str:
    """Return the simulated service for a task of this name.

    Parameters
    ----------
    task : str
        Name of the task.

    Returns
    -------
    str

    Examples
    --------
    >>> simulated_service("internet")
    'data'
    """
    return task if task in UNITS else ALIKE.get(task, "data")


def _loss(forecaster: NetworkForecaster, windows: Windows) -> float:
    if forecaster.network is None:
        raise BadInput(f"The forecaster '{forecaster.name}' has not been trained yet.")
    return validation_loss(forecaster.network, windows, forecaster.device)


@dataclass(frozen=True)
class _Start:
    """Everything that determines the pre-trained parameters; task names do not."""

    build: Build
    shape: WindowSpec
    services: tuple[str, ...]
    side: int
    options: tuple[tuple[str, Option], ...]
    task_weights: str
    train_config: TrainConfig
    configurations: int
    seed: int


_PRETRAINED: dict[_Start, State] = {}
"""Cache of pre-trained parameters in this process; pre-training takes minutes."""


def _pretrain(start: _Start, progress: Progress) -> State:
    names = tuple(f"{number} {service}" for number, service in enumerate(start.services))
    training, validation = _simulations(start, names, progress)
    forecaster = NetworkForecaster(
        "from simulation",
        start.build,
        start.shape,
        names,
        start.train_config,
        dict(start.options),
        start.task_weights,
        calibrated=False,
    )
    forecaster.fit(training, validation, start.seed, progress)
    if forecaster.network is None:
        raise BadInput("Training on simulations gave no network.")
    return forecaster.network.state_dict()


def _simulations(
    start: _Start, names: tuple[str, ...], progress: Progress
) -> tuple[Windows, Windows]:
    """Simulated training windows, and validation windows of other cities."""
    drawn = draw_configurations(start.seed, start.configurations + VALIDATION_CONFIGURATIONS)
    windows = simulated_windows(
        drawn,
        start.shape,
        start.services,
        EACH * len(drawn),
        least=-(-start.shape.context_length // MIN_PART),
        side=start.side,
        names=names,
        progress=progress,
    )
    held_out = windows.config >= start.configurations
    return windows.take(np.flatnonzero(~held_out)), windows.take(np.flatnonzero(held_out))
