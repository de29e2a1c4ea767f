"""Who stands in the tables of the forecasting bench: rivals, ours, and ours without a part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from netspatial.baselines.forecast import BASELINES, MULTI_TASK, SINGLE_TASK, PerTask
from netspatial.evaluate.forecast_ablations import Part, PretrainedAblations, Teachings
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
TAUGHT = f"{NETWORK}, as it comes"
FROM_SIMULATION = f"{NETWORK}, from simulation"
OURS = (TAUGHT, FROM_SIMULATION)
"""What bars are asked of: the weights that come with NetSpatial, where they lie there, and a
network that learns from simulations of its own on the spot."""
TAUGHT_RIVAL = "mttc"
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
"""Ours as it is by default, and ours without one part; what is off by default, the square around
and dynamic weights of tasks, is put in."""
OF_SEVERAL_TASKS = ("without interaction", "dynamic weights")
"""Parts that do nothing where there is one task."""


Make = Callable[[WindowSpec, tuple[str, ...], TrainConfig], WindowForecaster | ByOrigin]
"""Makes a forecaster of these tasks for windows of this shape, to be trained by this budget."""


@dataclass(frozen=True)
class Entry:
    """One model of one table.

    least_tasks : that a data set must have for it to make sense
    shape       : of the windows that it is for, where it is not for all
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
    """How a network learns from simulations before it sees real days.

    learning, adapting : budgets for simulations and for going on with real windows
    configurations     : simulated cities
    """

    learning: TrainConfig = LEARNING
    adapting: TrainConfig = ADAPTING
    configurations: int = CONFIGURATIONS


def entries(simulations: Simulations, pretrained: PretrainedAblations) -> tuple[Entry, ...]:
    """All models by table: one task at a time, all tasks together, ours with other parts.

    Ours learns from simulations first; to tell what is due to them, a rival that does so stands in
    the second table, and ours, learnt from real days alone, in the third.
    """
    return (
        *(Entry(1, name, _untrained(rule)) for name, rule in RULES.items()),
        *(Entry(1, name, BASELINES[name]) for name in SINGLE_TASK),
        Entry(1, ONE_TASK, _one_task),
        *(Entry(2, name, BASELINES[name], 2) for name in MULTI_TASK),
        Entry(
            2,
            f"{TAUGHT_RIVAL}, from simulation",
            _from_simulation(TAUGHT_RIVAL, MULTI_TASK[TAUGHT_RIVAL], simulations),
        ),
        Entry(2, FROM_SIMULATION, _from_simulation(NETWORK, build_sim_mstnet, simulations)),
        *([Entry(2, TAUGHT, _pretrained, shape=SHAPE)] if DEFAULT.is_dir() else []),
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
    return lambda shape, tasks, budget: FromSimulation(
        name,
        build,
        shape,
        tasks,
        simulations.learning,
        adapting=simulations.adapting,
        alone=budget,
        configurations=simulations.configurations,
    )


def _part(part: Part, pretrained: PretrainedAblations) -> Make:
    """Ours of these parts; taught for windows of SHAPE, else from real days alone."""

    def make(shape: WindowSpec, tasks: tuple[str, ...], budget: TrainConfig) -> NetworkForecaster:
        if shape != SHAPE:
            return _from_real_days(part)(shape, tasks, budget)
        return PretrainedForecaster(
            NETWORK, build_sim_mstnet, shape, tasks, start=pretrained.folder(part)
        )

    return make


def _from_real_days(
    part: Part,
) -> Callable[[WindowSpec, tuple[str, ...], TrainConfig], NetworkForecaster]:
    """Sim-MSTNet, all tasks together, from real days alone."""
    return lambda shape, tasks, budget: NetworkForecaster(
        NETWORK, build_sim_mstnet, shape, tasks, budget, part.options, part.task_weights
    )


def _pretrained(shape: WindowSpec, tasks: tuple[str, ...], _: TrainConfig) -> PretrainedForecaster:
    """The weights that come with NetSpatial."""
    return PretrainedForecaster(NETWORK, build_sim_mstnet, shape, tasks)


def _one_task(shape: WindowSpec, tasks: tuple[str, ...], budget: TrainConfig) -> PerTask:
    """Sim-MSTNet for one task at a time, from real days alone."""
    return PerTask(NETWORK, build_sim_mstnet, shape, tasks, budget)


def _template(shape: WindowSpec, tasks: tuple[str, ...], budget: TrainConfig) -> NetworkForecaster:
    """What Sim-MSTNet begins as: its seasonal template, of which nothing is learnt."""
    return _from_real_days(Part())(shape, tasks, replace(budget, steps=1, lr=0.0))


NAMES = tuple(
    dict.fromkeys(
        entry.name for entry in entries(Simulations(), PretrainedAblations(Path(), Teachings()))
    )
)
