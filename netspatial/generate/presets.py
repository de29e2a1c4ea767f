"""Named settings of the generator: ours (`small`, `large`), the published one, and ablations.

A preset is stored beside the weights. Values that the paper does not state are marked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from netspatial.checked import as_kind
from netspatial.errors import BadInput
from netspatial.generate.flow import TimeLaw


@dataclass(frozen=True)
class Preset:
    """Settings of network, training and sampling. Lengths are in hours.

    Attributes
    ----------
    name : str
        Name in `PRESETS`.
    condition_width : int
        Width of each level's condition.
    vector_width, vector_depth : int
        Size of the networks of levels 1 and 2.
    series_width, series_depth : int
        Size of the network of level 3.
    scale_components : int
        Gaussians in the mixture of the site scale.
    dropout : float
        Dropout in all networks.
    transform : str
        "log" for ratios, "additive" as published.
    use_condition : bool
        Whether the networks read the embedding.
    use_relative : bool
        Use the comparison of a place with its city, where the city has stations.
    peak_hour : bool
        Whether the position encoder predicts the peak hour.
    consistent : bool
        Project generated levels so that days fit weeks and weeks fit months.
    time_law : str
        Distribution of flow times in training, as in `draw_time`.
    prior_scale : float
        Standard deviation of x_0 at level 3 in training; levels 1 and 2 start from N(0, I).
    teacher_forcing_prob : float
        Probability that level 3 is trained with the true peak hour, else with the classifier's.
    history_share : float
        Share of steps in which level 3 is trained to continue a measured history.
    condition_dropout : float
        Probability that a condition is hidden, for classifier-free guidance.
    augmentation : float
        Largest std of the noise added to the upper levels' output when lower levels are trained.
    auxiliary_weight : float
        Weight of the paper's auxiliary terms, evaluated on a sample; zero omits them.
    rollout_steps : int
        Solver steps at each level of that sample.
    learning_rate, weight_decay : float
        Of AdamW.
    batch, steps : int
        Series per step, and most steps.
    ema_decay : float
        Decay of the averaged weights.
    patience : int
        Validations without a lower CRPS after which training stops.
    bf16, compile : bool
        Mixed precision, and compiled networks.
    solver : str
        "midpoint", "euler_left" or "euler_right".
    solver_steps : tuple of int
        Steps at levels 1, 2 and 3.
    sampling_prior_scale : float
        Standard deviation of x_0 at level 3 in sampling.
    clip_every_step : float, optional
        Bound b of clipsym in standardised units; None clips once, at the end, far in the tail.
    """

    name: str
    # networks (sizes are not in the paper)
    condition_width: int = 64
    vector_width: int = 192
    vector_depth: int = 3
    series_width: int = 64
    series_depth: int = 3
    scale_components: int = 3
    dropout: float = 0.1
    # model
    transform: Literal["log", "additive"] = "log"
    use_condition: bool = True
    use_relative: bool = True
    peak_hour: bool = True
    consistent: bool = True
    # training
    time_law: TimeLaw = "logit_normal"
    prior_scale: float = 1.0
    teacher_forcing_prob: float = 0.5
    history_share: float = 0.3
    condition_dropout: float = 0.1
    augmentation: float = 0.2
    auxiliary_weight: float = 0.0
    rollout_steps: int = 4
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-2
    batch: int = 128
    steps: int = 3_000
    ema_decay: float = 0.999
    patience: int = 8
    bf16: bool = False
    compile: bool = False
    # sampling
    solver: Literal["midpoint", "euler_left", "euler_right"] = "midpoint"
    solver_steps: tuple[int, int, int] = (3, 3, 2)
    sampling_prior_scale: float = 1.0
    clip_every_step: float | None = None


_SMALL = Preset("small")

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _SMALL,
        # for one-week data of a few hundred stations: smaller networks, stronger regularisation
        replace(
            _SMALL,
            name="few",
            vector_width=96,
            vector_depth=2,
            series_width=48,
            weight_decay=5e-2,
            batch=64,
            steps=2_500,
        ),
        replace(
            _SMALL,
            name="large",
            condition_width=256,
            vector_width=768,
            vector_depth=6,
            series_width=384,
            series_depth=10,
            batch=1024,
            steps=60_000,
            ema_decay=0.9999,
            bf16=True,
            compile=True,
            solver_steps=(8, 8, 5),
        ),
        # Algorithms 1 and 2 as published; sizes, rates and clip bound are not in the paper
        Preset(
            "paper",
            transform="additive",
            use_relative=False,
            consistent=False,
            time_law="uniform",
            teacher_forcing_prob=0.0,
            history_share=0.0,
            condition_dropout=0.0,
            augmentation=0.0,
            auxiliary_weight=0.1,
            solver="euler_right",
            solver_steps=(20, 20, 20),
            sampling_prior_scale=0.1,
            clip_every_step=4.0,
        ),
        replace(_SMALL, name="no-city", use_relative=False),
        replace(_SMALL, name="no-position", peak_hour=False),
        replace(_SMALL, name="no-condition", use_condition=False),
    )
}


def preset_named(name: str) -> Preset:
    """Return the preset of that name.

    Parameters
    ----------
    name : str
        "small", "few", "large", "paper" or an ablation.

    Returns
    -------
    Preset
        Its settings.

    Raises
    ------
    BadInput
        If there is no such preset.

    Examples
    --------
    >>> preset_named("paper").solver
    'euler_right'
    """
    if name not in PRESETS:
        raise BadInput(f"There is no preset '{name}'; there are {', '.join(PRESETS)}.")
    return PRESETS[name]


def preset_from(settings: Mapping[str, Any], source: str) -> Preset:
    """Build a preset from the JSON stored beside the weights in `source`.

    Older weights name an auxiliary term; the one called 'one_step' is no longer supported.
    """
    stored = dict(settings)
    if stored.pop("auxiliary", "rollout") == "one_step":
        stored["auxiliary_weight"] = 0.0
    return as_kind(stored, Preset, f"The preset in the config.json of {source}")
