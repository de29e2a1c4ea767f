"""Forecasting of services as a run: train before the last measured hours, forecast them, evaluate.

Its folder `model/` is an input of `netspatial forecast predict`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd
import pydantic

from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.forecast import RULES, forecaster_named, require_known, weights_of
from netspatial.forecast.young_stations import BackfillForecaster
from netspatial.geoparquet import read_frame
from netspatial.progress import Progress
from netspatial.runs.facts import ForecastFacts
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run, new_folder
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.weights import FILES

if TYPE_CHECKING:  # creating a run needs no torch
    from netspatial.forecast.panel import Panel
    from netspatial.forecast.windows import WindowSpec

KIND = "forecast"
MODEL = "model"
OUTPUTS = tuple(f"{MODEL}/{name}" for name in FILES)
FORECASTS = "forecasts.parquet"
SIMULATION_WEIGHTS = "simulation_weights.parquet"
SCORES = "scores.json"

Init = Literal["pretrained", "scratch", "simulation", "reweighted"]


class ForecastRequest(Request):
    """What to forecast and how to train.

    city      : the city's folder; services : of its traffic
    days      : days of history for training, before the forecast hours; None is all
    context_length, horizon : input hours and forecast hours
    init      : 'pretrained' on many cities, then the history; 'scratch', the history alone;
                'simulation', simulated cities first; 'reweighted', weighted by their benefit
    steps     : maximum training steps; None is the default of `init`
    baselines : names of the baselines, keys of `forecast.FORECASTERS`
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it forecasts no services"
    heading: ClassVar[str] = "In the forecasting request"

    city: str
    services: tuple[str, ...] = pydantic.Field(min_length=1)
    days: int | None = pydantic.Field(default=None, ge=1)
    context_length: int = pydantic.Field(default=48, ge=1)
    horizon: int = pydantic.Field(default=24, ge=1)
    init: Init = "pretrained"
    steps: int | None = pydantic.Field(default=None, ge=1)
    baselines: tuple[str, ...] = pydantic.Field(default=tuple(RULES), min_length=1)
    seed: int = 0


