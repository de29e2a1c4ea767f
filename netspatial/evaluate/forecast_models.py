"""Models in the tables of the forecasting bench: baselines, ours, and ablations of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from netspatial.baselines.forecast import BASELINES, MULTI_TASK, SINGLE_TASK, PerTask
from netspatial.evaluate.forecast_ablations import Part, PretrainedAblations, PretrainingSize
from netspatial.evaluate.forecast_data import SHAPE
from netspatial.evaluate.forecast_windows import ByOrigin
from netspatial.forecast import RULES, Forecaster
from netspatial.forecast.from_simulation import CONFIGURATIONS, LEARNING, FromSimulation
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Build
from netspatial.forecast.pretrained import DEFAULT, PretrainedForecaster
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import ADAPTING
from netspatial.forecast.window_forecaster import WindowForecaster
from netspatial.forecast.windows import Windows, WindowSpec

NETWORK = "sim-mstnet"
ONE_TASK = f"{NETWORK}, one task"
PRETRAINED = f"{NETWORK}, as it comes"
FROM_SIMULATION = f"{NETWORK}, from simulation"
OURS = (PRETRAINED, FROM_SIMULATION)
"""The models with targets: the bundled weights, if present, and a network that is pretrained on
simulations in the bench."""
SIMULATION_BASELINE = "mttc"
DEFAULT_PARTS = "default parts"
REAL_DAYS = "from real days alone"
TEMPLATE = "template alone"
PARTS: Mapping[str, Part] = {
    DEFAULT_PARTS: Part(),
    "without interaction": Part({"interaction": False}),
    "with space": Part({"space": True}),
    "without template": Part({"template": False}),
    "dynamic weights": Part(task_weights="dynamic"),
}
"""Our network by default, and with one part removed, or added if it is off by default (space,
dynamic task weights)."""
OF_SEVERAL_TASKS = ("without interaction", "dynamic weights")
"""Ablations that have no effect with one task."""


Make = Callable[[WindowSpec, tuple[str, ...], TrainConfig], WindowForecaster | ByOrigin]
"""Builds a forecaster for windows of a shape, tasks and a training budget."""


@dataclass(frozen=True)
class Entry:
    """One model of one table.

    least_tasks : least number of tasks of a data set for this model
    shape       : of its windows; None for any
    """

    table: int
    name: str
    make: Make
    least_tasks: int = 1
    shape: WindowSpec | None = None

    def suits(self, windows: Windows) -> bool:
        """Whether it can be measured on such windows."""
        return len(windows.tasks) >= self.least_tasks and self.shape in (None, windows.shape)


@dataclass(frozen=True)
class Simulations:
    """Pretraining of a network on simulations before it is trained on real days.

    learning, adapting : training budgets on simulations and on real windows
    configurations     : number of simulated cities
    """

    learning: TrainConfig = LEARNING
    adapting: TrainConfig = ADAPTING
    configurations: int = CONFIGURATIONS


def entries(simulations: Simulations, pretrained: PretrainedAblations) -> tuple[Entry, ...]:
    """Return all models: one task at a time (table 1), all tasks (2), ablations of ours (3).

    Our network is pretrained on simulations. To separate the effect of these, the second table has
    a baseline that is pretrained, too, and the third has ours trained on real days alone.
    """
    return (
        *(Entry(1, name, _untrained(rule)) for name, rule in RULES.items()),
        *(Entry(1, name, BASELINES[name]) for name in SINGLE_TASK),
        Entry(1, ONE_TASK, _one_task),
        *(Entry(2, name, BASELINES[name], 2) for name in MULTI_TASK),
        Entry(
            2,
            f"{SIMULATION_BASELINE}, from simulation",
            _from_simulation(SIMULATION_BASELINE, MULTI_TASK[SIMULATION_BASELINE], simulations),
        ),
        Entry(2, FROM_SIMULATION, _from_simulation(NETWORK, build_sim_mstnet, simulations)),
        *([Entry(2, PRETRAINED, _pretrained, shape=SHAPE)] if DEFAULT.is_dir() else []),
        *(
            Entry(3, name, _part(part, pretrained), 2 if name in OF_SEVERAL_TASKS else 1)
            for name, part in PARTS.items()
        ),
        Entry(3, REAL_DAYS, _from_real_days(Part())),
        Entry(3, TEMPLATE, _template),
    )


def _untrained(forecaster: Forecaster) -> Make:
    return lambda *_: ByOrigin(forecaster)


def _from_simulation(name: str, build: Build, simulations: Simulations) -> Make:
    return lambda shape, tasks, train_config: FromSimulation(
        name,
        build,
        shape,
        tasks,
        simulations.learning,
        adapting=simulations.adapting,
        alone=train_config,
        configurations=simulations.configurations,
    )


def _part(part: Part, pretrained: PretrainedAblations) -> Make:
    """Return an ablation of ours, pretrained for windows of SHAPE, else from real days alone."""

    def make(
        shape: WindowSpec, tasks: tuple[str, ...], train_config: TrainConfig
    ) -> NetworkForecaster:
        if shape != SHAPE:
            return _from_real_days(part)(shape, tasks, train_config)
        return PretrainedForecaster(
            NETWORK, build_sim_mstnet, shape, tasks, start=pretrained.folder(part)
        )

    return make


def _from_real_days(
    part: Part,
) -> Callable[[WindowSpec, tuple[str, ...], TrainConfig], NetworkForecaster]:
    """Return Sim-MSTNet for all tasks together, from real days alone."""
    return lambda shape, tasks, train_config: NetworkForecaster(
        NETWORK, build_sim_mstnet, shape, tasks, train_config, part.options, part.task_weights
    )


def _pretrained(shape: WindowSpec, tasks: tuple[str, ...], _: TrainConfig) -> PretrainedForecaster:
    """Return Sim-MSTNet with the bundled weights."""
    return PretrainedForecaster(NETWORK, build_sim_mstnet, shape, tasks)


def _one_task(shape: WindowSpec, tasks: tuple[str, ...], train_config: TrainConfig) -> PerTask:
    """Return Sim-MSTNet for one task at a time, from real days alone."""
    return PerTask(NETWORK, build_sim_mstnet, shape, tasks, train_config)


def _template(
    shape: WindowSpec, tasks: tuple[str, ...], train_config: TrainConfig
) -> NetworkForecaster:
    """Return Sim-MSTNet without training: its seasonal template alone."""
    return _from_real_days(Part())(shape, tasks, replace(train_config, steps=1, lr=0.0))


NAMES = tuple(
    dict.fromkeys(
        entry.name
        for entry in entries(Simulations(), PretrainedAblations(Path(), PretrainingSize()))
    )
)
