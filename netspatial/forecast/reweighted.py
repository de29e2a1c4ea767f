"""Forecaster trained on simulated cities, each weighted by its benefit for the given places.

Slower than `from_simulation`, which weights all cities equally, but reports each city's weight.
"""

from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from netspatial.arrays import AnyFloats
from netspatial.errors import BadInput
from netspatial.forecast.configurations import (
    draw_configurations,
    parameters_of,
    weights_by_configuration,
)
from netspatial.forecast.from_simulation import MIN_PART, check_hourly, simulated_service
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.simulated import simulated_windows
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import (
    ADAPTING,
    EARLY,
    Simulated,
    TransferConfig,
    set_meta_apart,
    train,
)
from netspatial.forecast.windows import Windows
from netspatial.progress import Progress, silent

METHOD = "meta-weight"
LEARNING = TrainConfig(steps=300, lr=3e-3, evaluate_every=50, patience=4)
EFFORT = replace(EARLY, adapting=replace(ADAPTING, steps=200))
CONFIGURATIONS, EACH = 24, 400
"""Number of reweighted simulated cities, and windows of each."""


@dataclass(eq=False)
class ReweightedForecaster(NetworkForecaster):
    """A network trained on reweighted simulations, then fine-tuned on real windows.

    Further attributes are those of `NetworkForecaster`.

    Attributes
    ----------
    train_config : TrainConfig
        Of training on simulations.
    effort : TransferConfig
        Settings of reweighting and fine-tuning.
    simulation_weights : DataFrame or None
        The cities with their weights, see `weights_by_configuration`; None before training.
    """

    train_config: TrainConfig = LEARNING
    effort: TransferConfig = EFFORT
    simulation_weights: pd.DataFrame | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Reweight cities on a third of the places, train on them, fine-tune on all places.

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
            Not supported with reweighting.

        Returns
        -------
        ReweightedForecaster
            Itself.

        Raises
        ------
        BadInput
            If window weights are given, the history is not hourly, or it has fewer than two places.
        """
        if window_weights is not None:
            raise BadInput("Window weights are not supported with reweighting; leave them out.")
        panel = windows.panels[0]
        check_hourly(panel)
        real = set_meta_apart(windows, validation, seed)
        drawn = draw_configurations(seed, CONFIGURATIONS)
        simulated = simulated_windows(
            drawn,
            self.shape,
            [simulated_service(task) for task in self.tasks],
            EACH * len(drawn),
            least=-(-self.shape.context_length // MIN_PART),
            side=panel.side,
            names=self.tasks,
            progress=progress,
        )
        learner = self.afresh(self.train_config)
        given = Simulated(simulated, parameters_of(drawn))
        result = train(METHOD, learner, given, real, seed, self.effort, progress)
        if result.weights is None:
            raise BadInput(
                "The simulated cities were not reweighted; choose another initialisation."
            )
        self.take_over(learner)
        self.simulation_weights = weights_by_configuration(drawn, simulated.config, result.weights)
        return self
