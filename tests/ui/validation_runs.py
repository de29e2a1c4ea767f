"""A made-up validation of the small city, without any model."""

from pathlib import Path

from netspatial.city.city import City
from netspatial.content import file_sha256
from netspatial.evaluate.in_city import OURS, OWN_RESIDUALS, ZERO_SHOT, CityScores, InCityRow
from netspatial.evaluate.in_city_stations import CoverageRow, StationRow
from netspatial.runs.jobs.manifest import RunProgress, StageRecord
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.validating import OUTPUTS, make_request, write_validation
from netspatial.runs.kinds.validation_result import KIND

CRPS = {OURS: 0.04, ZERO_SHOT: 0.05, OWN_RESIDUALS: 0.041, "nearest 4": 0.045, "kriging": 0.06}
FACTS = {
    "provenance": "generated",
    "attribution": ["made up for tests"],
    "licences": {},
    "generator": {
        "fingerprint": "formula",
        "name": "formula",
        "trained_on": "simulated",
        "licences": [],
    },
    "units": "MB",
    "stations": 6,
    "notes": [],
    "seed": 0,
}


def made_up_scores(city: City) -> CityScores:
    """Return scores in which the measured stations lower the error by 20 %."""
    ids = city.stations["station_id"].astype(str).tolist()
    scores = CityScores()
    for split, worse in (("random", 1.0), ("blocks", 1.2)):
        for model, crps in CRPS.items():
            held = None if model == "nearest 4" else 0.88
            scores.rows.append(
                InCityRow(
                    city.name, "same", split, "all", model, worse * crps, held, 0.5, 0.9, 0.1, 0.1
                )
            )
            if model not in (OURS, ZERO_SHOT):
                continue
            for k in range(1, 10):
                scores.coverage.append(CoverageRow(split, "all", model, k / 10, 0.95 * k / 10))
            for number, name in enumerate(ids):
                error = 0.2 * (number - 2.5) * worse
                scores.stations.append(
                    StationRow(name, split, "all", model, 100.0, 100.0, error, 1.0, 0.9)
                )
    return scores


def write_made_up_validation(city: City, folder: Path) -> Run:
    """Write a finished validation of the small city."""
    request = make_request(city, folds=2)
    run = Run.create(folder, KIND, request.model_dump(mode="json"))
    facts = {"city": {"name": city.name, "provenance": city.record.provenance}, **FACTS}
    write_validation(run, made_up_scores(city), city.stations, facts)
    written = {name: file_sha256(run.path(name)) for name in OUTPUTS}
    run.record_stage("validate", StageRecord(key="made up", seconds=1.0, outputs=written), facts)
    run.write_progress(RunProgress(state="finished"))
    return run
