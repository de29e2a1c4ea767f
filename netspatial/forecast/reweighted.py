"""A forecaster that weighs simulated cities by what each helps here, and learns from them so.

Beside `from_simulation`, which hears all cities alike: slower where every place weighs anew, but
one can look up afterwards which cities a place was like.
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
from netspatial.forecast.forecaster import Progress
from netspatial.forecast.from_simulation import LEAST_PART, check_hourly, simulated_service
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

METHOD = "meta-weight"
LEARNING = TrainConfig(steps=300, lr=3e-3, evaluate_every=50, patience=4)
EFFORT = replace(EARLY, adapting=replace(ADAPTING, steps=200))
CONFIGURATIONS, EACH = 24, 400
"""Simulated cities that are weighed, and windows of each."""


@dataclass(eq=False)
class Weighed(NetworkForecaster):
    """A network that learns from weighed simulations, then from real windows.

    budget   : for learning from simulations
    effort   : for their weights and for going on with real windows
    listened : the cities with the weight of each, see `weights_by_configuration`
    """

    budget: TrainConfig = LEARNING
    effort: TransferConfig = EFFORT
    listened: pd.DataFrame | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Weigh simulated cities on a third of the places, learn from them, go on with all."""
        if window_weights is not None:
            raise BadInput("Weights are what is learnt here; leave those of windows out.")
        panel = windows.panels[0]
        check_hourly(panel)
        real = set_meta_apart(windows, validation, seed)
        drawn = draw_configurations(seed, CONFIGURATIONS)
        simulated = simulated_windows(
            drawn,
            self.shape,
            [simulated_service(task) for task in self.tasks],
            EACH * len(drawn),
            least=-(-self.shape.context_length // LEAST_PART),
            side=panel.side,
            names=self.tasks,
            progress=progress,
        )
        learner = self.afresh(self.budget)
        given = Simulated(simulated, parameters_of(drawn))
        learnt = train(METHOD, learner, given, real, seed, self.effort, progress)
        if learnt.weights is None:
            raise BadInput("The simulated cities were not weighed; choose another way to learn.")
        self.take_over(learner)
        self.listened = weights_by_configuration(drawn, simulated.config, learnt.weights)
        return self
