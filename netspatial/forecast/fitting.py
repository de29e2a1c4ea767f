"""From a user's history to a trained forecaster: what is learnt from, and what says when to stop.

Under `netspatial forecast fit`. The last day of the history, or its last seventh, is set aside to
say when to stop and how wide intervals must be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Progress
from netspatial.forecast.from_simulation import LEARNING, FromSimulation
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.pretrained import NAME, PretrainedForecaster
from netspatial.forecast.reweighted import Weighed
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import ADAPTING
from netspatial.forecast.windows import Windows, WindowSpec

LEAST_PART = 4
"""One in so many input steps must lie within the history of a window to learn from."""


@dataclass(frozen=True)
class Preset:
    """A form of Sim-MSTNet: options of the network, and how losses of tasks are combined."""

    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"


PRESETS: dict[str, Preset] = {
    "default": Preset(),
    "paper": Preset(
        {
            "d": 64,
            "heads": 8,
            "layers": 2,
            "patch_hours": 0,
            "stride": 1,
            "space": True,
            "template": False,
        },
        "dynamic",
    ),
}
"""`paper` is the published network as far as it is told: steps as tokens, no template, Eqs. 13-14.
Its sizes are not told; these are ours."""


def _from_simulation(
    shape: WindowSpec, tasks: Sequence[str], preset: Preset, steps: int | None
) -> NetworkForecaster:
    budget = LEARNING if steps is None else TrainConfig(steps=steps)
    return FromSimulation(
        NAME, build_sim_mstnet, shape, tuple(tasks), budget, preset.options, preset.task_weights
    )


def _from_history(
    shape: WindowSpec, tasks: Sequence[str], preset: Preset, steps: int | None
) -> NetworkForecaster:
    budget = TrainConfig() if steps is None else TrainConfig(steps=steps)
    return NetworkForecaster(
        NAME, build_sim_mstnet, shape, tuple(tasks), budget, preset.options, preset.task_weights
    )


def _pretrained(
    shape: WindowSpec, tasks: Sequence[str], preset: Preset, steps: int | None
) -> NetworkForecaster:
    if preset is not PRESETS["default"]:
        raise BadInput("What was taught has the form of the default preset; ask for that one.")
    adapting = ADAPTING if steps is None else replace(ADAPTING, steps=steps)
    return PretrainedForecaster(NAME, build_sim_mstnet, shape, tuple(tasks), adapting)


def _weighed(
    shape: WindowSpec, tasks: Sequence[str], preset: Preset, steps: int | None
) -> NetworkForecaster:
    made = Weighed(
        NAME, build_sim_mstnet, shape, tuple(tasks), options=preset.options,
        task_weights=preset.task_weights,
    )  # fmt: skip
    if steps is None:
        return made
    effort = replace(
        made.effort,
        adapting=replace(made.effort.adapting, steps=steps),
        meta=replace(made.effort.meta, steps=steps),
    )
    return replace(made, budget=replace(made.budget, steps=steps), effort=effort)


Make = Callable[[WindowSpec, Sequence[str], Preset, int | None], NetworkForecaster]
LEARN_FROM: dict[str, Make] = {
    "pretrained": _pretrained,
    "simulation": _from_simulation,
    "reweighted": _weighed,
    "history": _from_history,
}
"""What comes before the history: a network that was taught on many cities beforehand, simulated
cities that are learnt from now, all alike or each for what it helps, or nothing."""


def fit_history(
    panel: Panel,
    shape: WindowSpec,
    *,
    init: str = "pretrained",
    preset: str = "default",
    steps: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> NetworkForecaster:
    """Train Sim-MSTNet for the tasks and places of this history.

    steps : of training, at most; on simulations where those are learnt from
    """
    for asked, known, what in (
        (init, LEARN_FROM, "way to learn"),
        (preset, PRESETS, "preset"),
    ):
        if asked not in known:
            raise BadInput(f"There is no {what} '{asked}'; there are {', '.join(known)}.")
    learnt, judged = split_history(panel, shape)
    forecaster = LEARN_FROM[init](shape, panel.tasks, PRESETS[preset], steps)
    return forecaster.fit(learnt, judged, seed, progress)


def split_history(panel: Panel, shape: WindowSpec) -> tuple[Windows, Windows]:
    """Windows to learn from, and later ones that ask for what those never saw."""
    steps, per_day = len(panel.times), panel.steps_per_day
    least = -(-shape.context_length // LEAST_PART)
    aside = max(per_day, shape.horizon)
    needed = max(shape.context_length, least + shape.horizon) + aside
    if steps < needed:
        raise BadInput(
            f"The history has {steps} steps ({steps / per_day:.1f} days); learning to go from "
            f"{shape.context_length} steps to {shape.horizon} needs {needed} "
            f"({needed / per_day:.1f} days)."
        )
    stop = min(steps - aside, steps - steps // 7)
    return (
        Windows.cut([panel], shape, last=stop, least=least),
        Windows.cut([panel], shape, first=stop, every=max(1, per_day // 4)),
    )
