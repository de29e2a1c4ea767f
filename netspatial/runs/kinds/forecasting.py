"""Forecasting services as a run: the last measured hours told beforehand, and held to what came.

The third road over the same run machinery, behind the app's tab of forecasts. What it writes below
`model/` is what `netspatial forecast predict` takes.
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
from netspatial.geoparquet import read_frame
from netspatial.runs.facts import ForecastFacts
from netspatial.runs.jobs.requests import Request
from netspatial.runs.jobs.run import Run, new_folder
from netspatial.runs.jobs.stages import Stage, Tell, Watch, carry_out
from netspatial.weights import FILES

if TYPE_CHECKING:  # torch is heavy, and whoever asks for a run does not need it
    from netspatial.forecast.panel import Panel
    from netspatial.forecast.windows import WindowSpec

KIND = "forecast"
MODEL = "model"
OUTPUTS = tuple(f"{MODEL}/{name}" for name in FILES)
FORECASTS = "forecasts.parquet"
LISTENED = "listened.parquet"
SCORES = "scores.json"
SHARES = 1000
"""Steps in which progress is told."""

LearnFrom = Literal["pretrained", "history", "simulation", "reweighted"]


class ForecastRequest(Request):
    """What to forecast, and from what to learn.

    city        : the city's folder; services : of its traffic
    days        : of history to learn from, before the hours that are forecast; None is all
    context_length, horizon : hours that go in and hours that are forecast
    init  : 'taught', what many cities taught beforehand, then the history; 'history' alone;
                  'simulation' first; 'weighed', simulations each for what it helps
    steps       : of training, at most; None leaves it to the way to learn
    beside      : forecasters that are set beside, keys of `forecast.FORECASTERS`
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it forecasts no services"
    heading: ClassVar[str] = "In what is to be forecast"

    city: str
    services: tuple[str, ...] = pydantic.Field(min_length=1)
    days: int | None = pydantic.Field(default=None, ge=1)
    context_length: int = pydantic.Field(default=48, ge=1)
    horizon: int = pydantic.Field(default=24, ge=1)
    init: LearnFrom = "pretrained"
    steps: int | None = pydantic.Field(default=None, ge=1)
    beside: tuple[str, ...] = pydantic.Field(default=tuple(RULES), min_length=1)
    seed: int = 0


def submit(city: City, services: Sequence[str], runs: Path | None = None, **choices: Any) -> Run:
    """Check what is asked and create the run; `choices` are the other fields of the request.

    runs : the folder of runs it belongs to, else the usual one
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
    for name in request.beside:
        require_known(name)
    folder = new_folder(KIND, city.folder.name, runs)
    return Run.create(folder, KIND, request.model_dump(mode="json"))


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Do what is left of a run that forecasts, in this process."""
    carry_out(run, lambda: _Work(run, ForecastRequest.of(run)).stages(), watch)