def submit(city: City, services: Sequence[str], runs: Path | None = None, **choices: Any) -> Run:
    """Check the request and create the run; `choices` are the other fields of the request.

    runs : folder of runs; None is the runs folder
    """
    unknown = [name for name in services if name not in city.services]
    if unknown:
        raise BadInput(
            f"The traffic of '{city.name}' has no service '{unknown[0]}'; it has "
            f"{', '.join(city.services)}."
        )
    request = ForecastRequest.read(
        {"city": str(city.folder.resolve()), "services": tuple(services), **choices}
    )
    for name in request.baselines:
        require_known(name)
    folder = new_folder(KIND, city.folder.name, runs)
    return Run.create(folder, KIND, request.model_dump(mode="json"))


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run the unfinished stages of a forecasting run in this process."""
    run_stages(run, lambda: _Work(run, ForecastRequest.of(run)).stages(), watch)


@dataclass(frozen=True)
class _Work:
    """Train on the hours before the last ones, then forecast those."""

    run: Run
    asked: ForecastRequest

    @cached_property
    def city(self) -> City:
        return City.open(self.asked.city)

    @cached_property
    def shape(self) -> "WindowSpec":
        from netspatial.forecast.windows import WindowSpec  # noqa: PLC0415  torch is heavy

        return WindowSpec(self.asked.context_length, self.asked.horizon)

    @cached_property
    def whole(self) -> "Panel":
        """The history including the forecast hours at its end."""
        from netspatial.forecast.panel import from_city  # noqa: PLC0415

        panel, days = from_city(self.city, self.asked.services), self.asked.days
        kept = len(panel.times) if days is None else days * panel.steps_per_day + self.asked.horizon
        return panel.span(max(0, len(panel.times) - kept))

    @cached_property
    def before(self) -> "Panel":
        """The hours measured before the forecast starts."""
        return self.whole.span(0, len(self.whole.times) - self.asked.horizon)

    def stages(self) -> list[Stage]:
        pretrained = weights_of("sim-mstnet") if self.asked.init == "pretrained" else ()
        others = [weights_of(name) for name in self.asked.baselines]
        reads = [self.asked.model_dump(mode="json"), city_fingerprint(self.city), *pretrained]
        return [
            Stage(
                "learn",
                "Training on measured traffic",
                reads,
                (*OUTPUTS, SIMULATION_WEIGHTS),
                self.learn,
            ),
            Stage(
                "forecast",
                "Forecasting and comparing with baselines",
                others,
                (FORECASTS, SCORES),
                self.forecast,
            ),
        ]

    def learn(self, progress: Progress) -> Mapping[str, Any]:
        from netspatial.forecast.fitting import fit_history  # noqa: PLC0415  torch is heavy
        from netspatial.forecast.reweighted import ReweightedForecaster  # noqa: PLC0415

        progress("", 0.0)
        asked = self.asked
        forecaster = fit_history(
            self.before,
            self.shape,
            init=asked.init,
            steps=asked.steps,
            seed=asked.seed,
            progress=progress,
        )
        simulation_weights = (
            forecaster.simulation_weights if isinstance(forecaster, ReweightedForecaster) else None
        )
        if simulation_weights is None:
            simulation_weights = pd.DataFrame({"weight": pd.Series(dtype=float)})
        fingerprint = forecaster.save(self.run.path(MODEL))
        with atomic_file(self.run.path(SIMULATION_WEIGHTS)) as draft:
            simulation_weights.to_parquet(draft, index=False)
        record = self.city.record
        return {
            "city": {"name": record.name, "provenance": record.provenance},
            "attribution": list(record.attribution),
            "licences": dict(record.licences),
            "timezone": record.timezone,
            "provenance": "generated",
            "seed": self.asked.seed,
            "fingerprint": fingerprint,
            "trained_on": list(forecaster.trained_on),
            "days": len(self.before.times) / self.before.steps_per_day,
        }

    def forecast(self, progress: Progress) -> Mapping[str, Any]:
        from netspatial.forecast.network_forecaster import NetworkForecaster  # noqa: PLC0415
        from netspatial.forecast.tables import to_table  # noqa: PLC0415

        horizon, asked = self.asked.horizon, self.asked.baselines
        progress("trained network", 0.0)
        trained = NetworkForecaster.load(self.run.path(MODEL))
        table = to_table(trained.predict_quantiles(self.before, horizon))
        coming = self.whole.span(len(self.before.times))
        table["truth"] = coming.values.ravel()
        left_out = {}
        for number, name in enumerate(asked, start=1):
            progress(name, number / (1 + len(asked)))
            try:
                baseline = BackfillForecaster(forecaster_named(name, self.city))
                median = to_table(baseline.predict_quantiles(self.before, horizon, (0.5,)))
            except BadInput as error:  # a history too short for one may suffice for others
                left_out[name] = str(error)
            else:
                table[name] = median["forecast"].to_numpy()
        compared = [name for name in asked if name not in left_out]
        if not compared:
            raise BadInput(f"None of the baselines can forecast: {left_out[asked[0]]}")
        with atomic_file(self.run.path(FORECASTS)) as draft:
            table.to_parquet(draft, index=False)
        errors = scores(table, compared)
        with atomic_file(self.run.path(SCORES)) as draft:
            draft.write_text(json.dumps(errors, indent=2) + "\n")
        return {"baselines": compared, "left_out": left_out}


def scores(table: pd.DataFrame, baselines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the MAE of the forecast and each baseline, and the 90 % coverage, for each service.

    table : as in `FORECASTS`; hours without measurement are skipped
    """
    errors = []
    for service, rows in table.dropna(subset="truth").groupby("task", sort=False):
        within = rows["truth"].between(rows["q0.05"], rows["q0.95"])
        off = {name: float((rows[name] - rows["truth"]).abs().mean()) for name in baselines}
        ours = float((rows["forecast"] - rows["truth"]).abs().mean())
        errors.append(
            {
                "service": str(service),
                "unit": str(rows["unit"].iloc[0]),
                "mean": float(rows["truth"].mean()),
                "mae": {"forecast": ours, **off},
                "covered": float(within.mean()),
            }
        )
    return errors


@dataclass(frozen=True)
class ForecastRun:
    """A finished forecasting run; files are read on access."""

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "ForecastRun":
        """Open a run with finished forecasts."""
        found = cls(Run.open(folder))
        _ = found.request
        if not found.run.path(SCORES).is_file():
            raise BadInput(
                f"The run '{found.run.name}' has no forecasts yet; wait until it finishes."
            )
        return found

    @cached_property
    def request(self) -> ForecastRequest:
        """The request of the run."""
        return ForecastRequest.of(self.run)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Facts of the run: city, provenance, baselines, training data."""
        return as_kind(
            self.run.manifest.facts, ForecastFacts, f"What '{self.run.folder}' found out"
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per place, time and service: forecast, quantiles, truth and every baseline."""
        return read_frame(self.run.made(FORECASTS, "table of forecasts"))

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        """Errors for each service; see `scores`."""
        return read_json(self.run.made(SCORES, "table of errors"), list[dict[str, Any]])

    @cached_property
    def simulation_weights(self) -> pd.DataFrame:
        """Simulated configurations with their weights, the largest first; may be empty."""
        return read_frame(self.run.made(SIMULATION_WEIGHTS, "list of simulated cities"))
