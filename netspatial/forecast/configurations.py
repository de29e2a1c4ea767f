"""Configurations of simulated cities: density, radio equipment, load and users.

`simulated` builds one city per configuration; reweighting assigns a weight to each.
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
"""Range of each parameter of a configuration; all but the tilt are sampled log-uniformly."""

STREAMS = {"residual_scale": "unrest"}
"""Random streams whose name differs from the parameter's; a new name would change the samples."""


@dataclass(frozen=True)
class Configuration:
    """Parameters of a simulated city, beside the ranges of the simulator itself.

    Attributes
    ----------
    seed : int
        Of all configurations.
    number : int
        Number of the configuration.
    density : float
        Factor on the building density.
    height : float
        Factor on the antenna heights.
    tilt_deg : float
        Downtilt of all antennas, degrees.
    carrier_ghz : float
        Carrier of the capacity tier, GHz; that of the coverage tier is 0.7 of it.
    load : float
        Factor on the demand for the same equipment.
    workers : float
        Factor on the demand at work places.
    visitors : float
        Factor on the demand at leisure places.
    calls : float
        Factor on calls per GB.
    messages : float
        Factor on messages per GB.
    residual_scale : float
        Factor on the residuals, hourly and daily.
    fault : str
        Deliberate corruption of the traffic, a key of `corruptions.CORRUPTIONS`; empty for none.
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
        """Seed of the city and its traffic."""
        return key(self.seed, "configuration", self.number) % 2**63


def draw_configurations(
    seed: int, count: int = CONFIGURATIONS, faults: Sequence[str] = (), faulty: float = 0.5
) -> list[Configuration]:
    """Sample the first `count` configurations of a seed; they do not depend on `count`.

    Parameters
    ----------
    seed : int
        Of all configurations.
    count : int
        Number of configurations.
    faults : sequence of str
        Corruptions, one of them at random in a part `faulty` of the configurations.
    faulty : float
        Expected part of the configurations with a corruption.

    Returns
    -------
    list of Configuration

    Examples
    --------
    >>> draw_configurations(0, 2)[0] == draw_configurations(0, 1)[0]
    True
    """
    return [_drawn(seed, number, faults, faulty) for number in range(count)]


def _drawn(seed: int, number: int, faults: Sequence[str], faulty: float) -> Configuration:
    values = {}
    for name, (low, high) in RANGES.items():
        random = stream(seed, "configuration", number, STREAMS.get(name, name))
        values[name] = (
            float(random.uniform(low, high))
            if low <= 0
            else float(np.exp(random.uniform(np.log(low), np.log(high))))
        )
    chosen = stream(seed, "configuration", number, "fault")
    wrong = len(faults) > 0 and chosen.uniform() < faulty
    fault = faults[int(chosen.integers(len(faults)))] if wrong else ""
    return Configuration(seed=seed, number=number, fault=fault, **values)


def table_of(configurations: Sequence[Configuration]) -> pd.DataFrame:
    """Parameters of configurations, one row each; index as in `Windows.config`.

    Parameters
    ----------
    configurations : sequence of Configuration
        The simulated cities.

    Returns
    -------
    DataFrame
    """
    return pd.DataFrame([asdict(one) for one in configurations])


def weights_by_configuration(
    configurations: Sequence[Configuration], config: Indices, weights: Floats32
) -> pd.DataFrame:
    """`table_of` with mean weight and number of windows of each configuration, by falling weight.

    Parameters
    ----------
    configurations : sequence of Configuration
        The simulated cities.
    config : array (N,) of int
        Of the simulated windows, as in `Windows.config`.
    weights : array (N,)
        Of the windows, mean 1.

    Returns
    -------
    DataFrame
    """
    table = table_of(configurations)
    table["windows"] = np.bincount(config, minlength=len(table))
    total = np.bincount(config, weights, minlength=len(table))
    table["weight"] = total / table["windows"].clip(lower=1)
    return table.sort_values("weight", ascending=False, kind="stable")


def parameters_of(configurations: Sequence[Configuration]) -> Floats32:
    """Parameters of configurations as network input, without faults.

    Parameters
    ----------
    configurations : sequence of Configuration
        The simulated cities.

    Returns
    -------
    array (configurations, len(RANGES)) of float32
        From -1 to 1.

    Examples
    --------
    >>> middle = Configuration(0, 0, tilt_deg=6.0)
    >>> float(parameters_of([middle])[0, list(RANGES).index("tilt_deg")])
    0.0
    """
    table = table_of(configurations)
    columns = []
    for name, (low, high) in RANGES.items():
        found = np.array([low, high, *table[name]], dtype=np.float64)
        scale = np.log(found) if low > 0 else found
        columns.append(2 * (scale[2:] - scale[0]) / (scale[1] - scale[0]) - 1)
    return np.stack(columns, axis=1).astype(np.float32)
