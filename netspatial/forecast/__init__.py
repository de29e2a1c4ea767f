"""Forecasters: measured history in, an ensemble or quantiles of the coming hours out.

All follow the contract of `forecaster`. A new one is a file with a class and one line in
`FORECASTERS`; command line, app and benches then offer it by its name.
"""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Forecaster
from netspatial.forecast.seasonal import HourOfWeekMean, Persistence, Rule, SeasonalNaive
from netspatial.forecast.smoothing import ExponentialSmoothing

__all__ = [
    "DEFAULT",
    "FORECASTERS",
    "RULES",
    "Builder",
    "Forecaster",
    "forecaster_named",
    "require_known",
]

Builder = Callable[[City | None, gpd.GeoDataFrame | None], Forecaster]
"""Builds a forecaster for stations of a city; None where the history belongs to no city."""


def _generator(city: City | None, stations: gpd.GeoDataFrame | None) -> Forecaster:
    from netspatial.forecast import generated  # noqa: PLC0415  torch is heavy

    return generated.generator_forecaster(city, stations)


def _average(city: City | None, stations: gpd.GeoDataFrame | None) -> Forecaster:
    from netspatial.forecast import generated  # noqa: PLC0415  torch is heavy

    return generated.GeneratorSeasonalAverage(generated.generator_forecaster(city, stations))


def _sim_mstnet(*_: object) -> Forecaster:
    from netspatial.forecast.zero_shot import ZeroShotForecaster  # noqa: PLC0415  torch is heavy

    return ZeroShotForecaster()


RULES: dict[str, Rule] = {
    rule.name: rule for rule in (Persistence(), SeasonalNaive(), HourOfWeekMean())
}
"""Seasonal rules without training, the reference of every forecast."""

DEFAULT = "combined"
FORECASTERS: dict[str, Builder] = {
    DEFAULT: _average,
    "generator": _generator,
    "sim-mstnet": _sim_mstnet,
    "persistence": lambda *_: RULES["persistence"],
    "seasonal-naive": lambda *_: RULES["seasonal-naive"],
    "hour-of-week": lambda *_: RULES["hour-of-week"],
    "exponential-smoothing": lambda *_: ExponentialSmoothing(),
}


def require_known(name: str) -> None:
    """Raise an error unless a forecaster has this name.

    Parameters
    ----------
    name : str
        A key of `FORECASTERS`.

    Raises
    ------
    BadInput
        If no forecaster has this name.
    """
    if name not in FORECASTERS:
        raise BadInput(f"There is no forecaster '{name}'; there are {', '.join(FORECASTERS)}.")


def forecaster_named(
    name: str, city: City | None = None, stations: gpd.GeoDataFrame | None = None
) -> Forecaster:
    """Build a forecaster by its name, for these stations of a city or for all.

    Parameters
    ----------
    name : str
        A key of `FORECASTERS`.
    city : City, optional
        City of the history; needed by the forecasters that read the surroundings of stations.
    stations : GeoDataFrame, optional
        Stations of the city; by default all.

    Returns
    -------
    Forecaster

    Raises
    ------
    BadInput
        If no forecaster has this name, or it needs a city and none is given.

    Examples
    --------
    >>> forecaster_named("seasonal-naive").name
    'seasonal-naive'
    """
    require_known(name)
    return FORECASTERS[name](city, stations)


def weights_of(name: str) -> tuple[Path, ...]:
    """Return the folders of trained weights that the forecaster of this name reads.

    Parameters
    ----------
    name : str
        A key of `FORECASTERS`.

    Returns
    -------
    tuple of Path
        Empty for rules without training.

    Examples
    --------
    >>> weights_of("persistence")
    ()
    """
    if name in (DEFAULT, "generator"):
        from netspatial.context import embed  # noqa: PLC0415  torch is heavy
        from netspatial.generate import generator  # noqa: PLC0415

        return embed.DEFAULT, generator.DEFAULT
    if name == "sim-mstnet":
        from netspatial.forecast import pretrained  # noqa: PLC0415

        return (pretrained.DEFAULT,)
    return ()
