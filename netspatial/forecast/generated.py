"""The trained generator as a forecaster, and its average with the hour-of-week mean."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.context.embed import Context, load_context
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import BaseForecaster, require_within_a_week
from netspatial.forecast.history import History
from netspatial.forecast.schaake import schaake_shuffle
from netspatial.forecast.seasonal import weekly_mean
from netspatial.generate.city_data import holidays_of
from netspatial.generate.generator import Generator


@dataclass(frozen=True)
class GeneratorForecaster(BaseForecaster):
    """The generator conditioned on each history: Eqs. 2-3 and a generated residual.

    Stations are sampled independently; the Schaake shuffle then makes samples consistent.

    Attributes
    ----------
    generator : Generator
        The trained generator.
    context : Context
        Context embeddings of the stations, in any order.
    holidays : tuple of date
        Public holidays of the city.
    """

    generator: Generator
    context: Context
    holidays: tuple[date, ...] = ()

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name of the trained generator."""
        return self.generator.model.preset.name

    def origin(self) -> dict[str, str]:
        """Fingerprints of the generator and of the encoder, and the training data.

        Returns
        -------
        dict from str to str
        """
        return {
            "model_fingerprint": self.generator.fingerprint,
            "context_fingerprint": self.generator.facts.context_fingerprint,
            "trained_on": self.generator.facts.trained_on,
        }

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Generated continuations of each row.

        Parameters
        ----------
        past : History
            R hourly rows of stations in the context, and the H hours after them.
        samples : int
            Number of samples.
        seed : int
            Of the samples.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.

        Raises
        ------
        BadInput
            If steps are no hours, a station has no embedding, or a gap is long.
        """
        past.require_measured()
        require_within_a_week(past)
        panel, services = past.panel, len(past.panel.tasks)
        if panel.step != pd.Timedelta(hours=1):
            raise BadInput(f"The generator needs an hourly series; its steps are {panel.step}.")
        place = {str(name): number for number, name in enumerate(self.context.ids)}
        unknown = [name for name in panel.ids if name not in place]
        if unknown:
            raise BadInput(f"There is no context embedding of station '{unknown[0]}'.")
        context = self.context.take([place[name] for name in panel.ids])
        x = past.filled(past.measured)
        drawn = np.empty((len(x), samples, past.horizon))
        for service in range(services):
            rows = slice(service, None, services)
            series = xr.DataArray(
                x[rows],
                dims=("station", "time"),
                coords={"station": list(panel.ids), "time": panel.times},
            )
            drawn[rows] = self.generator.forecast(
                series, context, past.horizon, samples, seed, panel.timezone, self.holidays
            )
        return schaake_shuffle(drawn, past, seed)


@dataclass(frozen=True)
class GeneratorSeasonalAverage(BaseForecaster):
    """The generator's ensemble with its hourly means averaged with the hour-of-week mean.

    Equal weights need no fitting and reduce errors that differ. The relative spread stays that of
    the generator.

    Attributes
    ----------
    generated : BaseForecaster
        The generator as a forecaster.
    """

    generated: BaseForecaster

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name of the trained generator with the suffix "combined"."""
        return f"{self.generated.name}, combined"

    def origin(self) -> dict[str, str]:
        """Fingerprints of the generator and of the encoder, and the training data.

        Returns
        -------
        dict from str to str
        """
        return self.generated.origin()

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Averaged samples of each row.

        Parameters
        ----------
        past : History
            R hourly rows and the H hours after them.
        samples : int
            Number of samples.
        seed : int
            Of the samples.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.
        """
        drawn = self.generated.draw(past, samples, seed)
        profile, _ = weekly_mean(past)
        mean = drawn.mean(axis=1)
        half = 0.5 * (mean + profile[:, past.ahead[past.asked]])
        ratio = np.divide(half, mean, where=mean > 0, out=np.ones_like(half))
        moved: Floats = drawn * ratio[:, None]
        return moved


def generator_forecaster(
    city: City | None, stations: gpd.GeoDataFrame | None = None
) -> GeneratorForecaster:
    """The bundled generator with the context of stations.

    Parameters
    ----------
    city : City or None
        City of the stations.
    stations : GeoDataFrame, optional
        Stations of the city; by default all.

    Returns
    -------
    GeneratorForecaster

    Raises
    ------
    BadInput
        If no city is given.
    """
    if city is None:
        raise BadInput(
            "The generator needs the context of the stations: a city folder would be right, or "
            "another forecaster."
        )
    embedded = load_context().embed(city, city.stations if stations is None else stations)
    return GeneratorForecaster(Generator.load(), embedded, holidays_of(city))
