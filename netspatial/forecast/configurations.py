"""Configurations of simulated cities: how they are built, equipped, loaded, and who lives there.

What `simulated` makes a city of, what weights of simulations are learnt over, and the table in
which one looks up what was listened to.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from netspatial.arrays import Floats32, Indices
from netspatial.randomness import key, stream

CONFIGURATIONS = 60

RANGES: dict[str, tuple[float, float]] = {
    "density": (0.7, 1.3),
    "height": (0.6, 1.8),
    "tilt_deg": (0.0, 12.0),
    "carrier_ghz": (0.8, 3.6),
    "load": (0.6, 1.6),
    "workers": (0.6, 1.6),
    "visitors": (0.6, 1.6),
    "calls": (0.5, 2.0),
    "messages": (0.5, 2.0),
    "residual_scale": (0.2, 1.6),
}
"""Range of each parameter of a configuration; all but the tilt are drawn evenly in logarithms."""


@dataclass(frozen=True)
class Configuration:
    """What a simulated city is made with, beside the ranges of the simulator itself.

    density     : factor on how densely the land is built
    height      : factor on the antennas' heights
    tilt_deg    : downtilt of all antennas, degrees
    carrier_ghz : of the capacity tier; the coverage tier's is 0.7 of it
    load        : factor on the demand that meets the same equipment
    workers     : factor on the demand of places of work, visitors on that of going out
    calls       : factor on calls for each GB, messages on messages
    residual_scale      : factor on what the rhythm leaves open, from hour to hour and from day to day
    fault       : name in `planted.FAULTS`, or "": traffic that was made wrong on purpose
    """

    seed: int
    number: int
    density: float = 1.0
    height: float = 1.0
    tilt_deg: float = 6.0
    carrier_ghz: float = 2.6
    load: float = 1.0
    workers: float = 1.0
    visitors: float = 1.0
    calls: float = 1.0
    messages: float = 1.0
    residual_scale: float = 1.0
    fault: str = ""

    @property
    def town(self) -> int:
        """Seed of the town and its traffic."""
        return key(self.seed, "configuration", self.number) % 2**63


def draw_configurations(
    seed: int, count: int = CONFIGURATIONS, faults: Sequence[str] = (), faulty: float = 0.5
) -> list[Configuration]:
    """Draw the first `count` configurations of a seed; more of them leave these as they are.

    faults : plant these in turn, in so many of the configurations as the part `faulty` says
    """
    return [_drawn(seed, number, faults, faulty) for number in range(count)]


def _drawn(seed: int, number: int, faults: Sequence[str], faulty: float) -> Configuration:
    values = {}
    for name, (low, high) in RANGES.items():
        even = stream(seed, "configuration", number, name)
        values[name] = (
            float(even.uniform(low, high))
            if low <= 0
            else float(np.exp(even.uniform(np.log(low), np.log(high))))
        )
    chosen = stream(seed, "configuration", number, "fault")
    wrong = len(faults) > 0 and chosen.uniform() < faulty
    fault = faults[int(chosen.integers(len(faults)))] if wrong else ""
    return Configuration(seed=seed, number=number, fault=fault, **values)


def table_of(configurations: Sequence[Configuration]) -> pd.DataFrame:
    """Parameters of configurations, one row each; index as in `Windows.config`."""
    return pd.DataFrame([asdict(one) for one in configurations])


def weights_by_configuration(
    configurations: Sequence[Configuration], config: Indices, weights: Floats32
) -> pd.DataFrame:
    """What was listened to: `table_of` with the mean weight and the number of windows of each.

    config  : (N,) of the simulated windows, as in `Windows.config`
    weights : (N,) of them, mean 1; the heaviest configuration stands first
    """
    table = table_of(configurations)
    table["windows"] = np.bincount(config, minlength=len(table))
    total = np.bincount(config, weights, minlength=len(table))
    table["weight"] = total / table["windows"].clip(lower=1)
    return table.sort_values("weight", ascending=False, kind="stable")


def parameters_of(configurations: Sequence[Configuration]) -> Floats32:
    """Parameters as a network reads them, (configurations, len(RANGES)), each from -1 to 1.

    Whether a fault was planted is not among them.
    """
    table = table_of(configurations)
    columns = []
    for name, (low, high) in RANGES.items():
        found = np.array([low, high, *table[name]], dtype=np.float64)
        scale = np.log(found) if low > 0 else found
        columns.append(2 * (scale[2:] - scale[0]) / (scale[1] - scale[0]) - 1)
    return np.stack(columns, axis=1).astype(np.float32)
