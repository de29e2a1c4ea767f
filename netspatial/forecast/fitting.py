"""Training of Sim-MSTNet on a user's history, for `netspatial forecast fit`.

The last day of the history, or its last seventh, is the validation set for early stopping and
interval calibration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netspatial.errors import BadInput
from netspatial.forecast.from_simulation import LEARNING, FromSimulation
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.pretrained import NAME, PretrainedForecaster
from netspatial.forecast.reweighted import ReweightedForecaster
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import ADAPTING
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent

MIN_PART = 4
"""At least one in this many input steps of a training window lies within the history."""


@dataclass(frozen=True)
class ForecastPreset:
    """A variant of Sim-MSTNet.

    Attributes
    ----------
    options : mapping from str to value
        Options of the network.
    task_weights : str
        Weighting of the task losses.
    """

    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"


PRESETS: dict[str, ForecastPreset] = {
    "default": ForecastPreset(),
    "paper": ForecastPreset(
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
"""`paper` is the published network: steps as tokens, no seasonal baseline, Eqs. 13-14. Its
sizes are not published; these are ours."""


def _from_simulation(
    shape: WindowSpec, tasks: Sequence[str], preset: ForecastPreset, steps: int | None
) -> NetworkForecaster:
    train_config = LEARNING if steps is None else TrainConfig(steps=steps)
    return FromSimulation(
        NAME,
        build_sim_mstnet,
        shape,
        tuple(tasks),
        train_config,
        preset.options,
        preset.task_weights,
    )


def _from_history(
    shape: WindowSpec, tasks: Sequence[str], preset: ForecastPreset, steps: int | None
) -> NetworkForecaster:
    train_config = TrainConfig() if steps is None else TrainConfig(steps=steps)
    return NetworkForecaster(
        NAME,
        build_sim_mstnet,
        shape,
        tuple(tasks),
        train_config,
        preset.options,
        preset.task_weights,
    )


def _pretrained(
    shape: WindowSpec, tasks: Sequence[str], preset: ForecastPreset, steps: int | None
) -> NetworkForecaster:
    if preset is not PRESETS["default"]:
        raise BadInput(
            "The pre-trained network has the default preset; use it or another initialisation."
        )
    adapting = ADAPTING if steps is None else replace(ADAPTING, steps=steps)
    return PretrainedForecaster(NAME, build_sim_mstnet, shape, tuple(tasks), adapting)


def _weighed(
    shape: WindowSpec, tasks: Sequence[str], preset: ForecastPreset, steps: int | None
) -> NetworkForecaster:
    made = ReweightedForecaster(
        NAME,
        build_sim_mstnet,
        shape,
        tuple(tasks),
        options=preset.options,
        task_weights=preset.task_weights,
    )
    if steps is None:
        return made
    effort = replace(
        made.effort,
        adapting=replace(made.effort.adapting, steps=steps),
        meta=replace(made.effort.meta, steps=steps),
    )
    return replace(made, train_config=replace(made.train_config, steps=steps), effort=effort)


Make = Callable[[WindowSpec, Sequence[str], ForecastPreset, int | None], NetworkForecaster]
INITS: dict[str, Make] = {
    "pretrained": _pretrained,
    "simulation": _from_simulation,
    "reweighted": _weighed,
    "scratch": _from_history,
}
"""Initialisation before training on the history: a network pre-trained on many cities, training on
simulated cities with equal or learned weights, or none."""


def fit_history(
    panel: Panel,
    shape: WindowSpec,
    *,
    init: str = "pretrained",
    preset: str = "default",
    steps: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> NetworkForecaster:
    """Train Sim-MSTNet for the tasks and places of this history.

    Parameters
    ----------
    panel : Panel
        The history.
    shape : WindowSpec
        Context length and horizon, steps.
    init : str
        Initialisation: "pretrained", "simulation", "reweighted" or "scratch".
    preset : str
        A key of `PRESETS`; "paper" is the published network (Eqs. 13-14).
    steps : int, optional
        Maximum training steps, on simulations where these are used.
    seed : int
        Of the training.
    progress : Progress
        Called during training.

    Returns
    -------
    NetworkForecaster
        Trained and calibrated.

    Raises
    ------
    BadInput
        If a name is unknown or the history is too short.
    """
    for name, known, what in (
        (init, INITS, "initialisation"),
        (preset, PRESETS, "preset"),
    ):
        if name not in known:
            raise BadInput(f"There is no {what} '{name}'; there are {', '.join(known)}.")
    training, validation = split_history(panel, shape)
    forecaster = INITS[init](shape, panel.tasks, PRESETS[preset], steps)
    return forecaster.fit(training, validation, seed, progress)


def split_history(panel: Panel, shape: WindowSpec) -> tuple[Windows, Windows]:
    """Training windows, and later validation windows with disjoint horizons.

    Parameters
    ----------
    panel : Panel
        The history.
    shape : WindowSpec
        Context length and horizon, steps.

    Returns
    -------
    training : Windows
        Windows of the earlier steps.
    validation : Windows
        Windows of the last seventh, at least a day and the horizon.

    Raises
    ------
    BadInput
        If the history is too short.
    """
    steps, per_day = len(panel.times), panel.steps_per_day
    least = -(-shape.context_length // MIN_PART)
    aside = max(per_day, shape.horizon)
    needed = max(shape.context_length, least + shape.horizon) + aside
    if steps < needed:
        raise BadInput(
            f"The history has {steps} steps ({steps / per_day:.1f} days); training on a context of "
            f"{shape.context_length} steps and a horizon of {shape.horizon} needs {needed} "
            f"({needed / per_day:.1f} days)."
        )
    stop = min(steps - aside, steps - steps // 7)
    return (
        Windows.cut([panel], shape, last=stop, least=least),
        Windows.cut([panel], shape, first=stop, every=max(1, per_day // 4)),
    )