@dataclass(frozen=True)
class _Work:
    """Learn before the last hours, then tell them."""

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
        """The history with the hours that are forecast at its end."""
        from netspatial.forecast.panel import from_city  # noqa: PLC0415

        panel, days = from_city(self.city, self.asked.services), self.asked.days
        kept = len(panel.times) if days is None else days * panel.steps_per_day + self.asked.horizon
        return panel.span(max(0, len(panel.times) - kept))

    @cached_property
    def before(self) -> "Panel":
        """What was known when the forecast is made."""
        return self.whole.span(0, len(self.whole.times) - self.asked.horizon)

    def stages(self) -> list[Stage]:
        taught = weights_of("sim-mstnet") if self.asked.init == "pretrained" else ()
        beside = [weights_of(name) for name in self.asked.beside]
        reads = [self.asked.model_dump(mode="json"), city_fingerprint(self.city), *taught]
        return [
            Stage("learn", "Learning from what was measured", reads, (*OUTPUTS, LISTENED),
                  self.learn),
            Stage("forecast", "Forecasting, and setting rivals beside", beside,
                  (FORECASTS, SCORES), self.forecast),
        ]  # fmt: skip

    def learn(self, tell: Tell) -> Mapping[str, Any]:
        from netspatial.forecast.fitting import fit_history  # noqa: PLC0415  torch is heavy
        from netspatial.forecast.reweighted import Weighed  # noqa: PLC0415

        def heard(_doing: str, share: float) -> None:
            tell(min(SHARES, round(SHARES * share)), SHARES)

        heard("", 0.0)
        asked = self.asked
        forecaster = fit_history(
            self.before, self.shape, init=asked.init, steps=asked.steps,
            seed=asked.seed, progress=heard,
        )  # fmt: skip
        listened = forecaster.listened if isinstance(forecaster, Weighed) else None
        if listened is None:
            listened = pd.DataFrame({"weight": pd.Series(dtype=float)})
        fingerprint = forecaster.save(self.run.path(MODEL))
        with atomic_file(self.run.path(LISTENED)) as draft:
            listened.to_parquet(draft, index=False)
        record = self.city.record
        return {
            "city": {"name": record.name, "provenance": record.provenance},
            "attribution": list(record.attribution),
            "licences": dict(record.licences),
            "timezone": record.timezone,
            "provenance": "generated",
            "seed": self.asked.seed,
            "fingerprint": fingerprint,
            "learnt_from": list(forecaster.learnt_from),
            "days": len(self.before.times) / self.before.steps_per_day,
        }

    def forecast(self, tell: Tell) -> Mapping[str, Any]:
        from netspatial.forecast.network_forecaster import NetworkForecaster  # noqa: PLC0415
        from netspatial.forecast.tables import to_table  # noqa: PLC0415

        horizon, asked = self.asked.horizon, self.asked.beside
        tell(0, 1 + len(asked))
        learnt = NetworkForecaster.load(self.run.path(MODEL))
        table = to_table(learnt.predict_quantiles(self.before, horizon))
        coming = self.whole.span(len(self.before.times))
        table["truth"] = coming.values.ravel()
        left_out = {}
        for number, name in enumerate(asked, start=1):
            tell(number, 1 + len(asked))
            try:
                rival = forecaster_named(name, self.city)
                median = to_table(rival.predict_quantiles(self.before, horizon, (0.5,)))
            except BadInput as error:  # too short a history for one is enough for others
                left_out[name] = str(error)
            else:
                table[name] = median["forecast"].to_numpy()
        rivals = [name for name in asked if name not in left_out]
        if not rivals:
            raise BadInput(f"No forecaster can be set beside: {left_out[asked[0]]}")
        with atomic_file(self.run.path(FORECASTS)) as draft:
            table.to_parquet(draft, index=False)
        metadata = scores(table, rivals)
        with atomic_file(self.run.path(SCORES)) as draft:
            draft.write_text(json.dumps(metadata, indent=2) + "\n")
        return {"rivals": rivals, "left_out": left_out}


def scores(table: pd.DataFrame, rivals: Sequence[str]) -> list[dict[str, Any]]:
    """Mean absolute error of ours and each rival, and the coverage of our 90 %, for each service.

    table : as `FORECASTS` holds it; hours that were not measured count nothing
    """
    metadata = []
    for service, rows in table.dropna(subset="truth").groupby("task", sort=False):
        within = rows["truth"].between(rows["q0.05"], rows["q0.95"])
        off = {name: float((rows[name] - rows["truth"]).abs().mean()) for name in rivals}
        ours = float((rows["forecast"] - rows["truth"]).abs().mean())
        metadata.append(
            {
                "service": str(service),
                "unit": str(rows["unit"].iloc[0]),
                "mean": float(rows["truth"].mean()),
                "mae": {"forecast": ours, **off},
                "covered": float(within.mean()),
            }
        )
    return metadata


@dataclass(frozen=True)
class ForecastRun:
    """A finished run that forecasts. Files are read when asked for."""

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "ForecastRun":
        """Open a run whose forecasts are there."""
        found = cls(Run.open(folder))
        _ = found.request
        if not found.run.path(SCORES).is_file():
            raise BadInput(f"The run '{found.run.name}' has forecast nothing yet; wait for it.")
        return found

    @cached_property
    def request(self) -> ForecastRequest:
        """What was asked."""
        return ForecastRequest.of(self.run)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What was found out: city, provenance, rivals, from what was learnt."""
        return as_kind(
            self.run.manifest.facts, ForecastFacts, f"What '{self.run.folder}' found out"
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each place, time and service: forecast, quantiles, truth, and every rival."""
        return read_frame(self.run.made(FORECASTS, "table of forecasts"))

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        """Errors for each service; see `scores`."""
        return read_json(self.run.made(SCORES, "table of errors"), list[dict[str, Any]])

    @cached_property
    def listened(self) -> pd.DataFrame:
        """Simulated configurations, the one listened to most first; empty without any."""
        return read_frame(self.run.made(LISTENED, "list of simulated cities"))
