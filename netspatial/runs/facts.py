"""What a finished run's manifest says it found out, by the kind of run: checked when it is read."""

from typing import Any, NotRequired

import pydantic
from typing_extensions import TypedDict

_MORE = pydantic.ConfigDict(extra="allow")
"""Other versions of NetSpatial keep other facts besides."""


@pydantic.with_config(_MORE)
class CityFacts(TypedDict):
    """Which city, and whose numbers it holds."""

    name: str
    provenance: str


@pydantic.with_config(_MORE)
class ContextEncoderFacts(TypedDict):
    """A frozen encoder that the context was trained on."""

    name: str
    fingerprint: str
    licence: str


@pydantic.with_config(_MORE)
class ContextFacts(TypedDict):
    """Which context read the places."""

    fingerprint: str
    encoders: dict[str, ContextEncoderFacts]


@pydantic.with_config(_MORE)
class GeneratorFacts(TypedDict):
    """Which generator drew the traffic."""

    fingerprint: str
    name: str
    trained_on: str
    licences: list[str]


class MeasuredFacts(TypedDict):
    """What the city's measured stations contributed."""

    stations: int
    note: str


@pydantic.with_config(_MORE)
class PlanFacts(TypedDict):
    """Facts of a planning run."""

    city: CityFacts
    attribution: list[str]
    licences: dict[str, str]
    cells: int
    context: ContextFacts
    generator: GeneratorFacts
    measured: MeasuredFacts
    provenance: str
    seed: int
    units: str
    timezone: str
    first_hour: str
    hours: int


@pydantic.with_config(_MORE)
class OperateFacts(TypedDict):
    """Facts of a run that operates stations."""

    city: CityFacts
    attribution: list[str]
    licences: dict[str, str]
    stations: int
    may_sleep: int
    first_hour: str
    timezone: str
    units: str
    seed: int
    provenance: str
    notes: list[str]
    forecaster: str


@pydantic.with_config(_MORE)
class ForecastFacts(TypedDict):
    """Facts of a run that forecasts."""

    city: CityFacts
    attribution: list[str]
    licences: dict[str, str]
    timezone: str
    provenance: str
    seed: int
    days: float
    baselines: list[str]
    left_out: NotRequired[dict[str, Any]]


@pydantic.with_config(_MORE)
class ValidationFacts(TypedDict):
    """Facts of a run that validates in a city."""

    city: CityFacts
    attribution: list[str]
    licences: dict[str, str]
    generator: GeneratorFacts
    units: str
    stations: int
    notes: list[str]
    seed: int
