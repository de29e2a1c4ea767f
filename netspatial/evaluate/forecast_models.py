"""Who stands in the tables of the forecasting bench: rivals, ours, and ours without a part."""

from collections.abc import Mapping
from dataclasses import dataclass

from netspatial.baselines.forecast import MULTI_TASK, RIVALS, RULES, SINGLE_TASK, Make, PerTask
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.sim_mstnet import build_sim_mstnet

OURS = "sim-mstnet"
ONE_TASK = f"{OURS}, one task"
ALL_PARTS = "all parts"


@dataclass(frozen=True)
class Entry:
    """One model of one table; `least_tasks` that a data set must have for it to make sense."""

    table: int
    name: str
    make: Make
    least_tasks: int = 1


def ours(options: Mapping[str, Option] | None = None, task_weights: str = "equal") -> Make:
    """Sim-MSTNet with these options, all tasks together."""
    return lambda shape, tasks, budget: NetworkForecaster(
        OURS, build_sim_mstnet, shape, tasks, budget, options or {}, task_weights
    )


def one_task() -> Make:
    """Sim-MSTNet for one task at a time."""
    return lambda shape, tasks, budget: PerTask(OURS, build_sim_mstnet, shape, tasks, budget)


PARTS: tuple[Entry, ...] = tuple(
    Entry(3, name, make, least)
    for name, make, least in (
        (ALL_PARTS, ours(), 1),
        ("without interaction", ours({"interaction": False}), 2),
        ("without space", ours({"space": False}), 1),
        ("without template", ours({"template": False}), 1),
        ("dynamic weights", ours(task_weights="dynamic"), 2),
    )
)
"""Ours and ours without one part, all learnt from real days alone; weights of tasks are equal by
default, so theirs is what is put in."""

ENTRIES: tuple[Entry, ...] = (
    *(Entry(1, name, RIVALS[name]) for name in (*RULES, *SINGLE_TASK)),
    Entry(1, ONE_TASK, one_task()),
    *(Entry(2, name, RIVALS[name], 2) for name in MULTI_TASK),
    Entry(2, OURS, ours(), 2),
    *PARTS,
)
"""All models by table: one task at a time, all tasks together, ours without a part."""
