"""Validation in a city as a run: the traffic of held-out stations is estimated from the others.

Python code calls `validate_city`; a worker calls `work_on` with a waiting run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import geopandas as gpd
import pandas as pd
import pydantic

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.progress import Progress
from netspatial.runs.jobs.requests import Request, get_or_create
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds.validation_result import (
    ADVICE,
    COVERAGE,
    KIND,
    SCORES,
    STATIONS,
    ValidationRun,
)
from netspatial.runs.tables import provenance, write_table
from netspatial.weights import load_weights

if TYPE_CHECKING:  # creating a run needs no torch
    from netspatial.evaluate.in_city import CityScores

OUTPUTS = (SCORES, COVERAGE, STATIONS, ADVICE)
PART = ".validation.part"
"""Finished splits, from which a killed run resumes."""

Support = int | Literal["all"]
"""Number of stations that the estimate reads."""


class ValidateRequest(Request):
    """How to hold out the stations of a city.

    city     : the city's folder; service : of its traffic
    folds    : parts that are held out in turn
    block_km : side of the spatial blocks, km
    support  : numbers of stations that the estimate reads
    protocol : 'same' estimates the measured weeks, 'coming' the second half from the first
    model    : folder of a trained generator; None is the bundled one
    """

    kind: ClassVar[str] = KIND
    wrong_kind_message: ClassVar[str] = "; it validates no city"
    heading: ClassVar[str] = "In the validation request"

    city: str
    service: str = "total"
    folds: int = pydantic.Field(default=5, ge=2, le=50)
    block_km: float = pydantic.Field(default=2.0, ge=0.05)
    support: tuple[Support, ...] = pydantic.Field(default=("all",), min_length=1)
    protocol: Literal["same", "coming"] = "same"
    model: str | None = None
    seed: int = 0


def validate_city(
    city: City | str | Path,
    *,
    folds: int = 5,
    block_km: float = 2.0,
    support: Sequence[Support] = ("all",),
    protocol: Literal["same", "coming"] = "same",
    service: str = "total",
    model: str | Path | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    progress: Watch = lambda _: None,
) -> ValidationRun:
    """Cross-validate the generator on a city's measured stations, beside simple baselines.

    Parameters
    ----------
    city : City, str or Path
        The city, or its folder.
    folds : int
        Parts of the stations that are held out in turn.
    block_km : float
        Side of the blocks that are held out as a whole, km.
    support : sequence of int or "all"
        Numbers of other stations that the estimate reads.
    protocol : {"same", "coming"}
        Whether the measured weeks are estimated, or the second half of them from the first.
    service : str
        Which traffic.
    model : str, Path or None
        Folder of a trained generator; the bundled one by default.
    seed : int
        Of folds and samples.
    out : str, Path or None
        The run's folder. An existing run with the same request is resumed or read; by default a
        new folder below the runs folder.
    progress : callable
        Called with the `RunProgress` of the run.

    Returns
    -------
    ValidationRun
        Scores of every model, coverage of the ranges, errors of the stations, and advice.

    Raises
    ------
    MissingPart
        If the city has no stations or no traffic.
    BadInput
        If it has too few stations for the folds, or a setting is wrong.
    """
    request = make_request(
        city,
        folds=folds,
        block_km=block_km,
        support=tuple(support),
        protocol=protocol,
        service=service,
        model=model,
        seed=seed,
    )
    run = submit(request, out)
    work_on(run, progress)
    return ValidationRun.open(run.folder)


def make_request(
    city: City | str | Path, *, model: str | Path | None = None, **choices: Any
) -> ValidateRequest:
    """Return a checked request; raise BadInput or MissingPart if the city cannot be validated.

    choices : the other fields of `ValidateRequest`
    """
    opened = city if isinstance(city, City) else City.open(city)
    request = ValidateRequest.read(
        {
            "city": str(opened.folder.resolve()),
            "model": None if model is None else str(Path(model).resolve()),
            **choices,
        }
    )
    _ = opened.path("stations")
    stations = opened.measured(request.service).sizes["station"]
    if stations < 2 * request.folds:
        raise BadInput(
            f"'{opened.name}' has traffic of {stations} stations; {request.folds} folds need "
            f"{2 * request.folds}. Use fewer folds or measure more stations."
        )
    if not any(count == "all" or count > 0 for count in request.support):
        raise BadInput("The support is 0 stations only; give a number above 0, or all.")
    if request.model is not None:
        load_weights(Path(request.model), "generator")
    return request


def submit(request: ValidateRequest, out: str | Path | None = None) -> Run:
    """Create the run of a request, or open the one in `out` with the same request."""
    return get_or_create(request, request.city, out, "city and settings")


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    """Run what is left of a validation in this process."""
    from netspatial.context.embed import DEFAULT as DEFAULT_CONTEXT  # noqa: PLC0415
    from netspatial.generate.generator import DEFAULT as DEFAULT_GENERATOR  # noqa: PLC0415
    from netspatial.kriging.priors import DEFAULT as DEFAULT_PRIORS  # noqa: PLC0415  torch

    asked = ValidateRequest.of(run)

    def stages() -> list[Stage]:
        base = DEFAULT_GENERATOR if asked.model is None else Path(asked.model)
        city = city_fingerprint(City.open(asked.city))
        reads = [asked.model_dump(mode="json"), city, base, DEFAULT_CONTEXT, DEFAULT_PRIORS]
        return [
            Stage(
                "validate",
                "Estimating held-out stations",
                reads,
                OUTPUTS,
                lambda progress: _validate(run, asked, progress),
            )
        ]

    run_stages(run, stages, watch)


def _validate(run: Run, asked: ValidateRequest, progress: Progress) -> Mapping[str, Any]:
    from netspatial.evaluate.in_city import city_data, score_city  # noqa: PLC0415  torch is heavy
    from netspatial.runs.jobs.loaded_models import warm_context, warm_generator  # noqa: PLC0415

    city, generator = City.open(asked.city), warm_generator(asked.model)
    progress("embedding the stations", 0.0)
    data = city_data(city, warm_context(), generator, asked.service)
    scores = score_city(
        data,
        folds=asked.folds,
        block_km=asked.block_km,
        supports=[None if count == "all" else count for count in asked.support],
        protocol=asked.protocol,
        seed=asked.seed,
        results=run.path(PART),
        progress=progress,
    )
    record = city.record
    facts = {
        "city": {"name": record.name, "provenance": record.provenance},
        "provenance": "generated",
        "attribution": list(record.attribution),
        "licences": dict(record.licences),
        "generator": {
            "fingerprint": generator.fingerprint,
            "name": generator.model.preset.name,
            "trained_on": generator.facts.trained_on,
            "licences": list(generator.facts.licences),
        },
        "units": data.unit,
        "stations": len(data),
        "notes": list(data.notes),
        "seed": asked.seed,
    }
    write_validation(run, scores, city.stations, facts)
    return facts


def write_validation(
    run: Run, scores: "CityScores", places: gpd.GeoDataFrame, facts: Mapping[str, Any]
) -> None:
    """Write the files of a finished validation. places : the stations of the city."""
    from netspatial.evaluate.in_city_advice import advise  # noqa: PLC0415  torch is heavy

    for name, rows in ((SCORES, scores.rows), (COVERAGE, scores.coverage)):
        with atomic_file(run.path(name)) as draft:
            pd.DataFrame([asdict(row) for row in rows]).to_parquet(draft, index=False)
    stations = pd.DataFrame([asdict(row) for row in scores.stations])
    points = places.set_index(places["station_id"].astype(str)).geometry
    at = points.loc[stations["station_id"]].to_numpy()
    write_table(
        gpd.GeoDataFrame(stations, geometry=at, crs=places.crs),
        run.path(STATIONS),
        provenance(facts),
    )
    with atomic_file(run.path(ADVICE)) as draft:
        advice = asdict(advise(scores.rows, int(facts["stations"])))
        draft.write_text(json.dumps(advice, indent=2) + "\n")
