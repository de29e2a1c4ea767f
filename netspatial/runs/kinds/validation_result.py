"""`ValidationRun`: the result of a validation in a city, read from its files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from typing_extensions import TypedDict

from netspatial.checked import as_kind, read_json
from netspatial.errors import BadInput
from netspatial.geoparquet import read_frame, read_places
from netspatial.runs.facts import ValidationFacts
from netspatial.runs.jobs.run import Run

KIND = "validate"
SCORES = "scores.parquet"
COVERAGE = "coverage.parquet"
STATIONS = "stations.parquet"
ADVICE = "advice.json"

OURS, ZERO_SHOT = "ours", "ours without measured"
"""Names of our estimate, and of that of the model alone, in the tables."""


class AdviceRecord(TypedDict):
    """What to do in the city.

    verdict  : use measured, fine-tune or too few stations; sentence : advice with its reason
    ranges   : whether the 90 % ranges are right
    gain     : CRPS lower than that of the model alone, per cent
    lead     : CRPS lower than that of the best baseline, per cent; baseline : its name
    rule     : by which the verdict is found
    """

    verdict: str
    sentence: str
    ranges: str
    gain: float
    lead: float
    baseline: str
    rule: str


@dataclass(frozen=True)
class ValidationRun:
    """A finished validation; files are read on access and cached.

    Attributes
    ----------
    run : Run
        The run's folder.
    """

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "ValidationRun":
        """Open a run with a finished validation.

        Parameters
        ----------
        folder : str or Path
            The run's folder.

        Returns
        -------
        ValidationRun
        """
        found = cls(Run.open(folder))
        if found.run.manifest.kind != KIND:
            raise BadInput(f"The run '{found.run.name}' is no validation of a city.")
        found.run.require_output(ADVICE, "validation")
        return found

    @cached_property
    def request(self) -> Mapping[str, Any]:
        """The request of the run: the fields of `ValidateRequest`."""
        return self.run.manifest.request

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Facts of the run: city, model, provenance, licences, unit, number of stations."""
        return as_kind(
            self.run.manifest.facts, ValidationFacts, f"What '{self.run.folder}' found out"
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per split, support and model, the best first.

        crps : over the 99.9 % quantile of the city's traffic; cov90 : share of the hours in the
        90 % range, NaN without one; level_r2 : R² of the log mean; weekly_r : median correlation of
        the weekly profiles; js, js_diff : JS distance of values and of hourly steps
        """
        rows = read_frame(self.run.made(SCORES, "table of scores"))
        return rows.sort_values(["split", "support", "crps"], ignore_index=True)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Nominal and observed coverage of the ranges, by split, support and model."""
        return read_frame(self.run.made(COVERAGE, "coverage of ranges"))

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """Held-out stations (EPSG:4326): measured and estimated mean, log error, coverage.

        By split and support, of our estimate and of that without measured stations.
        """
        return read_places(self.run.made(STATIONS, "table of stations"))

    @cached_property
    def advice(self) -> AdviceRecord:
        """What to do in this city, why, and the rule behind it."""
        return read_json(self.run.made(ADVICE, "advice"), AdviceRecord)

    def record(self) -> dict[str, Any]:
        """Return scores, coverage, stations and advice for JSON.

        Returns
        -------
        dict
            `rows`, `coverage` and `stations` as lists of records, and `advice`.
        """
        tables = {"rows": self.table, "coverage": self.coverage}
        return {
            "run": str(self.run.folder),
            **{name: json.loads(rows.to_json(orient="records")) for name, rows in tables.items()},
            "stations": json.loads(
                self.stations.drop(columns="geometry").to_json(orient="records")
            ),
            "advice": self.advice,
        }
